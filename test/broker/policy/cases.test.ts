/** The cases beside the shipped policies: all come out as written, nothing is without one, and a wrong one is seen. */
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  buildRequests,
  Circumstances,
  findGaps,
  loadCases,
  type PolicyCase,
  runCases,
} from '../../../broker/policy/cases.ts';
import { createJudge, type Judge } from '../../../broker/policy/judge.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../../../broker/policy/load-policies.ts';
import { activate } from '../../../broker/policy/referee/cedar.ts';
import type { ActivePolicy } from '../../../broker/policy/referee/messages.ts';
import { buildSchema, type ToolFacts } from '../../../broker/policy/schema.ts';
import { TOOLS } from '../../../tools/registry.ts';
import { mutatePolicies } from './mutation/mutate.ts';

const schema = buildSchema(TOOLS);
let cases: readonly PolicyCase[];
let policies: readonly ActivePolicy[];
const activateText = (text: string): readonly ActivePolicy[] => {
  const activated = activate({ policies: [{ name: 'test.cedar', text }], schema });
  if (!activated.ok) throw new Error(activated.errors.join('; '));
  return activated.policies;
};

beforeAll(async () => {
  cases = await loadCases(DEFAULT_POLICIES);
  const activated = activate({ policies: await loadPolicies(DEFAULT_POLICIES), schema });
  policies = activated.ok ? activated.policies : [];
});

describe('the cases beside the policies', () => {
  it('all come out as written', () => {
    const { asked, failures } = runCases(cases, TOOLS, createJudge(policies, schema));
    expect(failures).toEqual([]);
    expect(asked).toBeGreaterThan(cases.length);
  });

  it('leave no policy, role, agent or tool out, and a new one is missed', () => {
    const names = policies.map(({ id }) => id);
    expect(findGaps(cases, TOOLS, names)).toEqual([]);
    expect(findGaps(cases, TOOLS, [...names, 'new-policy'])).toEqual(['policy new-policy has no case']);
    const auditors = cases.filter(({ as }) => as !== 'auditor' && !(Array.isArray(as) && as.includes('auditor')));
    expect(findGaps(auditors, TOOLS, names)).toContain('role auditor has no case');
  });

  it('find a policy that is left out, and name what was asked', () => {
    const judge = createJudge(
      policies.filter(({ id }) => id !== 'risk-stops-changes'),
      schema,
    );
    const { failures } = runCases(cases, TOOLS, judge);
    expect(failures[0]).toMatchObject({
      expected: expect.stringContaining('risk-stops-changes'),
      asked: expect.any(String),
    });
  });

  it('find every mutant of the rule that keeps tenants apart', () => {
    const mutants = [...mutatePolicies(policies)].filter(({ policy }) => policy === 'tenant-boundary');
    expect(mutants.length).toBeGreaterThan(2);
    for (const mutant of mutants)
      expect(runCases(cases, TOOLS, createJudge(mutant.policies, schema)).failures, mutant.says).not.toEqual([]);
  });
});

/** Every kind of condition by a policy of its own: what it permits, and the same question beside it that it does not. */
describe('a condition over', () => {
  const decide = (judge: Judge, given: object): string => {
    const [request] = buildRequests(
      Circumstances.parse({ as: 'tenant-operator', tool: 'bgp.set-local-as', ...given }),
      TOOLS,
    );
    if (request === undefined) throw new Error('there is no request');
    return judge(request).effect;
  };
  const WAN = 'action == Action::"bgp.set-local-as"';
  it.each<[string, string, object, object]>([
    ['the agent', 'context.subject.agent == "none"', {}, { agent: 'router' }],
    ['the role', 'principal in Role::"tenant-operator"', {}, { as: 'auditor' }],
    ['a parameter', 'context.input.localAs < 65000', { input: { localAs: 64_999 } }, { input: { localAs: 65_000 } }],
    ['the criticality of the site', 'resource.criticality != "critical"', {}, { criticality: 'critical' }],
    ['the role of the device', 'resource.role == "edge"', {}, { role: 'hub' }],
    ['the ladder', 'resource.ladder == "confirmed"', {}, { ladder: 'running' }],
    ['the count of targets', 'context.targetCount <= 2', { targets: 2 }, { targets: 3 }],
    [
      'the hour',
      'context.hour >= 1 && context.hour < 5',
      { at: '2026-01-01T04:59:59Z' },
      { at: '2026-01-01T05:00:00Z' },
    ],
    ['the weekday', 'context.weekday <= 5', { at: '2026-01-02T12:00:00Z' }, { at: '2026-01-03T12:00:00Z' }],
    ['a date', 'context.now < 1767268800', { at: '2026-01-01T11:59:59Z' }, { at: '2026-01-01T12:00:00Z' }],
    [
      'the change window',
      'context.windows.contains("freeze-exempt")',
      { windows: ['freeze-exempt'] },
      { windows: ['other'] },
    ],
    ['an open incident', 'context.purpose.kind == "incident" && context.purpose.open', {}, { open: false }],
    ['a schedule', 'context.purpose.kind == "schedule"', { purpose: 'schedule' }, { purpose: 'incident' }],
    ['the risk of the session', 'context.risk < 30', { risk: 29 }, { risk: 30 }],
    [
      'the behaviour profile',
      '!context.unusual.contains("device")',
      { unusual: ['hour'] },
      { unusual: ['hour', 'device'] },
    ],
    ['taint', '!context.taint.contains("localAs")', { taint: ['other'] }, { taint: ['localAs'] }],
  ])('%s', (_, condition, within, beside) => {
    const scope = condition.startsWith('principal') || 'agent' in beside ? 'principal' : 'principal is Human';
    const judge = createJudge(
      activateText(`@id("a") @because("b") permit (${scope}, ${WAN}, resource) when { ${condition} };`),
      schema,
    );
    expect(decide(judge, within)).toBe('permit');
    expect(decide(judge, beside)).toBe('deny');
  });

  it('a nested parameter, also an optional one and one in a set', () => {
    const input = z.strictObject({
      neighbor: z.strictObject({ asn: z.number().int(), label: z.string().optional() }),
      families: z.array(z.strictObject({ afi: z.string() })),
    });
    const tool: ToolFacts = { name: 'bgp.any', domain: 'wan', effect: 'change', targets: 'one', input };
    const nested = buildSchema([tool]);
    const text = `@id("a") @because("b") permit (principal, action == Action::"bgp.any", resource) when {
      context.input.neighbor.asn < 65000 && context.input.neighbor has label && context.input.neighbor.label like "br*" &&
      context.input.families.contains({ afi: "ipv4" }) };`;
    const activated = activate({ policies: [{ name: 'test.cedar', text }], schema: nested });
    if (!activated.ok) throw new Error(activated.errors.join('; '));
    const judge = createJudge(activated.policies, nested);
    const ask = (neighbor: object, afi = 'ipv4'): string | undefined => {
      const given = Circumstances.parse({ as: 'auditor', tool: 'bgp.any', input: { neighbor, families: [{ afi }] } });
      return buildRequests(given, [tool]).map((one) => judge(one).effect)[0];
    };
    expect(ask({ asn: 64_999, label: 'br2' })).toBe('permit');
    expect(ask({ asn: 65_000, label: 'br2' })).toBe('deny');
    expect(ask({ asn: 64_999, label: 'hub' })).toBe('deny');
    expect(ask({ asn: 64_999 })).toBe('deny');
    expect(ask({ asn: 64_999, label: 'br2' }, 'ipv6')).toBe('deny');
    expect(ask({ asn: 64_999, label: 'br2', more: 1 }), 'records are closed').toBe('deny');
  });
});
