/** A read waits for a broker that is away for a moment; a change, and what is refused, is sent once. */
import { expect, it } from 'vitest';
import { BrokerRefusal } from '../../../agents/broker/broker-client.ts';
import { repeatReads } from '../../../agents/broker/repeat-reads.ts';
import type { Answer } from '../../../broker/contract.ts';
import { TOOLS } from '../../../tools/registry.ts';

const DONE: Answer = { status: 'done', intent: 'int_1', evidence: [] };
const away = (seconds?: number): BrokerRefusal => new BrokerRefusal('UNAVAILABLE', 'away', '', seconds);

function lab(failures: readonly Error[]) {
  const left = [...failures];
  const seen = { calls: 0, pauses: [] as number[] };
  const call = repeatReads(
    async () => {
      seen.calls += 1;
      const failure = left.shift();
      if (failure !== undefined) throw failure;
      return DONE;
    },
    async (ms) => void seen.pauses.push(ms),
  );
  const ask = (tool: string) =>
    call({ agent: 'health-monitor', schedule: 'sch_1' }, 'diagnostics', tool, { input: {}, purpose: 'sch_1' });
  const askForSomebody = (tool: string) =>
    call({ agent: 'troubleshooter', humanToken: 'token' }, 'diagnostics', tool, { input: {}, purpose: 'chat:1' });
  return { seen, ask, askForSomebody };
}

it('asks again for a read, after the time that the broker names or its own', async () => {
  const { seen, ask } = lab([away(), away(1), away(3_600)]);
  expect(await ask('bgp.read')).toEqual(DONE);
  expect(seen).toEqual({ calls: 4, pauses: [500, 1_000, 5_000] });
});

it('gives up after the third time', async () => {
  const { seen, ask } = lab([away(), away(), away(), away()]);
  await expect(ask('bgp.read')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(seen.calls).toBe(4);
});

it('never sends a change, a probe or what is unknown a second time, and no refusal', async () => {
  const others = TOOLS.filter(({ effect }) => effect !== 'read').map(({ name }) => name);
  expect(others.length).toBeGreaterThan(10);
  for (const tool of [...others, 'of.somebody-else']) {
    const { seen, ask } = lab([away()]);
    await expect(ask(tool)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect([tool, seen.calls]).toEqual([tool, 1]);
  }
  const { seen, ask } = lab([new BrokerRefusal('DENIED', 'no')]);
  await expect(ask('bgp.read')).rejects.toMatchObject({ code: 'DENIED' });
  expect(seen.calls).toBe(1);
});

it('waits with what a person asked until it is no longer too much at once; a schedule does so itself', async () => {
  const limited = (seconds?: number) => new BrokerRefusal('LIMITED', 'Too much at once', '', seconds);
  for (const tool of ['bgp.read', 'probe.tcp']) {
    const { seen, askForSomebody } = lab([limited(1), limited(2)]);
    expect(await askForSomebody(tool)).toEqual(DONE);
    expect(seen).toEqual({ calls: 3, pauses: [1_000, 2_000] });
  }
  const errand = lab([limited(1)]);
  await expect(errand.ask('bgp.read')).rejects.toMatchObject({ code: 'LIMITED' });
  for (const [tool, failure] of [
    ['bgp.read', limited()],
    ['bgp.set-local-as', limited(1)],
  ] as const) {
    const { seen, askForSomebody } = lab([failure]);
    await expect(askForSomebody(tool)).rejects.toMatchObject({ code: 'LIMITED' });
    expect(seen.calls).toBe(1);
  }
});
