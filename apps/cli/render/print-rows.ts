/** Prints a list: as one JSON array, as a table, or as the remark that it is empty. */
import type { Cli } from '../io.ts';
import { layOut } from '../terminal.ts';

export function printRows(
  cli: Cli,
  values: readonly unknown[],
  header: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  if (cli.json) cli.emit(values);
  else if (rows.length === 0) cli.terminal.talk('Nothing there.');
  else for (const line of layOut(header, rows, cli.terminal.columns)) cli.terminal.data(line);
}
