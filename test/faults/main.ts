/**
 * `npm run faults [-- --json]`: a change on a device of every persona and on every rung, which turns bad at every step, with
 * and without a lost connection there. Prints what each came to; exit code 20 when one says what is not true on the device.
 */
import { parseArgs } from 'node:util';
import { LADDER, type Ladder } from '../../broker/contract.ts';
import { NETCONF_PERSONAS } from '../../simulators/protocols/persona.ts';
import { type Case, type Cell, LINES, type Part, runCase, STEPS } from './lab.ts';

const LIED = 20;
const AT_ONCE = 8;

/** A device alone with everything that can happen to its connection, on each rung; two with what is not the same again. */
const PLAYED: readonly (Pick<Cell, 'line'> & { readonly ladder: Ladder; readonly part: Part })[] = [
  ...LADDER.flatMap((ladder) => LINES.map((line) => ({ ladder, part: 'alone', line }) as const)),
  ...(['canary', 'last'] as const).map((part) => ({ ladder: 'confirmed', part, line: 'kept' }) as const),
  { ladder: 'confirmed', part: 'last', line: 'lost after' },
];
const WHO = { alone: 'the only device', canary: 'the canary of two devices', last: 'the last of two devices' } as const;

const cellText = ({ outcome, code, resolved, lies }: Cell): string =>
  `${lies.length > 0 ? '✗ ' : ''}${outcome}${code === undefined ? '' : '!'}${resolved === undefined ? '' : `→${resolved}`}`;

function printTable(cells: readonly Cell[]): void {
  for (const { ladder, part, line } of PLAYED) {
    console.log(`\n${WHO[part]}, on the rung ${ladder}, connection ${line}`);
    const steps = STEPS[ladder].map(({ step }) => step);
    const rows = ['none', ...NETCONF_PERSONAS].map((persona) => [
      persona,
      ...steps.map((step) => {
        const cell = cells.find(
          (one) =>
            one.persona === persona &&
            one.step === step &&
            one.line === line &&
            one.part === part &&
            one.ladder === ladder,
        );
        return cell === undefined ? '' : cellText(cell);
      }),
    ]);
    const table = [['persona', ...steps], ...rows];
    const widths = ['persona', ...steps].map((_, index) => Math.max(...table.map((row) => row[index]?.length ?? 0)));
    for (const row of table) console.log(row.map((text, index) => text.padEnd(widths[index] ?? 0)).join('  '));
  }
  console.log(
    '\n→ what was found out when the device was well again; ! ROLLBACK_FAILED: blocked, and a human is paged',
  );
}

async function run(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const cases = PLAYED.flatMap(({ ladder, part, line }) =>
    (['none', ...NETCONF_PERSONAS] as const).flatMap((persona) =>
      STEPS[ladder].map(({ step }): Case => ({ persona, ladder, step, line, part })),
    ),
  );
  const cells: Cell[] = [];
  // Cells share nothing and mostly wait for sockets.
  for (let next = 0; next < cases.length; next += AT_ONCE)
    cells.push(...(await Promise.all(cases.slice(next, next + AT_ONCE).map(runCase))));
  const liars = cells.filter(({ lies }) => lies.length > 0);
  if (values.json) console.log(JSON.stringify({ cells, lies: liars.length }));
  else {
    printTable(cells);
    for (const { persona, ladder, step, line, part, lies, detail } of liars)
      console.log(`✗ ${persona} (${part}, ${ladder}) at ${step}, connection ${line}: ${lies.join('; ')} (${detail})`);
    console.log(`${cells.length} cells, ${liars.length} say what is not true`);
  }
  return liars.length === 0 ? 0 : LIED;
}

process.exitCode = await run();
