/** The proof at start: requests that must be denied under any policy set. The broker serves no writes if one of them passes. */
import { AGENTS, type AgentName, ROLES, type Role } from '../contract.ts';
import type { DecisionPoint, DecisionRequest } from '../ports.ts';
import { sampleInput } from './sample-input.ts';
import { type ToolFacts, UPSTREAM_READ } from './schema.ts';

export interface Refusal {
  /** What must not be possible, for the log. */
  readonly says: string;
  readonly request: DecisionRequest;
}

/**
 * Submits every refusal.
 * @returns what was permitted although it must not be; empty means proven.
 */
export async function proveRefusals(
  decisionPoint: DecisionPoint,
  tools: readonly ToolFacts[],
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { says, request } of listRefusals(tools)) {
    const decision = await decisionPoint.decide(request);
    if (decision.effect !== 'deny') failures.push(`${says} (${decision.policies.join(', ')})`);
  }
  return failures;
}

/** The refusals, derived from the tools there are: each is well-formed, so that policy and not form refuses it. */
export function listRefusals(own: readonly ToolFacts[]): readonly Refusal[] {
  const tools = [...own, UPSTREAM_READ];
  const writes = tools.filter((tool) => tool.effect === 'change' || tool.effect === 'contain');
  const touching = tools.filter((tool) => tool.effect !== 'read');
  return [
    ...tools.flatMap((tool) =>
      ROLES.map((role) => ({
        says: `${role} of another tenant uses ${tool.name}`,
        request: ask(tool, { role, tenant: 'another' }),
      })),
    ),
    ...touching.map((tool) => ({ says: `auditor uses ${tool.name}`, request: ask(tool, { role: 'auditor' }) })),
    ...tools.map((tool) => ({
      says: `a person without a role uses ${tool.name}`,
      request: ask(tool, { role: undefined }),
    })),
    ...touching.map((tool) => ({
      says: `an agent uses ${tool.name} for a person who may not`,
      request: ask(tool, { role: 'auditor', agent: 'troubleshooter' }),
    })),
    ...writes.flatMap((tool) => [
      ...AGENTS.map((agent) => ({
        says: `${agent} uses ${tool.name} without an open incident`,
        request: ask(tool, { agent, open: false }),
      })),
      { says: `${tool.name} at risk 60`, request: ask(tool, { risk: 60 }) },
      { says: `router uses ${tool.name}`, request: ask(tool, { agent: 'router' }) },
    ]),
    ...tools.map((tool) => ({ says: `${tool.name} at risk 90`, request: ask(tool, { risk: 90 }) })),
    {
      says: 'a tool that does not exist',
      request: ask({ name: 'no.such-tool', domain: 'wan', effect: 'read', targets: 'none' }, {}),
    },
  ];
}

interface Circumstances {
  readonly role?: Role | undefined;
  readonly agent?: AgentName;
  /** Tenant of the subject; the resource is always of tenant `own`. */
  readonly tenant?: string;
  readonly risk?: number;
  readonly open?: boolean;
}

type Asked = Omit<ToolFacts, 'input'> & Partial<Pick<ToolFacts, 'input'>>;

/** A request for the tool by an administrator of the tenant for an open incident, but for the given circumstances. */
function ask(tool: Asked, { agent, tenant = 'own', risk = 0, open = true, ...given }: Circumstances): DecisionRequest {
  const role = 'role' in given ? given.role : 'tenant-admin';
  return {
    subject: {
      human: 'self-test',
      roles: role === undefined ? [] : [role],
      tenant,
      session: 'ses_selftest',
      chain: agent === undefined ? ['self-test'] : [agent, 'self-test'],
      ...(agent === undefined ? {} : { agent }),
    },
    tool: { name: tool.name, domain: tool.domain, effect: tool.effect },
    tenant: 'own',
    targets: tool.targets === 'none' ? [] : [{ device: 'device', role: 'edge', site: 'site' }],
    input: tool.input === undefined ? {} : sampleInput({ name: tool.name, input: tool.input }),
    purpose: { id: 'inc_selftest', kind: 'incident', open },
    now: 0,
    risk,
  };
}
