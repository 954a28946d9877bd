/** A run of a schedule: one specialist with the schedule's own rights and purpose, within its budget. */
import { expect, it } from 'vitest';
import type { Delegation } from '../../agents/broker/broker-client.ts';
import type { DueSchedule } from '../../agents/broker/worker-client.ts';
import { createIds } from '../../agents/ids.ts';
import { routeText } from '../../agents/router/route.ts';
import { QUESTIONS, runSchedule } from '../../agents/scheduled-run.ts';
import type { CallArguments } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { describeTopology } from '../../scenarios/describe-topology.ts';
import { loadTopology } from '../../simulators/topologies/load-topology.ts';

const SCHEDULE: DueSchedule = {
  ...{ id: 'sch_night', tenant: 'acme', owner: 'operator@acme', agent: 'health-monitor', title: 'nightly' },
  ...{ when: { cron: '0 3 * * *', timeZone: 'UTC' }, missed: 'once', budget: { calls: 10, minutes: 1 } },
  ...{ by: 'tenant', spreadMinutes: 0 },
};

/** A broker that knows nothing of the network, which is enough to see who asks and for what. */
async function play(schedule: DueSchedule, more: { goOn?: () => boolean; stepMs?: number; refuse?: string } = {}) {
  const asked: { readonly as: Delegation; readonly tool: string; readonly args: CallArguments }[] = [];
  let now = 0;
  const outcome = await runSchedule(
    {
      client: {
        async callTool(as, _domain, tool, args) {
          asked.push({ as, tool, args });
          now += more.stepMs ?? 0;
          if (more.refuse !== undefined) throw new WayleaveError('UNAUTHENTICATED', more.refuse);
          return { status: 'done', intent: 'int_12345678', evidence: [] };
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
