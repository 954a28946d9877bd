/** What can follow in a line of a conversation: a command at its beginning, an approval after those of the desk, a name of the network everywhere else. Pure. */

/** More names than this help nobody who looks at a terminal. */
const MOST_SHOWN = 60;

/** Answers what readline's `completer` answers: the candidates, and the part of the line that they would replace. */
export function completeLine(
  line: string,
  commands: readonly string[],
  names: readonly string[],
  approvals: readonly string[] = [],
): readonly [readonly string[], string] {
  const word = /\S*$/.exec(line)?.[0] ?? '';
  const onDesk = isOnDesk(line);
  const candidates = word.startsWith('/') && word === line ? commands : onDesk ? approvals : names;
  const begun = word.toLowerCase();
  // An empty word would be completed by the whole network.
  if (begun === '' && !onDesk) return [[], word];
  return [candidates.filter((one) => one.toLowerCase().startsWith(begun)).slice(0, MOST_SHOWN), word];
}

/** The word at hand is the approval that a command of the desk is about. */
export const isOnDesk = (line: string): boolean => /^\/(show|approve|reject)\s+\S*$/.test(line);
