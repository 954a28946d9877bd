/** `wayleave risk`: how risky who acts is taken to be, of what that is made, and the proof that it is what the audit log says. */
import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import type { z } from 'zod';
import type { RiskView } from '../../../broker/risk/risk-ledger.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';

/** Entries of one request. */
const PAGE = 1000;
/** Score and what the log says differ. */
const DIFFERENT = 20;

export function defineRisk(program: Command, act: Act): void {
  const risk = program
    .command('risk')
    .helpCommand(false)
    .description('See the risk of who acts, its baselines, and play it back from the audit log')
    .addHelpText(
      'after',
      `
Examples:
  wayleave risk show --as admin@acme
  wayleave risk replay --as auditor@acme     exit code 20 when the log gives another score`,
    );
  withAs(risk.command('show', { isDefault: true }))
    .description(
      'Show scores with what they are made of, and the baselines: your own, or the tenant with a role for it',
    )
    .action(act(asForm, showRisk));
  withAs(risk.command('replay'))
    .description('Compute the scores anew from the audit log, and compare')
    .action(act(asForm, replayRisk));
}

const nameOf = ({ human, agent }: RiskView): string => oneLine(agent === undefined ? human : `${human} via ${agent}`);

export async function showRisk(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const overview = await control.risk();
  if (cli.json) {
    cli.emit(overview);
    return 0;
  }
  printRows(
    cli,
    overview.people,
    ['WHO', 'SCORE', 'BAND', 'POINTS', 'WHY'],
    overview.people.flatMap((one) =>
      one.contributions.length === 0
        ? [[nameOf(one), String(one.score), one.band, '', '']]
        : one.contributions.map(({ points, why }, at) =>
            at === 0
              ? [nameOf(one), String(one.score), one.band, String(points), oneLine(why)]
              : ['', '', '', String(points), oneLine(why)],
          ),
    ),
  );
  for (const profile of overview.profiles) {
    const { agent = 'people', purpose, mature, sessions, calls, rate, spread, devices } = profile;
    const counts = `${sessions} sessions, ${calls} calls, ${devices} devices, at most ${rate} calls a minute and ${spread} devices an hour`;
    cli.terminal.data(`baseline ${agent}/${purpose}: ${counts}${mature ? '' : ' (not held against anybody yet)'}`);
  }
  return 0;
}

export async function replayRisk(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const { at, tenant, people } = await control.risk();
  // Only here: no other command computes what the broker does.
  const { createStanding } = await import('../../../broker/risk/standing.ts');
  const { createRiskLedger } = await import('../../../broker/risk/risk-ledger.ts');
  const standing = createStanding();
  let entries = 0;
  let bands = 0;
  for (let from = 0; ; ) {
    const page = await control.auditEntries(from, PAGE);
    for (const entry of page) {
      if (Date.parse(entry.at) > Date.parse(at)) continue;
      entries += 1;
      bands += standing.apply(entry).length;
    }
    const last = page.at(-1);
    if (last === undefined) break;
    from = last.index + 1;
    if (cli.interrupted.aborted) break;
  }
  const replayed = createRiskLedger(standing, { now: () => Date.parse(at) }).people(tenant);
  // As they came over HTTP.
  const same = isDeepStrictEqual(JSON.parse(JSON.stringify(replayed)), JSON.parse(JSON.stringify(people)));
  if (cli.json) cli.emit({ same, at, entries, bands, people, replayed });
  else {
    const scores = replayed.map((one) => [nameOf(one), String(one.score), scoreOf(people, one)]);
    printRows(cli, replayed, ['WHO', 'FROM THE LOG', 'IN FORCE'], scores);
    cli.terminal.data(
      `${entries} entries, ${bands} changes of band: ${same ? 'the same scores' : 'the scores differ'}.`,
    );
  }
  return same ? 0 : DIFFERENT;
}

const scoreOf = (people: readonly RiskView[], { human, agent }: RiskView): string =>
  String(people.find((one) => one.human === human && one.agent === agent)?.score ?? 0);
