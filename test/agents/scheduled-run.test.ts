/** A run of a schedule: one specialist with the schedule's own rights and purpose, within its budget. */
import { expect, it } from 'vitest';
import type { Delegation } from '../../agents/broker/broker-client.ts';
import type { DueSchedule } from '../../agents/broker/worker-client.ts';
import { isForesight } from '../../agents/health-monitor/foresee.ts';
import { createIds } from '../../agents/ids.ts';
import { routeText } from '../../agents/router/route.ts';
import { QUESTIONS, runSchedule } from '../../agents/scheduled-run.ts';
import type { CallArguments, Evidence } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { describeTopology } from '../../scenarios/describe-topology.ts';
import { loadTopology } from '../../simulators/topologies/load-topology.ts';

const SCHEDULE: DueSchedule = {
  ...{ id: 'sch_night', tenant: 'acme', owner: 'operator@acme', agent: 'health-monitor', title: 'nightly' },
  ...{ when: { cron: '0 3 * * *', timeZone: 'UTC' }, missed: 'once', budget: { calls: 10, minutes: 1 } },
  ...{ by: 'tenant', spreadMinutes: 0 },
};

/** A broker that knows nothing of the network, which is enough to see who asks and for what. */
async function play(
  schedule: DueSchedule,
  more: { goOn?: () => boolean; stepMs?: number; refuse?: string; evidence?: readonly Evidence[] } = {},
) {
  const asked: { readonly as: Delegation; readonly tool: string; readonly args: CallArguments }[] = [];
  let now = 0;
  const outcome = await runSchedule(
    {
      client: {
        async callTool(as, _domain, tool, args) {
          asked.push({ as, tool, args });
          now += more.stepMs ?? 0;
          if (more.refuse !== undefined) throw new WayleaveError('UNAUTHENTICATED', more.refuse);
          return { status: 'done', intent: 'int_12345678', evidence: more.evidence ?? [] };
        },
      },
      ids: createIds(),
      now: () => now,
      onCall: more.goOn ?? (() => true),
      pause: async (ms) => {
        now += ms;
      },
    },
    schedule,
    'run_1',
  );
  return { asked, outcome };
}

it('asks each specialist in words that lead to it', () => {
  const inventory = describeTopology(loadTopology('refnet:m', { tenant: 'acme', seed: 1, tenantIndex: 0 }));
  const words = Object.entries(QUESTIONS);
  expect(words.length).toBe(4);
  for (const [agent, question] of words)
    expect(routeText(question, inventory, { before: undefined, now: 0 }).map((one) => one.agent)).toEqual([agent]);
});

it('calls as the agent of the schedule alone, for the schedule as its purpose', async () => {
  const { asked } = await play(SCHEDULE);
  expect(asked.length).toBeGreaterThan(0);
  for (const { as, args } of asked) {
    expect(as).toEqual({ agent: 'health-monitor', schedule: 'sch_night' });
    expect(args.purpose).toBe('sch_night');
  }
});

it('ends when its calls or its minutes are used up, or nobody waits for it', async () => {
  expect((await play({ ...SCHEDULE, budget: { calls: 1, minutes: 1 } })).asked).toHaveLength(1);
  expect((await play(SCHEDULE, { stepMs: 60_000 })).asked).toHaveLength(1);
  const { asked, outcome } = await play(SCHEDULE, { goOn: () => false });
  expect(asked).toEqual([]);
  expect(outcome.failure).toMatchObject({ code: 'UNAUTHENTICATED' });
});

it('fails with what the broker said, and as an agent that runs by no schedule', async () => {
  expect((await play(SCHEDULE, { refuse: 'The owner is gone.' })).outcome.failure).toMatchObject({
    code: 'UNAUTHENTICATED',
  });
  expect((await play({ ...SCHEDULE, agent: 'troubleshooter' })).outcome.failure).toMatchObject({ code: 'USAGE' });
});

const record = (signal: string, value: Evidence['value']): Evidence => ({
  ...{ id: `evd_${signal}`, tenant: 'acme', resource: 'audit/checkpoint', signal, value, source: 'records' },
  ...{ observedAt: '', collectedAt: '', intent: 'int_1' },
});

it('keeps the checkpoint of the log by one call, and finds one that nobody countersigned', async () => {
  const schedule: DueSchedule = { ...SCHEDULE, agent: 'compliance-auditor', work: 'checkpoint' };
  const evidence = (witnessed: boolean): readonly Evidence[] => [
    ...[record('audit.checkpoint.size', 42), record('audit.checkpoint.root', 'AAAA=')],
    ...[record('audit.checkpoint.witnessed', witnessed), record('audit.checkpoint.note', 'wayleave-audit …')],
  ];
  const { asked, outcome } = await play(schedule, { evidence: evidence(true) });
  expect(asked).toMatchObject([
    {
      as: { agent: 'compliance-auditor', schedule: 'sch_night' },
      ...{ tool: 'audit.read', args: { input: { last: 1, checkpoint: true }, purpose: 'sch_night' } },
    },
  ]);
  expect(outcome).toMatchObject({ calls: 1, findings: [] });
  expect(outcome.said).toBe('42 entries, root AAAA=, countersigned by the witness; kept as evd_audit.checkpoint.note');
  expect((await play(schedule, { evidence: evidence(false) })).outcome.findings).toHaveLength(1);
  expect((await play(schedule, { refuse: 'no' })).outcome.failure).toMatchObject({ code: 'UNAUTHENTICATED' });
});

it('carries retention out by one call, within its budget', async () => {
  const schedule: DueSchedule = { ...SCHEDULE, work: 'retention' };
  const numbers = { days: 7, hourlyDays: 400, summarised: 3, dropped: 1, deleted: 0 };
  const evidence = Object.entries(numbers).map(([name, value]) => record(`telemetry.${name}`, value));
  const { asked, outcome } = await play(schedule, { evidence });
  expect(asked).toMatchObject([
    { tool: 'telemetry.read', args: { input: { kind: 'retention', resource: 'network' } } },
  ]);
  expect(outcome.said).toBe(
    'Readings and events are kept for 7 days, hours for 400. Summarised 3 hours, dropped 1 partitions and 0 rows.',
  );
  expect((await play({ ...schedule, budget: { calls: 0, minutes: 1 } })).outcome.failure).toMatchObject({
    code: 'LIMITED',
  });
});

it('tells of a forecast what is to come and nothing else', async () => {
  const { outcome } = await play({ ...SCHEDULE, work: 'forecast' });
  expect(outcome.said).toBe(
    'No certificate ends soon, and no capacity will be used up in the time that can be foreseen.',
  );
  const lines = ['node/br1_edge: its certificate ends in 9 days', 'if.util_pct is 70 % and will reach 90 % in 4 days'];
  expect([...lines, 'tunnel down', 'cpu is 40 %, it usually is 5 %'].filter(isForesight)).toEqual(lines);
});
