/**
 * Whether tenants stay apart under these policies, whatever is asked. Proven by form: one forbid without any scope that
 * compares the tenants, which no permit overrides and no error passes. Shown by example: what of generated requests crosses.
 */
import { type AGENTS, ROLES } from '../contract.ts';
import type { DecisionRequest } from '../ports.ts';
import { type Edit, editCircumstances } from './edits.ts';
import type { Judge } from './judge.ts';
import { isTree, pathOf, readNode } from './readings.ts';
import type { ActivePolicy } from './referee/messages.ts';
import { sampleInput } from './sample-input.ts';
import type { ToolFacts } from './schema.ts';

/** Combinations of circumstances tried for one policy, and crossings that are told. */
const MOST_COMBINED = 48;
const MOST_TOLD = 3;
/** The person must be permitted in any case, so that one agent stands for all. */
const ALONE_AND_BY_AGENT = [undefined, 'troubleshooter'] as const;

/** What keeps this set from being proven; empty when no request can cross. `policies` are those that decide. */
export function findCrossings(
  policies: readonly ActivePolicy[],
  tools: readonly ToolFacts[],
  judge: Judge,
): readonly string[] {
  // The form is the proof: what it forbids, no permit overrides, so that there is no example to look for.
  if (policies.some(keepsTenantsApart)) return [];
  return [
    ...crossings(policies, tools, judge),
    'no policy keeps tenants apart: one must be `forbid (principal, action, resource) when { context.subject.tenant != resource.tenant };`',
  ];
}

/** `forbid (principal, action, resource) when { context.subject.tenant != resource.tenant };`, either way round. */
function keepsTenantsApart({ effect, parsed }: ActivePolicy): boolean {
  if (effect !== 'forbid' || !isTree(parsed)) return false;
  const everything = ['principal', 'action', 'resource'].every((part) => {
    const scope = parsed[part];
    return isTree(scope) && scope['op'] === 'All';
  });
  const conditions = Array.isArray(parsed['conditions']) ? parsed['conditions'] : [];
  const [only] = conditions;
  if (!everything || conditions.length !== 1 || !isTree(only) || only['kind'] !== 'when') return false;
  const unequal = isTree(only['body']) ? only['body']['!='] : undefined;
  if (!isTree(unequal)) return false;
  const sides = [unequal['left'], unequal['right']].map((side) => (side === undefined ? undefined : pathOf(side)));
  return sides.includes('context.subject.tenant') && sides.includes('resource.tenant');
}

/** Every tool by every role, alone and through an agent, in the circumstances at whose edges each permit decides. */
function* crossings(policies: readonly ActivePolicy[], tools: readonly ToolFacts[], judge: Judge): Generator<string> {
  let told = 0;
  for (const tool of tools) {
    for (const role of ROLES) {
      for (const agent of ALONE_AND_BY_AGENT) {
        const base = askAcross(tool, role, agent);
        const crossing = vary(base, policies).find((request) => judge(request).effect === 'permit');
        if (crossing === undefined) continue;
        const by = judge(crossing).policies.join(', ');
        yield `${agent === undefined ? role : `${agent} for ${role}`} of another tenant could use ${tool.name} (${by})`;
        told += 1;
        if (told >= MOST_TOLD) return;
      }
    }
  }
}

/** The request, and with every policy's own circumstances combined. */
function vary(base: DecisionRequest, policies: readonly ActivePolicy[]): readonly DecisionRequest[] {
  const permits = policies.filter(({ effect }) => effect === 'permit');
  const varied = permits.flatMap(({ parsed }) => {
    const edits = editCircumstances(base, readNode(parsed));
    if (edits.length === 0) return [];
    const places = [...new Set(edits.map(({ place }) => place))];
    return combine(places.map((place) => edits.filter((edit) => edit.place === place))).map((chosen) =>
      chosen.reduce((asked, edit) => edit.apply(asked), base),
    );
  });
  return [base, ...varied];
}

/** One edit of each place, at most so many combinations. */
function combine(choices: readonly (readonly Edit[])[]): readonly (readonly Edit[])[] {
  let combined: readonly (readonly Edit[])[] = [[]];
  for (const edits of choices)
    combined = combined.flatMap((chosen) => edits.map((edit) => [...chosen, edit])).slice(0, MOST_COMBINED);
  return combined;
}

function askAcross(
  tool: ToolFacts,
  role: (typeof ROLES)[number],
  agent: (typeof AGENTS)[number] | undefined,
): DecisionRequest {
  const human = 'person@another';
  return {
    subject: {
      ...{ human, roles: [role], tenant: 'another', session: 'ses_generated' },
      chain: agent === undefined ? [human] : [agent, human],
      ...(agent === undefined ? {} : { agent }),
    },
    tool: { name: tool.name, domain: tool.domain, effect: tool.effect },
    tenant: 'own',
    targets: tool.targets === 'none' ? [] : [{ device: 'device', role: 'edge', site: 'site' }],
    input: sampleInput(tool),
    purpose: { id: 'inc_generated', kind: 'incident', open: true },
    now: 0,
    risk: 0,
  };
}
