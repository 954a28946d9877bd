/** Brings text into the form in which it is compared: what differs only in case, spaces, punctuation or width is the same. */

/** Letters and digits only, lower case, compatibility forms folded (Unicode NFKC). */
export const squash = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Words, squashed: what stands between spaces, quotes, brackets, commas and equals signs. */
export const wordsOf = (text: string): readonly string[] =>
  text
    .normalize('NFKC')
    .split(/[\s"'`<>()[\]{},;=|]+/u)
    .map((word) => squash(word))
    .filter((word) => word !== '');

/** Runs of letters and digits below which a text is a name, a state or a number, and no prose that could say something. */
const PROSE_RUNS = 3;
const PROSE_LENGTH = 12;

/** Whether a text can carry a message: three words at least, however they are joined, or one very long one. */
export function isProse(text: string): boolean {
  const runs = text.normalize('NFKC').match(/[\p{L}\p{N}]+/gu) ?? [];
  const length = runs.reduce((sum, run) => sum + run.length, 0);
  return length >= 2 * PROSE_LENGTH || (runs.length >= PROSE_RUNS && length >= PROSE_LENGTH);
}

/** The texts in a value: those between the tags of XML, one a line else. */
export const textsIn = (value: string): readonly string[] =>
  value
    .split(/<[^>]{0,500}>|\n/u)
    .map((text) => text.trim())
    .filter((text) => isProse(text));
