/** Policies of a tenant's own: they take away and never give, count with two people of the tenant, and touch no other. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSerial } from '../../../broker/execution/serial.ts';
import { createMemoryRecords } from '../../../broker/identity/keyed-records.ts';
import { openNarrowedPolicies } from '../../../broker/policy-bundles/narrowed-policies.ts';
import { type NarrowingRecord, openNarrowing, signNarrowing } from '../../../broker/policy-bundles/narrowing.ts';
import { createNarrowingDesk } from '../../../broker/policy-bundles/narrowing-desk.ts';
import { ask, createPolicyLab, type PolicyLab, person } from './policy-lab.ts';

const ANNA = person('anna@acme', ['tenant-admin']);
const SAM = person('sam@acme', ['security-analyst']);
const FORBID = [
  {
    name: 'own.cedar',
    text: '@id("acme-no-bgp")\n@because("The network team changes BGP by hand.")\nforbid (principal, action == Action::"bgp.set-local-as", resource);\n',
  },
];
const CHANGE = 'bgp.set-local-as';

let lab: PolicyLab;
beforeEach(async () => {
  lab = await createPolicyLab();
});
afterEach(() => lab.close());

async function open() {
  const { policies } = await lab.open();
  const records = createMemoryRecords<NarrowingRecord>();
  const alarms: string[] = [];
  let seen: Readonly<Record<string, number>> = {};
  const marks = {
    read: () => seen,
    write: (next: Readonly<Record<string, number>>) => {
      seen = next;
    },
  };
  const shared = { ...lab.deps, records, marks, policies };
  const reopen = () =>
    openNarrowedPolicies({ ...shared, alarm: (tenant, why) => void alarms.push(`${tenant}: ${why}`) });
  const narrowed = await reopen();
  const roles = new Map([ANNA, SAM].map(({ human, roles: held }) => [human, held]));
  const desk = createNarrowingDesk({
    ...{ ...shared, narrowed, serial: createSerial(), demandSecondFactor: async () => undefined },
    rolesNow: async (human) => roles.get(human),
  });
  const narrow = async (files = FORBID) => {
    const { proposal } = await desk.propose(ANNA, files, 'by hand only');
    return desk.activate(SAM, proposal?.digest ?? '', 'agreed');
  };
  const effect = async (tool: string, by = narrowed): Promise<string> => (await by.decide(ask(tool))).effect;
  return { alarms, desk, effect, marks, narrow, narrowed, policies, records, reopen, roles };
}

/** As another tenant's operator asks for a device of their own. */
const elsewhere = ask(CHANGE, { subject: person('operator@globex', ['tenant-operator']), tenant: 'globex' });

describe('a narrowing', () => {
  it('forbids with its reason what the provider permits, to its own tenant only, and is no change of revision for others', async () => {
    const of = await open();
    const request = ask(CHANGE);
    const before = await of.narrowed.decide(request);
    const others = await of.narrowed.decide(elsewhere);
    expect([before.effect, others.effect]).toEqual(['permit', 'permit']);
    await of.narrow();
    expect(await of.narrowed.decide(request)).toMatchObject({
      effect: 'deny',
      policies: ['acme-no-bgp'],
      reasons: ['The network team changes BGP by hand.'],
    });
    expect(await of.effect('bgp.read')).toBe('permit');
    expect(await of.narrowed.decide(elsewhere)).toEqual(others);
    expect((await of.narrowed.decide(ask('bgp.read'))).revision).not.toBe(before.revision);
    await of.narrowed.close();
  });

  it('needs two people of the tenant with a role for it, who read the same text, and is in the log', async () => {
    const of = await open();
    for (const who of [person('op@acme', ['tenant-operator']), person('p@acme', ['provider-admin'])])
      await expect(of.desk.propose(who, FORBID, 'why')).rejects.toMatchObject({ code: 'DENIED' });
    const agent = { ...ANNA, agent: 'troubleshooter' as const, agentDigest: 'sha256:0' };
    await expect(of.desk.propose(agent, FORBID, 'why')).rejects.toMatchObject({ code: 'DENIED' });
    const { proposal } = await of.desk.propose(ANNA, FORBID, 'by hand only');
    const digest = proposal?.digest ?? '';
    expect(proposal?.diff).toContain('+forbid');
    await expect(of.desk.activate(ANNA, digest, 'me again')).rejects.toMatchObject({ code: 'DENIED' });
    await expect(of.desk.activate(SAM, `sha256:${'0'.repeat(64)}`, 'x')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const stranger = person('eve@globex', ['tenant-admin']);
    await expect(of.desk.activate(stranger, digest, 'x')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    of.roles.set(ANNA.human, []); // no keeper any more: her vote does not stand
    expect(await of.desk.activate(SAM, digest, 'agreed')).toMatchObject({ number: 0 });
    expect(await of.effect(CHANGE)).toBe('permit');
    of.roles.set(ANNA.human, ANNA.roles);
    expect(await of.narrow()).toMatchObject({ number: 1, files: FORBID });
    expect((await lab.kinds()).filter((kind) => kind.startsWith('policy.narrow'))).toEqual([
      ...Array.from({ length: 4 }, () => 'policy.narrowing-vote'),
      'policy.narrowed',
    ]);
    await of.narrowed.close();
  });

  it('is refused before anybody votes when it permits, has a foreign name or is no Cedar', async () => {
    const of = await open();
    for (const [text, why] of [
      ['@id("acme-more")\n@because("x")\npermit (principal, action, resource);', 'only forbid'],
      ['@id("globex-x")\n@because("x")\nforbid (principal, action, resource);', 'is not called acme-'],
      ['forbid everything', 'not activated'],
    ] as const)
      await expect(of.desk.propose(ANNA, [{ name: 'own.cedar', text }], 'why')).rejects.toThrow(why);
    expect(await of.records.list()).toEqual([]);
  });

  it('can be withdrawn by two people, and follows the policies of the provider', async () => {
    const of = await open();
    await of.narrow();
    await of.policies.refresh();
    expect(await of.effect(CHANGE)).toBe('deny');
    expect(await of.narrow([])).toMatchObject({ number: 2, files: [] });
    expect(await of.effect(CHANGE)).toBe('permit');
    await of.narrowed.close();
  });
});

describe('a store that somebody wrote', () => {
  it('without the record, or with another signature, permits that tenant nothing, loudly, and the others all', async () => {
    const of = await open();
    await of.narrow();
    const signed = (await of.records.get('acme'))?.signed ?? '';
    for (const stored of [{}, { signed: `${signed.slice(0, -6)}AAAAAA` }]) {
      await of.records.update('acme', () => ({ tenant: 'acme', ...stored }));
      await of.narrowed.refresh();
      expect([await of.effect('bgp.read'), await of.effect(CHANGE)]).toEqual(['deny', 'deny']);
      expect((await of.narrowed.decide(elsewhere)).effect).toBe('permit');
    }
    expect(of.alarms).toHaveLength(2);
    await of.narrowed.close();
  });

  it('with an earlier narrowing, or one that the log does not have, is found out after a restart too', async () => {
    const of = await open();
    await of.narrow();
    const first = (await of.records.get('acme')) ?? { tenant: 'acme' };
    await of.narrow([]);
    await of.records.update('acme', () => first);
    expect(await of.effect('bgp.read', await of.reopen())).toBe('deny');
    const forged = { ...openNarrowing(first.signed ?? '', lab.keys), number: 9 };
    await of.records.update('acme', () => ({ tenant: 'acme', signed: signNarrowing(forged, lab.keys) }));
    expect(await of.effect('bgp.read', await of.reopen())).toBe('deny');
    await of.narrowed.close();
  });
});
