/** How policies come into force and go: two people, signatures that hold, numbers that only rise, and what is safe otherwise. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBundle, rulesForm } from '../../../broker/policy-bundles/bundle.ts';
import {
  ADMIN,
  ask,
  bring,
  createPolicyLab,
  DEPUTY,
  limitedTo,
  limitOf,
  type OpenedLab,
  type PolicyLab,
  person,
} from './policy-lab.ts';

const NO_RULES = rulesForm.parse({});
const CHANGE = ask('bgp.set-local-as');
const SECOND = 20_000;

let lab: PolicyLab;
let now: OpenedLab;
const opened: OpenedLab[] = [];
const labs: PolicyLab[] = [];
const build = async (): Promise<PolicyLab> => {
  const made = await createPolicyLab();
  labs.push(made);
  return made;
};
const reopen = async (from = lab): Promise<OpenedLab> => {
  const next = await from.open();
  opened.push(next);
  return next;
};

beforeAll(async () => {
  lab = await build();
  now = await reopen();
}, SECOND);
afterAll(async () => {
  for (const { policies } of opened) await policies.close();
  for (const one of labs) await one.close();
});

describe('two people', () => {
  it('start with what was shipped, signed and in the log', async () => {
    expect(now.policies.inForce()?.activation).toMatchObject({ number: 1 });
    expect(now.policies.problem()).toBeUndefined();
    expect(await lab.kinds()).toEqual(['policy.shipped', 'policy.activated']);
    expect((await now.policies.decide(CHANGE)).effect).toBe('permit');
  });

  it(
    'bring a bundle into force, and one of them does not',
    async () => {
      const { desk } = now;
      const { signed } = await desk.sign(ADMIN, limitedTo(15, lab), NO_RULES);
      const proposed = await desk.propose(ADMIN, signed, 'fewer at once');
      expect(proposed).toMatchObject({ status: 'proposed', votes: [{ human: 'provider@acme' }] });
      expect((await desk.bundle(DEPUTY, proposed.id)).diff).toMatch(/^-.*limit 20 devices.*\n\+.*limit 15 devices/m);
      await expect(desk.activate(ADMIN, proposed.id, 'me again')).rejects.toMatchObject({ code: 'DENIED' });
      expect(await limitOf(now)).toEqual({ kind: 'limit', devices: 20 });
      const before = now.policies.revision();
      expect(await desk.activate(DEPUTY, proposed.id, 'read it')).toMatchObject({ status: 'active', activations: [2] });
      expect(await limitOf(now)).toEqual({ kind: 'limit', devices: 15 });
      expect(now.policies.revision()).not.toBe(before);
      const entries = await lab.audit.entries(0, 100);
      const kinds = entries.map(({ kind }) => kind).slice(2);
      expect(kinds).toEqual(['policy.signed', 'policy.vote', 'policy.vote', 'policy.activated']);
      expect(entries.at(-1)?.content).toMatchObject({
        ...{ activation: 2, bundle: proposed.id, people: ['provider@acme', 'steward@globex'] },
        policyRevision: now.policies.revision(),
      });
    },
    SECOND,
  );

  it('need a role for it, are no agents, and hold the role when it counts', async () => {
    const { desk } = now;
    const { signed } = await desk.sign(ADMIN, limitedTo(14, lab), NO_RULES);
    for (const nobody of [
      person('operator@acme', ['tenant-operator']),
      person('auditor@acme', ['auditor']),
      person('admin@acme', ['tenant-admin']), // the bundle would decide for other tenants, too
      person('analyst@acme', ['security-analyst']),
      { ...ADMIN, agent: 'troubleshooter' as const, chain: ['troubleshooter', ADMIN.human] },
    ]) {
      await expect(desk.propose(nobody, signed, 'please')).rejects.toMatchObject({ code: 'DENIED' });
      await expect(desk.rollback(nobody, 'please')).rejects.toMatchObject({ code: 'DENIED' });
    }
    const { id } = await desk.propose(ADMIN, signed, 'fewer');
    lab.roles.set(ADMIN.human, ['tenant-operator']);
    // The administrator is none any more, so this is one vote of two.
    expect(await desk.activate(DEPUTY, id, 'read it')).toMatchObject({ status: 'proposed' });
    lab.roles.set(ADMIN.human, ADMIN.roles);
    expect(await limitOf(now)).toEqual({ kind: 'limit', devices: 15 });
  });

  it('are not made of votes that the log does not have', async () => {
    const { desk } = now;
    const { signed } = await desk.sign(ADMIN, limitedTo(13, lab), NO_RULES);
    const { id } = await desk.propose(ADMIN, signed, 'fewer');
    await lab.store.bundles.update(id, (before) => {
      if (before === undefined) throw new Error('gone');
      return { ...before, votes: before.votes.map((vote) => ({ ...vote, human: 'second@acme' })) };
    });
    lab.roles.set('second@acme', ['provider-admin']);
    expect(await desk.activate(ADMIN, id, 'as two')).toMatchObject({ status: 'proposed' });
  });

  it(
    'decide about what is in force now, not about what was',
    async () => {
      const { desk } = now;
      const { signed } = await desk.sign(ADMIN, limitedTo(12, lab), NO_RULES);
      const { id } = await desk.propose(ADMIN, signed, 'fewer');
      await bring(now, limitedTo(11, lab));
      await expect(desk.activate(DEPUTY, id, 'late')).rejects.toMatchObject({ code: 'DRIFT' });
    },
    SECOND,
  );

  it(
    'go back, and change the mode of a policy',
    async () => {
      const { desk } = now;
      const back = await desk.rollback(ADMIN, 'too strict');
      await expect(desk.activate(ADMIN, back.id, 'me')).rejects.toMatchObject({ code: 'DENIED' });
      await desk.activate(DEPUTY, back.id, 'agreed');
      expect(await limitOf(now)).toEqual({ kind: 'limit', devices: 15 });
      expect(now.policies.inForce()?.activation.number).toBe(4);
      const mode = await desk.setMode(ADMIN, 'operators-change', 'observe', 'is it needed?');
      await desk.activate(DEPUTY, mode.id, 'let us see');
      const decision = await now.policies.decide(CHANGE);
      expect(decision).toMatchObject({
        effect: 'deny',
        observed: [{ policy: 'operators-change', effect: 'permit' }],
      });
      await desk.activate(DEPUTY, (await desk.setMode(ADMIN, 'operators-change', 'enforce', 'it is')).id, 'yes');
      expect((await now.policies.decide(CHANGE)).observed).toBeUndefined();
    },
    SECOND,
  );

  it(
    'set how many approve at least',
    async () => {
      await bring(now, limitedTo(15, lab), { approvals: { least: 3 } });
      expect((await now.policies.decide(CHANGE)).obligations).toContainEqual({
        ...{ kind: 'require-approval', count: 3, role: 'tenant-admin' },
      });
      await now.desk.activate(DEPUTY, (await now.desk.rollback(ADMIN, 'too many')).id, 'yes');
    },
    SECOND,
  );

  it('find it all again after a restart', async () => {
    const again = await reopen();
    expect(again.policies.inForce()?.activation).toEqual(now.policies.inForce()?.activation);
    expect(again.policies.revision()).toBe(now.policies.revision());
    expect(again.policies.problem()).toBeUndefined();
  });
});

describe('what cannot be in force', () => {
  const refused: readonly [string, (text: string, name: string) => string, RegExp][] = [
    ['does not parse', (text, name) => (name === 'small.cedar' ? `${text}\npermit (` : text), /small\.cedar/],
    [
      'reads what no tool has',
      (text, name) => (name === 'small.cedar' ? text.replace('context.risk >= 90', 'context.rosk >= 90') : text),
      /rosk/,
    ],
    [
      'lets tenants cross',
      (text, name) => (name === 'small.cedar' ? text.replace('!= resource.tenant', '== "nobody"') : text),
      /of another tenant could use/,
    ],
    [
      'permits at any risk',
      (text, name) => (name === 'small.cedar' ? text.replace('context.risk >= 90', 'context.risk >= 99') : text),
      /permits what must be refused/,
    ],
    [
      'is not as its cases say',
      (text, name) => (name === 'small.test.yaml' ? text.replaceAll('limit 20 devices', 'limit 2 devices') : text),
      /case "/,
    ],
    [
      'has a tool that no case tests',
      (text, name) =>
        name.endsWith('.test.yaml')
          ? text.replaceAll(/ {2}- name: (operators change|risk stops changes)\n( {4}.*\n)+/g, '')
          : text,
      /tool bgp\.set-local-as has no case/,
    ],
  ];
  it.each(refused)('what %s', { timeout: SECOND }, async (_what, edit, why) => {
    const files = lab.shippedFiles.map(({ name, text }) => ({ name, text: edit(text, name) }));
    expect(files).not.toEqual(lab.shippedFiles);
    const { signed } = await now.desk.sign(ADMIN, files, NO_RULES);
    await expect(now.desk.propose(ADMIN, signed, 'try')).rejects.toMatchObject({
      ...{ code: 'CONFIG_INVALID', message: expect.stringMatching(why) },
    });
    expect(await limitOf(now)).toEqual({ kind: 'limit', devices: 15 });
    expect((await lab.kinds()).at(-1)).toBe('policy.refused');
  });

  it('what is endless', async () => {
    const files = (text: string) => [...lab.shippedFiles, { name: 'more.cedar', text }];
    const list = `permit (principal, action, resource) when { [${'"x",'.repeat(60_000)}"x"].contains(context.purpose.id) };`;
    await expect(now.desk.sign(ADMIN, files(list), NO_RULES)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    const slow = `permit (principal, action, resource) when { context.purpose.id like "${'*a'.repeat(200)}" };`;
    await expect(now.desk.sign(ADMIN, files(slow), NO_RULES)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

describe('keys', () => {
  it(
    'rotate while everything runs, and are accepted until they are retired',
    async () => {
      const { signed } = await now.desk.sign(ADMIN, limitedTo(10, lab), NO_RULES);
      const [old] = lab.keys.list();
      await now.desk.rotateKeys();
      await now.policies.refresh();
      expect(now.policies.problem()).toBeUndefined();
      expect(openBundle(signed, lab.keys).key).toBe(old?.id);
      const { id } = await now.desk.propose(ADMIN, signed, 'signed before');
      await now.desk.retireKey(DEPUTY, old?.id ?? '');
      await expect(now.desk.activate(DEPUTY, id, 'late')).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
      await now.policies.refresh();
      expect(now.policies.problem()).toBeUndefined();
      await expect(now.desk.retireKey(DEPUTY, lab.keys.list()[0]?.id ?? '')).rejects.toMatchObject({ code: 'DENIED' });
    },
    SECOND,
  );
});
