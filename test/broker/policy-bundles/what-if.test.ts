/** What would be decided is what is decided: the matrix, one case with what would permit it, and a tenant's own prohibitions. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROLES } from '../../../broker/contract.ts';
import type { Narrowing } from '../../../broker/policy-bundles/narrowing.ts';
import { createWhatIf } from '../../../broker/policy-bundles/what-if.ts';
import type { InventoryDevice } from '../../../broker/ports.ts';
import type { ChangeWindow } from '../../../broker/windows/change-window.ts';
import { createPolicyLab, LAB_TOOLS, type OpenedLab, type PolicyLab, person } from './policy-lab.ts';

let lab: PolicyLab;
let opened: OpenedLab;
let starts = 0;
beforeAll(async () => {
  lab = await createPolicyLab();
  opened = await lab.open();
}, 60_000);
afterAll(() => lab.close());

const AUDITOR = person('auditor@acme', ['auditor']);
const DEVICE: InventoryDevice = {
  ...{ tenant: 'acme', name: 'br1_edge', role: 'edge', site: 'br1' },
  systemIp: '10.0.0.1',
};

function open({ own, windows = [] }: { own?: Narrowing; windows?: ChangeWindow[] } = {}) {
  return createWhatIf({
    ...{ tools: LAB_TOOLS, policies: opened.policies, clock: lab.clock, windows: { list: async () => windows } },
    startReferee: () => {
      starts += 1;
      return lab.deps.startReferee();
    },
    narrowed: { of: () => (own === undefined ? {} : { narrowing: own }) },
    inventory: { device: async (tenant, name) => (tenant === 'acme' && name === DEVICE.name ? DEVICE : undefined) },
  });
}

it('shows every role and tool as it is decided, for people with a role for it only, and parses once', async () => {
  const whatIf = open();
  starts = 0;
  const { tools, revision } = await whatIf.matrix(AUDITOR, undefined);
  const again = await whatIf.matrix(AUDITOR, 'troubleshooter');
  expect([starts, revision]).toEqual([1, opened.policies.revision()]);
  const cells = tools.find(({ tool }) => tool === 'bgp.set-local-as')?.roles ?? [];
  expect(cells.map(({ role }) => role)).toEqual([...ROLES]);
  const permitted = cells.filter(({ effect }) => effect === 'permit');
  expect(permitted.length).toBeGreaterThan(0);
  expect(permitted.every(({ policies, obligations }) => policies.length > 0 && obligations.length > 0)).toBe(true);
  expect(cells.find(({ role }) => role === 'auditor')?.effect).toBe('deny');
  expect(again.tools).toHaveLength(tools.length);
  await expect(whatIf.matrix(person('operator@acme', ['tenant-operator']), undefined)).rejects.toMatchObject({
    code: 'DENIED',
  });
  await expect(whatIf.matrix({ ...AUDITOR, agent: 'router' }, undefined)).rejects.toMatchObject({ code: 'DENIED' });
});

it('says why not, and the smallest change that would permit it; that change then permits', async () => {
  const whatIf = open();
  const question = { role: 'auditor', tool: 'bgp.set-local-as', device: 'br1_edge' } as const;
  const denied = await whatIf.explain(AUDITOR, question);
  expect([denied.effect, denied.reasons.length > 0]).toEqual(['deny', true]);
  const role = denied.permitted.flat().flatMap((step) => ROLES.find((one) => step === `the person is ${one}`) ?? [])[0];
  expect(role).toBeDefined();
  const permitted = await whatIf.explain(AUDITOR, { ...question, role: role ?? 'nobody' });
  expect([permitted.effect, permitted.permitted]).toEqual(['permit', []]);
  expect(permitted.obligations.length).toBeGreaterThan(0);
});

it('knows the devices of the tenant, and answers as if it did not exist when it is not of the tenant', async () => {
  const whatIf = open();
  const question = { role: 'tenant-admin', tool: 'bgp.set-local-as', device: 'br1_edge' } as const;
  expect((await whatIf.explain(AUDITOR, question)).effect).toBe('permit');
  await expect(
    whatIf.explain(person('auditor@globex', ['auditor'], { tenant: 'globex' }), question),
  ).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(whatIf.explain(AUDITOR, { role: 'auditor', tool: 'no.such' })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
  });
});

it('counts what the tenant itself forbids', async () => {
  const text =
    '@id("own-no-changes") @because("We change nothing here.")\nforbid (principal, action, resource) when { context.subject.tenant == context.subject.tenant };';
  const own = { tenant: 'acme', number: 7, files: [{ name: 'own.cedar', text }] } as unknown as Narrowing;
  const { tools } = await open({ own }).matrix(AUDITOR, undefined);
  expect(tools.flatMap(({ roles }) => roles).filter(({ effect }) => effect === 'permit')).toEqual([]);
  const { reasons } = await open({ own }).explain(AUDITOR, { role: 'tenant-admin', tool: 'bgp.set-local-as' });
  expect(reasons).toContain('We change nothing here.');
});
