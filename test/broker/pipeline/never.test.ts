/** Random stories of one change: whatever is done in whatever order, nothing is executed that was not approved, and nothing twice. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WayleaveError } from '../../../broker/errors.ts';
import { AGENT, type Bench, createBench, OPERATOR, RIGHT_AS } from './bench.ts';

type Step = (bench: Bench) => Promise<unknown>;
const latest = async (bench: Bench): Promise<string> => (await bench.approvals.list('acme')).at(-1)?.id ?? 'apr_none';

const STEPS: { readonly [name: string]: Step } = {
  call: (bench) => bench.change(),
  callTwice: (bench) => Promise.allSettled([bench.change(), bench.change()]),
  callOtherContent: (bench) => bench.change(OPERATOR, { input: { localAs: RIGHT_AS + 7 } }),
  callOtherKey: (bench) => bench.change(OPERATOR, { intent: 'int_bbbbbbbb' }),
  callAsAgent: (bench) => bench.change(AGENT),
  callAsOther: (bench) => bench.change({ human: 'second@acme' }),
  approve: async (bench) => bench.vote('admin@acme', await latest(bench)),
  approveOneself: async (bench) => bench.vote('operator@acme', await latest(bench)),
  reject: async (bench) => bench.vote('admin2@acme', await latest(bench), 'reject', 'no'),
  loseRole: async (bench) => bench.turn.roles.set('admin@acme', ['tenant-operator']),
  giveRole: async (bench) => bench.turn.roles.set('admin@acme', ['tenant-admin']),
  newPolicy: async (bench) => {
    bench.turn.revision = `${bench.turn.revision}+`;
  },
  drift: async (bench) => {
    const ref = { tenant: 'acme', device: 'br2_edge' };
    const config = bench.network.config(ref);
    const interfaces = config.interfaces.map((port) => ({ ...port, description: `${port.description ?? ''}.` }));
    bench.network.commit(ref, { ...config, interfaces }, 'somebody');
  },
  wait: async (bench) => bench.advance(6 * 60_000),
  loseLog: async (bench) => {
    bench.turn.failAudit = (entry) => entry.kind === 'outcome' || entry.kind === 'execute';
  },
  findLog: async (bench) => {
    bench.turn.failAudit = () => false;
  },
  loseDevice: async (bench) => {
    bench.turn.silent.add('acme/br2_edge');
  },
  findDevice: async (bench) => {
    bench.turn.silent.clear();
  },
  recover: (bench) => bench.recover(),
};

it('executes nothing without a matching approval, nothing twice, and ends in what the device holds', {
  timeout: 120_000,
}, async () => {
  const likely = ['call', 'call', 'call', 'approve', 'approve'];
  let executions = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...Object.keys(STEPS), ...likely), { minLength: 3, maxLength: 14 }),
      async (story) => {
        const bench = await createBench();
        bench.inject();
        const device = bench.device('acme', 'br2_edge');
        for (const name of story) {
          const before = device.commits.length;
          const good = (await bench.approvals.list('acme')).filter((one) => one.status === 'approved');
          await STEPS[name]?.(bench).catch((error: unknown) => {
            if (!(error instanceof WayleaveError)) throw error;
          });
          const spent = await Promise.all(good.map((one) => bench.approvals.get('acme', one.id)));
          const consumed = spent.flatMap((one) => (one?.status === 'consumed' ? [one] : []));
          if (name !== 'recover') {
            // One commit for one approval that was good a moment ago and is used up now.
            expect(device.commits.length - before).toBeLessThanOrEqual(consumed.length);
            executions += device.commits.length - before;
          }
          for (const approval of consumed) {
            const yes = approval.votes.filter(
              (vote) => vote.verdict === 'approve' && vote.human !== approval.requester.human,
            );
            expect(yes.length).toBeGreaterThanOrEqual(approval.needed.count);
            const receipt = (await bench.journal.find('acme', approval.intent.id))?.receipt;
            if (receipt !== undefined) expect(receipt.intent.digest).toBe(approval.intent.digest);
          }
        }
        bench.turn.failAudit = () => false;
        bench.turn.silent.clear();
        await bench.recover();
        expect(await bench.journal.unfinished()).toEqual([]);
        // Of every intent the log has one digest, and its last word is the receipt's.
        const entries = await bench.entries();
        for (const { receipt } of await bench.journal.changes('acme', 100)) {
          const own = entries.filter((one) => one.intent === receipt.intent.id && one.content['digest'] !== undefined);
          expect(new Set(own.map((one) => one.content['digest']))).toEqual(new Set([receipt.intent.digest]));
          expect(own.filter((one) => one.kind === 'outcome').at(-1)?.content['outcome']).toBe(receipt.outcome);
          expect(own.some((one) => one.kind === 'execute')).toBe(true);
        }
      },
    ),
    { numRuns: 80, seed: 11 },
  );
  expect(executions).toBeGreaterThan(5);
});
