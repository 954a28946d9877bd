/** Incidents as agents keep them: one for each thing that is wrong, found again instead of opened twice. */
import { z } from 'zod';
import type { AgentName, Evidence, Severity } from '../broker/contract.ts';
import { SEVERITIES } from '../broker/contract.ts';
import type { Finding, Statement } from './events.ts';
import { parseJson } from './inventory.ts';
import type { Talk } from './talk.ts';

const record = z.object({
  id: z.string(),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  state: z.enum(['open', 'acknowledged', 'resolved', 'closed']),
  resources: z.array(z.string()),
  openedBy: z.string(),
  acknowledgedBy: z.string().optional(),
  updatedAt: z.string(),
});
export type KnownIncident = z.infer<typeof record>;

/** Incidents of the tenant, out of `incident.list`; records of another form are left out. */
export const readIncidents = (evidence: readonly Evidence[]): readonly KnownIncident[] =>
  evidence.flatMap(({ signal, value }) => {
    const parsed = signal === 'incident' ? record.safeParse(parseJson(value)) : undefined;
    return parsed?.success ? [parsed.data] : [];
  });

/** True while somebody still has to do something about it. */
export const isAlive = ({ state }: KnownIncident): boolean => state === 'open' || state === 'acknowledged';

export interface Filing {
  readonly agent: AgentName;
  readonly title: string;
  readonly severity: Severity;
  readonly resources: readonly string[];
  readonly evidence: readonly string[];
  /** What is known of the cause. */
  readonly finding: Known;
  /** Idempotency key. */
  readonly intent: string;
}

/** What a diagnosis knows, for whoever reads the incident. */
export type Known = Pick<Finding, 'rootCauses' | 'because' | 'ruledOut' | 'unread'>;

/** Of what was noticed without its cause. */
export const symptomsOnly = (because: readonly Statement[]): Known => ({
  ...{ rootCauses: [], because: [...because], ruledOut: [], unread: [] },
});

/** Of each part so many at most, and so much of each text: an incident is read by people. */
const MOST_SAID = 20;
const MOST_RECORDS = 12;
const LONGEST = 400;

/** The form that the tools take. */
function toInput({ rootCauses, because, ruledOut, unread }: Known) {
  return {
    rootCauses: rootCauses
      .slice(0, MOST_SAID)
      .map(({ resource, faultType, confidence }) => ({ resource, faultType, percent: Math.round(confidence * 100) })),
    because: because
      .slice(0, MOST_SAID)
      .map(({ text, evidence }) => ({ text: text.slice(0, LONGEST), evidence: evidence.slice(0, MOST_RECORDS) })),
    ruledOut: ruledOut.slice(0, MOST_SAID).map(({ faultType, because: why, evidence }) => ({
      ...{ faultType, because: why.slice(0, LONGEST), evidence: evidence.slice(0, MOST_RECORDS) },
    })),
    unread: unread.slice(0, MOST_SAID).map((text) => text.slice(0, LONGEST)),
  };
}

/** Opens an incident; the id, empty when the broker did not take it. */
export async function openIncident(talk: Talk, filing: Filing): Promise<string> {
  const { agent, title, severity, resources, evidence, finding, intent } = filing;
  const answer = await talk.read({
    ...{ agent, domain: 'inventory', tool: 'incident.open', intent, evidence },
    input: { title, severity, resources: [...resources], evidence: [...evidence], finding: toInput(finding) },
  });
  const found = 'evidence' in answer ? answer.evidence.find(({ signal }) => signal === 'incident') : undefined;
  return found?.resource.slice('incident/'.length) ?? '';
}

/** The incident of the same agent that is open about the first of the resources, with what is known now, or a new one. */
export async function fileIncident(talk: Talk, filing: Filing): Promise<string> {
  const { agent, resources, evidence, finding } = filing;
  const list = await talk.read({ agent, domain: 'inventory', tool: 'incident.list' });
  const known = 'evidence' in list ? readIncidents(list.evidence) : [];
  const same = known.find((one) => isAlive(one) && one.openedBy === agent && one.resources[0] === resources[0]);
  if (same === undefined) return openIncident(talk, filing);
  await talk.read({
    ...{ agent, domain: 'inventory', tool: 'incident.update', evidence },
    input: {
      ...{ incident: same.id, state: 'open', note: 'Found again.' },
      ...{ evidence: [...evidence], finding: toInput(finding) },
    },
  });
  return same.id;
}
