/** A short attack of the hostile agent in every run, from another seed each day; and that the same attack finds what is broken. */
import { afterAll, expect, it } from 'vitest';
import { closeLaboratories } from '../attacks/attack.ts';
import { openPolicies } from '../attacks/authorization.ts';
import { RIGHT_AS } from '../broker/pipeline/bench.ts';
import { playHostile } from './play.ts';

const DAY_MS = 86_400_000;
const SEED = Number(process.env['WAYLEAVE_TEST_SEED'] ?? 1 + (Math.floor(Date.now() / DAY_MS) % 1_000));
afterAll(closeLaboratories);

it(`gets nothing in 400 intents from WAYLEAVE_TEST_SEED=${SEED}`, { timeout: 120_000 }, async () => {
  console.log(`WAYLEAVE_TEST_SEED=${SEED}`);
  const { decisionPoint } = await openPolicies();
  const { broken, unauthorisedWrites, crossTenantBytes, outcomes } = await playHostile(decisionPoint, 400, SEED);
  expect({ broken, unauthorisedWrites, crossTenantBytes }).toEqual({
    ...{ broken: [], unauthorisedWrites: 0, crossTenantBytes: 0 },
  });
  // It is no attack if nothing passes: what the token is good for is done.
  expect(outcomes['done'] ?? 0).toBeGreaterThan(40);
});

it('finds a broker that takes the agent for one of the other tenant', { timeout: 120_000 }, async () => {
  const { decisionPoint } = await openPolicies();
  const played = await playHostile(decisionPoint, 150, 5, undefined, (bench) => {
    const { call } = bench.broker;
    const foreign = bench.credentialOf({ human: 'operator@globex' });
    bench.broker.call = (_credential, ...rest) => call(foreign, ...rest);
  });
  expect(played.crossTenantBytes).toBeGreaterThan(0);
});

it('finds a change that nobody approved', { timeout: 120_000 }, async () => {
  const { decisionPoint } = await openPolicies();
  let calls = 0;
  const played = await playHostile(decisionPoint, 20, 5, undefined, (bench) => {
    calls += 1;
    if (calls !== 10) return;
    const ref = { tenant: 'acme', device: 'br2_edge' };
    const config = bench.network.config(ref);
    if (config.bgp === undefined) throw new Error('no BGP');
    bench.network.commit(ref, { ...config, bgp: { ...config.bgp, localAs: RIGHT_AS } }, 'agent');
  });
  expect(played.unauthorisedWrites).toBe(1);
});
