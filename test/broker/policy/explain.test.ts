/** Explanations of the shipped policies: what was looked at, and a smallest change that is true because it was decided again. */
import { beforeAll, describe, expect, it } from 'vitest';
import { buildRequests, Circumstances } from '../../../broker/policy/cases.ts';
import { explainDecision } from '../../../broker/policy/explain.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../../../broker/policy/load-policies.ts';
import { activate } from '../../../broker/policy/referee/cedar.ts';
import type { ActivePolicy } from '../../../broker/policy/referee/messages.ts';
import { buildSchema } from '../../../broker/policy/schema.ts';
import { TOOLS } from '../../../tools/registry.ts';

const schema = buildSchema(TOOLS);
let policies: readonly ActivePolicy[];
beforeAll(async () => {
  const activated = activate({ policies: await loadPolicies(DEFAULT_POLICIES), schema });
  policies = activated.ok ? activated.policies : [];
});
const explain = (given: object) => {
  const [request] = buildRequests(
    Circumstances.parse({ as: 'tenant-admin', tool: 'bgp.set-local-as', ...given }),
    TOOLS,
  );
  if (request === undefined) throw new Error('there is no request');
  return explainDecision(request, policies, schema);
};

describe('the smallest change that would permit', () => {
  it.each<[object, readonly string[]]>([
    [{ risk: 61 }, ['context.risk is 59']],
    [{ agent: 'troubleshooter', open: false }, ['context.purpose.open is true']],
    [{ agent: 'troubleshooter', purpose: 'chat' }, ['context.purpose.kind is "incident"']],
    [{ agent: 'troubleshooter', criticality: 'critical' }, ['context.windows has maintenance']],
    [{ agent: 'troubleshooter', unusual: ['rate'] }, ['context.unusual is empty']],
    [{ agent: 'troubleshooter', ladder: 'running' }, ['resource.ladder is "confirmed"']],
    [{ tenant: 'foreign' }, ['the target is of their own tenant']],
    [{ as: 'auditor' }, ['the person is tenant-operator']],
    [{ agent: 'router' }, ['the agent is troubleshooter']],
    [
      { agent: 'troubleshooter', purpose: 'chat', risk: 61 },
      ['context.purpose.kind is "incident"', 'context.risk is 59'],
    ],
  ])('of %j', (given, steps) => {
    const { effect, permitted } = explain(given);
    expect(effect).toBe('deny');
    const sorted = permitted.map((one) => [...one].sort());
    expect(sorted).toContainEqual([...steps].sort());
    for (const one of permitted) expect(one.length, 'it is the smallest').toBe(steps.length);
  });

  it('is none for a permit', () => {
    expect(explain({})).toMatchObject({ effect: 'permit', permitted: [], policies: ['operators-change-wan'] });
  });
});

it('names the attributes that the policies look at, with their values', () => {
  const { attributes } = explain({ risk: 61, ladder: 'candidate' });
  expect(attributes).toContainEqual({ name: 'context.risk', value: 61 });
  expect(attributes).toContainEqual({ name: 'resource.ladder', value: 'candidate' });
});
