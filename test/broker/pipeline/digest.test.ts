/** Whatever is asked, the same digest stands at the decision, the approval, each vote, the execution, the outcome and the receipt, and it is that of the intent. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { intentDigest } from '../../../broker/digest.ts';
import { AGENT, createBench, OPERATOR, outcomeOf, RIGHT_AS } from './bench.ts';

const wanted = fc.record({
  input: fc.oneof(fc.constant({ localAs: RIGHT_AS }), fc.record({ localAs: fc.integer({ min: 64_512, max: 65_534 }) })),
  purpose: fc.constantFrom('chat:1', 'chat:2', 'inc_000000000001'),
  intent: fc.stringMatching(/^int_[a-z0-9]{12}$/),
});

const REPAIR = { input: { localAs: RIGHT_AS }, purpose: 'chat:1', intent: 'int_repairrepair' };

it('is one digest from the decision to the receipt', { timeout: 120_000 }, async () => {
  let executed = 0;
  await fc.assert(
    fc.asyncProperty(wanted, fc.boolean(), fc.boolean(), async (args, byAgent, altered) => {
      const bench = await createBench();
      bench.inject();
      const caller = byAgent ? AGENT : OPERATOR;
      const asked = await outcomeOf(bench.change(caller, args));
      const [approval] = await bench.approvals.list('acme');
      expect(asked === 'pending').toBe(approval !== undefined);
      if (approval === undefined) return;
      const { digest, ...content } = approval.intent;
      expect(intentDigest(content)).toBe(digest);
      await bench.vote('admin@acme', approval.id);
      // The same id with other content is not what was approved, and what was approved stays what it is.
      if (altered) {
        const other = { ...args, input: { localAs: args.input.localAs === RIGHT_AS ? 64_999 : RIGHT_AS } };
        expect(['CONFLICT', 'DRIFT', 'DENIED', 'INTENT_CONFLICT']).toContain(
          await outcomeOf(bench.change(caller, other)),
        );
      }
      const outcome = await outcomeOf(bench.change(caller, args));
      const receipt = (await bench.journal.find('acme', approval.intent.id))?.receipt;
      if (outcome === 'succeeded') {
        executed += 1;
        expect(receipt?.intent).toEqual(approval.intent);
      }
      const entries = (await bench.entries()).filter(
        (entry) =>
          entry.intent === approval.intent.id &&
          ['pending', 'approval.vote', 'execute', 'outcome'].includes(entry.kind),
      );
      expect(new Set(entries.map((entry) => entry.content['digest']))).toEqual(new Set([digest]));
      if (outcome === 'succeeded')
        expect(new Set(entries.map(({ kind }) => kind))).toEqual(
          new Set(['pending', 'approval.vote', 'execute', 'outcome']),
        );
    }),
    {
      numRuns: 12,
      examples: [true, false]
        .flatMap((byAgent) => [true, false].map((altered) => [REPAIR, byAgent, altered] as const))
        .map((one) => [...one]),
    },
  );
  expect(executed).toBeGreaterThan(3);
});
