/**
 * `npm run faults [-- --json]`: a change on a device of every persona, which turns bad at every step, with and without a
 * lost connection there. Prints what each came to; exit code 20 when one says what is not true on the device.
 */
import { parseArgs } from 'node:util';
import { NETCONF_PERSONAS } from '../../simulators/protocols/persona.ts';
import { type Cell, LINES, runCase, STEPS } from './lab.ts';

const LIED = 20;

const cellText = ({ outcome, code, resolved, lies }: Cell): string =>
  `${lies.length > 0 ? '✗ ' : ''}${outcome}${code === undefined ? '' : '!'}${resolved === undefined ? '' : `→${resolved}`}`;

function printTable(cells: readonly Cell[]): void {
  for (const line of LINES) {
    console.log(`\nconnection ${line}`);
    const rows = ['none', ...NETCONF_PERSONAS].map((persona) => [
      persona,
      ...STEPS.map(({ step }) => {
        const cell = cells.find((one) => one.persona === persona && one.step === step && one.line === line);
        return cell === undefined ? '' : cellText(cell);
      }),
    ]);
    const table = [['persona', ...STEPS.map(({ step }) => step)], ...rows];
    const widths = STEPS.map((_, index) => Math.max(...table.map((row) => row[index]?.length ?? 0)));
    for (const row of table) console.log(row.map((text, index) => text.padEnd(widths[index] ?? 0)).join('  '));
  }
  console.log(
    '\n→ what was found out when the device was well again; ! ROLLBACK_FAILED: blocked, and a human is paged',
  );
}

async function run(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const cells: Cell[] = [];
  for (const line of LINES)
    for (const persona of ['none', ...NETCONF_PERSONAS] as const)
      for (const { step } of STEPS) cells.push(await runCase({ persona, step, line }));
  const liars = cells.filter(({ lies }) => lies.length > 0);
  if (values.json) console.log(JSON.stringify({ cells, lies: liars.length }));
  else {
    printTable(cells);
    for (const { persona, step, line, lies, detail } of liars)
      console.log(`✗ ${persona} at ${step}, connection ${line}: ${lies.join('; ')} (${detail})`);
    console.log(`${cells.length} cells, ${liars.length} say what is not true`);
  }
  return liars.length === 0 ? 0 : LIED;
}

process.exitCode = await run();
