/** A few tools of every kind, as far as the policy sees them, so that these tests do not change with the tools. */
import { z } from 'zod';
import type { ToolFacts } from '../../../broker/policy/schema.ts';
import type { DecisionRequest } from '../../../broker/ports.ts';

const nothing = z.strictObject({});

export const EXAMPLE_TOOLS: readonly ToolFacts[] = [
  { name: 'inventory.devices', domain: 'inventory', effect: 'read', targets: 'none', input: nothing },
  {
    name: 'incident.open',
    domain: 'inventory',
    effect: 'read',
    targets: 'none',
    input: z.strictObject({ title: z.string(), resources: z.array(z.string()), severity: z.enum(['major', 'minor']) }),
  },
  { name: 'incident.update', domain: 'inventory', effect: 'read', targets: 'none', input: nothing },
  {
    name: 'device.certify',
    domain: 'inventory',
    effect: 'change',
    targets: 'one',
    input: z.strictObject({ interface: z.string() }),
  },
  { name: 'bgp.read', domain: 'diagnostics', effect: 'read', targets: 'many', input: nothing },
  { name: 'config.read', domain: 'diagnostics', effect: 'read', targets: 'one', input: nothing },
  { name: 'config.diff', domain: 'diagnostics', effect: 'read', targets: 'many', input: nothing },
  { name: 'config.leaves', domain: 'diagnostics', effect: 'read', targets: 'many', input: nothing },
  { name: 'flows.read', domain: 'diagnostics', effect: 'read', targets: 'none', input: nothing },
  { name: 'events.read', domain: 'diagnostics', effect: 'read', targets: 'none', input: nothing },
  { name: 'audit.read', domain: 'compliance', effect: 'read', targets: 'none', input: nothing },
  { name: 'acl.read', domain: 'diagnostics', effect: 'read', targets: 'many', input: nothing },
  { name: 'system.read', domain: 'diagnostics', effect: 'read', targets: 'many', input: nothing },
  {
    name: 'probe.tcp',
    domain: 'diagnostics',
    effect: 'probe',
    targets: 'one',
    input: z.strictObject({
      vrf: z.number().int(),
      destination: z.string(),
      port: z.number().int(),
      source: z.string().optional(),
    }),
  },
  {
    name: 'bgp.set-local-as',
    domain: 'wan',
    effect: 'change',
    targets: 'one',
    input: z.strictObject({ localAs: z.number().int() }),
  },
  {
    name: 'qos.set-class',
    domain: 'experience',
    effect: 'change',
    targets: 'one',
    input: z.strictObject({ class: z.string() }),
  },
  {
    name: 'host.quarantine',
    domain: 'security',
    effect: 'contain',
    targets: 'many',
    input: z.strictObject({ address: z.string(), seconds: z.number().int() }),
  },
];

/** An operator of acme who sets the AS of br2_edge through the troubleshooter for an open incident; `changes` replaces parts. */
export function request(changes: Partial<DecisionRequest> = {}): DecisionRequest {
  return {
    subject: subject({ agent: 'troubleshooter' }),
    tool: { name: 'bgp.set-local-as', domain: 'wan', effect: 'change' },
    tenant: 'acme',
    targets: [{ device: 'br2_edge', role: 'edge', site: 'br2' }],
    input: { localAs: 65_002 },
    purpose: { id: 'inc_1', kind: 'incident', open: true },
    now: Date.UTC(2026, 0, 1, 12),
    risk: 0,
    ...changes,
  };
}

export function subject(changes: Partial<DecisionRequest['subject']> = {}): DecisionRequest['subject'] {
  return {
    human: 'operator@acme',
    roles: ['tenant-operator'],
    tenant: 'acme',
    session: 'ses_1',
    chain: ['operator@acme'],
    ...changes,
  };
}
