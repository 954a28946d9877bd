/** How the command line speaks: data on stdout, talk on stderr, colours only for a person who wants them. */

export interface Terminal {
  /** Writes a line of data to stdout. */
  data(line: string): void;
  /** Writes a line of talk to stderr. */
  talk(line: string): void;
  /** True when stdin and stderr are a terminal: questions may be asked. */
  readonly interactive: boolean;
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
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly stdin: { readonly isTTY?: boolean };
  readonly env: { readonly [name: string]: string | undefined };
}

export function createTerminal(sources: TerminalSources): Terminal {
  // https://no-color.org: present and not empty, whatever the value.
  const coloured = (sources.env['NO_COLOR'] ?? '') === '' && sources.stderr.isTTY === true;
  const paint = (code: number) => (text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    data: (line) => void sources.stdout.write(`${line}\n`),
    talk: (line) => void sources.stderr.write(`${line}\n`),
    interactive: sources.stdin.isTTY === true && sources.stderr.isTTY === true,
    style: { bold: paint(1), dim: paint(2), red: paint(31), green: paint(32), yellow: paint(33), cyan: paint(36) },
  };
}

/** Text of a device or a person is shown, never obeyed: control characters and escape sequences become `?`. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '?');
}

/** Left-aligned columns, two spaces apart; the last one is not padded. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
