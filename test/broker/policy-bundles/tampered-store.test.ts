/** A store of policies that somebody wrote into: found out at once and at the next start, safe meanwhile, and with a way back. */
import { afterAll, describe, expect, it } from 'vitest';
import { buildSchema } from '../../../broker/policy/schema.ts';
import { packBundle, rulesForm, signBundle } from '../../../broker/policy-bundles/bundle.ts';
import { newBundleKeyFile, openBundleKeys } from '../../../broker/policy-bundles/bundle-keys.ts';
import { ACTIVE } from '../../../broker/policy-bundles/policy-store.ts';
import {
  ask,
  bring,
  createPolicyLab,
  LAB_TOOLS,
  limitedTo,
  limitOf,
  type OpenedLab,
  type PolicyLab,
} from './policy-lab.ts';

const NO_RULES = rulesForm.parse({});
const CHANGE = ask('bgp.set-local-as');
const READ = ask('bgp.read');
const SECOND = 20_000;

const opened: OpenedLab[] = [];
const labs: PolicyLab[] = [];
const build = async (): Promise<PolicyLab> => {
  const made = await createPolicyLab();
  labs.push(made);
  return made;
};
const reopen = async (from: PolicyLab): Promise<OpenedLab> => {
  const next = await from.open();
  opened.push(next);
  return next;
};

afterAll(async () => {
  for (const { policies } of opened) await policies.close();
  for (const one of labs) await one.close();
});

describe('a store that was tampered with', () => {
  const foreign = openBundleKeys({ load: newBundleKeyFile, save: () => undefined });
  type Meddle = (lab: PolicyLab, id: string) => Promise<void>;
  const edit = async (of: PolicyLab, id: string, change: (signed: string) => string): Promise<void> => {
    await of.store.bundles.update(id, (before) => {
      if (before === undefined) throw new Error('gone');
      return { ...before, signed: change(before.signed) };
    });
  };
  const meddlings: readonly [string, Meddle][] = [
    [
      'one byte of the bundle',
      (of, id) =>
        edit(of, id, (signed) => `${signed.slice(0, 900)}${signed[900] === 'A' ? 'B' : 'A'}${signed.slice(901)}`),
    ],
    [
      'a bundle under a key that nobody knows',
      (of, id) =>
        edit(of, id, () => signBundle(packBundle(of.shippedFiles, NO_RULES, buildSchema(LAB_TOOLS)), foreign)),
    ],
    [
      'another bundle of its own making',
      (of, id) =>
        edit(of, id, () => signBundle(packBundle(limitedTo(3, of), NO_RULES, buildSchema(LAB_TOOLS)), of.keys)),
    ],
    ['no signature', (of, id) => edit(of, id, (signed) => signed.split('.').slice(0, 2).join('.'))],
    ['no activation', async (of) => void (await of.store.active.update(ACTIVE, () => ({ signed: '' })))],
  ];

  it.each(meddlings)(
    '%s: changes stop at once, and two people bring them back',
    { timeout: 60_000 },
    async (_what, meddle) => {
      const of = await build();
      const running = await reopen(of);
      const id = await bring(running, limitedTo(15, of));
      await meddle(of, id);
      await running.policies.refresh();
      expect(running.policies.problem()).toBeDefined();
      expect(of.alarms).toHaveLength(1);
      expect(of.brake.reason()).toMatch(/the stored policies do not hold/);
      expect((await running.policies.decide(CHANGE)).effect).toBe('deny');
      expect((await running.policies.decide(READ)).effect).toBe('permit'); // by what was verified before

      const restarted = await reopen(of);
      expect(restarted.policies.inForce()).toBeUndefined();
      for (const request of [READ, CHANGE]) expect((await restarted.policies.decide(request)).effect).toBe('deny');

      await bring(restarted, limitedTo(15, of));
      expect(restarted.policies.problem()).toBeUndefined();
      expect((await restarted.policies.decide(READ)).effect).toBe('permit');
      expect((await restarted.policies.decide(CHANGE)).effect).toBe('deny'); // until a human says so
      of.brake.release();
      expect(await limitOf(restarted)).toEqual({ kind: 'limit', devices: 15 });
      await running.policies.refresh(); // another broker takes it over
      expect(running.policies.inForce()?.activation).toEqual(restarted.policies.inForce()?.activation);
    },
  );

  it('an older store, put back whole, is found out', { timeout: SECOND }, async () => {
    const of = await build();
    const running = await reopen(of);
    const backup = { bundles: await of.store.bundles.list(), active: await of.store.active.get(ACTIVE) };
    await bring(running, limitedTo(15, of));
    for (const one of backup.bundles) await of.store.bundles.update(one.id, () => one);
    await of.store.active.update(ACTIVE, () => backup.active ?? { signed: '' });
    await running.policies.refresh();
    expect(running.policies.problem()).toMatch(/older policies were put back/);
    expect((await running.policies.decide(CHANGE)).effect).toBe('deny');
  });
});
