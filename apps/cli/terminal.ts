/** How the command line speaks: data on stdout, talk on stderr, colours only for a person who wants them. */

export interface Terminal {
  /** Writes a line of data to stdout. */
  data(line: string): void;
  /** Writes a line of talk to stderr. */
  talk(line: string): void;
  /** True when stdin and stderr are a terminal: questions may be asked. */
  readonly interactive: boolean;
  /** Width of the terminal that stdout is; undefined where it is none, and lines are as long as they are. */
  readonly columns: number | undefined;
  readonly style: Style;
}

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

export interface TerminalSources {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly stdin: { readonly isTTY?: boolean };
  readonly env: { readonly [name: string]: string | undefined };
}

export function createTerminal(sources: TerminalSources): Terminal {
  // https://no-color.org: present and not empty, whatever the value. A file or pipe on either side gets plain text.
  const coloured =
    (sources.env['NO_COLOR'] ?? '') === '' && sources.stdout.isTTY === true && sources.stderr.isTTY === true;
  const paint = (code: number) => (text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    data: (line) => void sources.stdout.write(`${line}\n`),
    talk: (line) => void sources.stderr.write(`${line}\n`),
    // Asked each time: windows change.
    get columns() {
      return sources.stdout.isTTY === true ? sources.stdout.columns : undefined;
    },
    interactive: sources.stdin.isTTY === true && sources.stderr.isTTY === true,
    style: { bold: paint(1), dim: paint(2), red: paint(31), green: paint(32), yellow: paint(33), cyan: paint(36) },
  };
}

/**
 * Controls but tab and newline, and what reorders or hides text: bidirectional marks, zero width, line separators,
 * fillers, variation selectors and tags (Unicode 16 §23).
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\ufff9-\ufffb]|\p{Default_Ignorable_Code_Point}/gu;

/** Text of a device or a person is shown, never obeyed: control characters and escape sequences become `?`. */
export const printable = (text: string): string => text.replace(UNSAFE, '?');

/** The same on one line, for a row: a newline in it must not look like a row of ours. */
export const oneLine = (value: unknown): string => printable(String(value)).replace(/[\t\n]+/g, ' ');

/** JSON for a terminal: what `JSON.stringify` leaves raw although a terminal acts on it is escaped. */
export const printJson = (value: unknown): string =>
  JSON.stringify(value).replace(UNSAFE, (found) =>
    found.split('').reduce((escaped, unit) => `${escaped}\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`, ''),
  );

/** Left-aligned columns, two spaces apart; the last one is not padded. Cells are made printable here. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [header, ...rows].map((row) => row.map(oneLine));
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** Fewer columns than this cannot be helped. */
const LEAST_COLUMNS = 30;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
const COLOUR = /\u001b\[\d+m/g;

/** Columns that a line takes, colours aside. */
const widthOf = (line: string): number => line.replace(COLOUR, '').length;

/** A line broken between its words, what follows indented below its beginning by `indent`. Words stay whole: ids are copied. */
export function fold(line: string, columns: number | undefined, indent?: number): readonly string[] {
  if (columns === undefined || columns < LEAST_COLUMNS || widthOf(line) <= columns) return [line];
  const [margin = ''] = /^ */.exec(line.replace(COLOUR, '')) ?? [];
  const below = ' '.repeat(Math.min(indent ?? margin.length + 2, Math.floor(columns / 2)));
  const folded: string[] = [];
  let current = '';
  for (const [at, word] of line.split(/(?<=\S) /).entries()) {
    if (at === 0) current = word;
    else if (widthOf(current) + 1 + widthOf(word) <= columns) current += ` ${word}`;
    else {
      folded.push(current);
      current = below + word.trimStart();
    }
  }
  return [...folded, current];
}

/** Room that the last column of a table needs to be read. */
const LAST_COLUMN = 24;

/**
 * A table for the terminal at hand: its last column is folded where that is enough, else every row becomes a block of
 * lines with the names of the columns in front.
 */
export function layOut(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
): readonly string[] {
  const lines = table(header, rows);
  if (columns === undefined || lines.every((line) => line.length <= columns)) return lines;
  const before = header
    .slice(0, -1)
    .reduce((sum, name, at) => sum + Math.max(name.length, ...rows.map((row) => oneLine(row[at] ?? '').length)) + 2, 0);
  if (before + LAST_COLUMN <= columns) return lines.flatMap((line) => fold(line, columns, before));
  const label = Math.max(...header.map(({ length }) => length)) + 2;
  return rows.flatMap(([first = '', ...rest], at) => [
    ...(at === 0 ? [] : ['']),
    oneLine(first),
    ...rest.flatMap((cell, next) =>
      fold(`  ${(header[next + 1] ?? '').toLowerCase().padEnd(label)}${oneLine(cell)}`, columns, label + 2),
    ),
  ]);
}
