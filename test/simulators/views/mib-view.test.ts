/** An agent's picture of its device: one for a walk, never old, and cheap on a device with many rows. */
import { expect, it } from 'vitest';
import { IF_TABLE, SYSTEM } from '../../../protocols/mib/oids.ts';
import { parseOid } from '../../../protocols/mib/table.ts';
import type { Network } from '../../../simulators/model/network.ts';
import { liveMib } from '../../../simulators/views/mib-view.ts';
import { acme, acmeTopology, startNetwork } from '../model/reference.ts';

const UPTIME = parseOid(`${SYSTEM.upTime}.0`);

/** The agent of a branch; each section that it computes takes `cost` milliseconds. */
function agent(cost: number) {
  const network = startNetwork(acmeTopology(1));
  const clock = { ms: 0, sections: [] as string[] };
  const slow: Network = {
    ...network,
    section: (ref, key) => {
      clock.ms += cost;
      clock.sections.push(key);
      return network.section(ref, key);
    },
  };
  return {
    clock,
    network,
    mib: liveMib(
      () => slow,
      acme('br1_edge'),
      () => clock.ms,
    ),
  };
}

it('is taken once for a walk, and again when it is old', () => {
  const { clock, network, mib } = agent(0);
  const before = mib.get(UPTIME);
  let oid = parseOid(IF_TABLE.descr);
  for (let step = 0; step < 30; step += 1) oid = [...(mib.next(oid)?.oid ?? [])];
  expect(clock.sections).toEqual(['system', 'interfaces']);
  network.advanceTo(network.now() + 60_000);
  clock.ms += 20;
  expect(mib.get(UPTIME)).toEqual(before);
  clock.ms += 1;
  expect(mib.get(UPTIME)).not.toEqual(before);
});

it('is kept ten times as long as it took', () => {
  const { clock, mib } = agent(50);
  mib.get(UPTIME);
  clock.ms += 440;
  mib.get(UPTIME);
  expect(clock.sections).toEqual(['system']);
  clock.ms += 20;
  mib.get(UPTIME);
  expect(clock.sections).toEqual(['system', 'system']);
});
