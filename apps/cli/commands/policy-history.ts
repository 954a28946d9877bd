/** `wayleave policy replay|observe report`: what other policies would have decided of what was really asked, from the audit log. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { StoredAuditEntry } from '../../../broker/ports.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { readLogSize } from '../read-log.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';

const DIFFERENCE = 20;
const PAGE = 1000;
const SECONDS = { m: 60, h: 3600, d: 86_400 } as const;
const since = z
  .string()
  .regex(/^[1-9]\d{0,3}[mhd]$/, 'give a time like 30m, 24h or 7d')
  .transform((text) => Number.parseInt(text, 10) * SECONDS[text.slice(-1) as keyof typeof SECONDS] * 1000);
const replayForm = asForm.extend({
  candidate: z.string(),
  narrow: z.string().optional(),
  last: z.coerce.number().int().min(1).max(1_000_000).default(1000),
});
const reportForm = asForm.extend({ since: since.prefault('7d') });

export function definePolicyHistory(policy: Command, act: Act): void {
  withAs(policy.command('replay'))
    .description('Decide the last decisions of the log again by other policies, and show what differs')
    .requiredOption('--candidate <folder>', 'Folder of *.cedar files, and bundle.yaml if there is one')
    .option('--narrow <folder>', 'Folder of *.cedar files by which the tenant forbids more')
    .option('--last <count>', 'How many decisions, the latest (1000)')
    .action(act(replayForm, replay));
  const observe = policy
    .command('observe')
    .helpCommand(false)
    .description('What policies in observe mode would have done');
  withAs(observe.command('report', { isDefault: true }))
    .description('Decisions that would have been others, by policy, tool and agent')
    .option('--since <time>', 'How far back, e.g. 24h (7d)')
    .action(act(reportForm, report));
}

type Log = Parameters<typeof readLogSize>[0];

/** Entries of the log, the newest first. */
async function* readBack(log: Log): AsyncGenerator<StoredAuditEntry> {
  for (let end = await readLogSize(log); end > 0; end -= PAGE) {
    const from = Math.max(0, end - PAGE);
    const page = await log.auditEntries(from, end - from);
    yield* page.filter(({ index }) => index < end).toReversed();
  }
}

export async function replay(cli: Cli, options: z.infer<typeof replayForm>): Promise<number> {
  const { hasDecision, readDecision } = await import('../../../broker/policy/recorded-request.ts');
  const { describeVerdict, sameVerdict } = await import('../../../broker/policy/observe.ts');
  const { control } = await cli.person(options.as);
  const judge = await openCandidate(options.candidate, options.narrow);
  const differences = [];
  let [decided, skipped] = [0, 0];
  for await (const entry of readBack(control)) {
    if (!hasDecision(entry)) continue;
    const known = readDecision(entry);
    // What somebody granted, and what was too long to be kept whole, says nothing about policies.
    if (known === undefined || known.granted) skipped += 1;
    else {
      decided += 1;
      const verdict = judge(known.request);
      const would = describeVerdict(verdict);
      if (!sameVerdict(known.decided, would)) {
        const { index, at, policies, request } = known;
        const { human, agent } = request.subject;
        const who = { human, ...(agent === undefined ? {} : { agent }), tool: request.tool.name };
        differences.push({
          ...{ index, at, ...who, was: { ...known.decided, policies } },
          would: { ...would, policies: verdict.policies, reasons: verdict.reasons },
        });
      }
    }
    if (decided >= options.last) break;
  }
  const found = { decided, skipped, differences };
  if (cli.json) cli.emit(found);
  else {
    const tell = ({ effect, obligations }: { effect: string; obligations: readonly string[] }): string =>
      [effect, ...obligations].join(', ');
    const rows = differences.map(({ index, human, agent, tool, was, would }) => [
      ...[String(index), agent === undefined ? oneLine(human) : `${agent} for ${oneLine(human)}`, oneLine(tool)],
      ...[tell(was), tell(would), would.policies.join(',') || '-'],
    ]);
    if (rows.length > 0) printRows(cli, [], ['ENTRY', 'WHO', 'TOOL', 'WAS', 'WOULD BE', 'BECAUSE OF'], rows);
    cli.terminal.data(`${decided} decisions again, ${differences.length} differ, ${skipped} cannot be decided again`);
  }
  return differences.length === 0 ? 0 : DIFFERENCE;
}

/** Only what decides: what the candidate observes is left out. */
async function openCandidate(folder: string, narrow?: string) {
  const { openWorkbench } = await import('../../compose/policy-workbench.ts');
  const { loadRules } = await import('../../../broker/policy-bundles/load-bundle.ts');
  const { createJudge } = await import('../../../broker/policy/judge.ts');
  const [bench, rules] = [await openWorkbench(folder, narrow), await loadRules(folder)];
  const deciding = bench.policies.filter(({ id }) => !rules.observe.includes(id));
  return createJudge(deciding, bench.schema, rules.approvals.least);
}

export async function report(cli: Cli, options: z.infer<typeof reportForm>): Promise<number> {
  const { hasDecision, readObserved } = await import('../../../broker/policy/recorded-request.ts');
  const { control } = await cli.person(options.as);
  const from = cli.now() - options.since;
  const groups = new Map<
    string,
    { policy: string; tool: string; agent: string; was: string; would: string; count: number; last: number }
  >();
  let decisions = 0;
  for await (const entry of readBack(control)) {
    if (Date.parse(entry.at) < from) break;
    if (!hasDecision(entry)) continue;
    decisions += 1;
    for (const { policy, effect, obligations } of readObserved(entry)) {
      const [tool, agent] = [entry.tool ?? '-', entry.agent ?? '-'];
      const was = typeof entry.content['decision'] === 'string' ? entry.content['decision'] : '-';
      const would = [effect, ...obligations].join(', ');
      const key = JSON.stringify([policy, tool, agent, was, would]);
      const known = groups.get(key) ?? { policy, tool, agent, was, would, count: 0, last: entry.index };
      groups.set(key, { ...known, count: known.count + 1 });
    }
  }
  const found = [...groups.values()].toSorted((a, b) => b.count - a.count);
  const rows = found.map(({ policy, tool, agent, was, would, count, last }) => [
    ...[oneLine(policy), oneLine(tool), oneLine(agent), was, oneLine(would), String(count), String(last)],
  ]);
  if (cli.json) cli.emit({ decisions, since: new Date(from).toISOString(), differences: found });
  else {
    if (rows.length > 0)
      printRows(cli, [], ['POLICY', 'TOOL', 'AGENT', 'WAS', 'WOULD BE', 'TIMES', 'LAST ENTRY'], rows);
    cli.terminal.data(
      `${decisions} decisions, ${found.reduce((sum, { count }) => sum + count, 0)} would have been others`,
    );
  }
  return 0;
}
