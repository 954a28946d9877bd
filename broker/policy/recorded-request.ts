/** What the audit log keeps of a decision, so that it can be decided again later: the request, and what came of it. */
import { z } from 'zod';
import { AGENTS, type Decision, DOMAINS, type Json, LADDER, type ObservedVerdict, ROLES } from '../contract.ts';
import type { DecisionRequest, StoredAuditEntry } from '../ports.ts';
import { nameObligations } from './obligations.ts';
import type { ShortVerdict } from './observe.ts';

type Fields = { readonly [name: string]: Json };

/** Fields of an audit entry, beside those that every entry of a call has. Names and values are the request's own. */
export function recordRequest(request: DecisionRequest, decision: Decision): Fields {
  const { subject, tool, targets, input, purpose, now, risk, taint = [], windows = [], unusual = [] } = request;
  const asked: Fields = {
    ...{ roles: subject.roles, domain: tool.domain, input, now, risk },
    purpose: { kind: purpose.kind, open: purpose.open },
    targets: targets.map((target) => ({ ...target })),
    ...{ taint, windows, unusual, obligations: nameObligations(decision.obligations) },
    ...(tool.action === undefined ? {} : { action: tool.action }),
  };
  const { observed } = decision;
  return observed === undefined ? { asked } : { asked, observed: observed.map((one) => ({ ...one })) };
}

const texts = z.array(z.string());
const target = z.strictObject({
  ...{ device: z.string(), role: z.string(), site: z.string() },
  ladder: z.enum(LADDER).exactOptional(),
  criticality: z.enum(['low', 'normal', 'critical']).exactOptional(),
});
const recorded = z.object({
  decision: z.enum(['permit', 'deny']),
  policies: texts,
  effect: z.enum(['read', 'probe', 'change', 'contain']),
  purpose: z.string(),
  asked: z.strictObject({
    ...{ roles: z.array(z.enum(ROLES)), domain: z.enum(DOMAINS), input: z.record(z.string(), z.json()) },
    ...{ now: z.number(), risk: z.number(), targets: z.array(target) },
    purpose: z.strictObject({ kind: z.enum(['incident', 'schedule', 'chat', 'none']), open: z.boolean() }),
    ...{ taint: texts, windows: texts, unusual: texts, obligations: texts },
    action: z.string().exactOptional(),
  }),
});

/** A decision of the log. */
export interface RecordedDecision {
  readonly index: number;
  readonly at: string;
  readonly request: DecisionRequest;
  readonly decided: ShortVerdict;
  readonly policies: readonly string[];
  /** Somebody had granted it, which no policy says. */
  readonly granted: boolean;
}

/** Whether the entry is the one that has the decision of its call. */
export const hasDecision = ({ content }: StoredAuditEntry): boolean => 'asked' in content;

/** The decision in an entry; undefined where it was too long to be kept whole. */
export function readDecision(entry: StoredAuditEntry): RecordedDecision | undefined {
  const { human, session, tool, tenant, index, at } = entry;
  const read = recorded.safeParse(entry.content);
  const agent = AGENTS.find((name) => name === entry.agent);
  if (!read.success || human === undefined || session === undefined || tool === undefined) return undefined;
  if (entry.agent !== undefined && agent === undefined) return undefined;
  const { asked, decision, policies, effect, purpose } = read.data;
  const { roles, domain, obligations, action, ...circumstances } = asked;
  const chain = agent === undefined ? [human] : [agent, human];
  return {
    ...{ index, at, policies, decided: { effect: decision, obligations } },
    granted: policies.some((id) => id.startsWith('grn_')),
    request: {
      subject: { human, roles, tenant, session, chain, ...(agent === undefined ? {} : { agent }) },
      tool: { name: tool, domain, effect, ...(action === undefined ? {} : { action }) },
      tenant,
      ...circumstances,
      purpose: { id: purpose, ...asked.purpose },
    },
  };
}

const observations = z.array(z.object({ policy: z.string(), effect: z.enum(['permit', 'deny']), obligations: texts }));

/** What observed policies would have made of the decision in an entry. */
export const readObserved = ({ content }: StoredAuditEntry): readonly ObservedVerdict[] =>
  observations.safeParse(content['observed']).data ?? [];
