/** Writes incidents for whoever calls a tool: opens one, moves it on, keeps what was found out and the notes. */
import { z } from 'zod';
import { incidentFinding } from '../../tools/incident-records.ts';
import { type Incident, type IncidentFinding, type IncidentNote, SEVERITIES, type Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Clock, EvidenceStore, Ids, Incidents } from '../ports.ts';

export interface IncidentDeps {
  readonly incidents: Incidents;
  readonly evidence: EvidenceStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Incidents that may be open at once, so that a flood ends. */
const MOST_OPEN = 500;
/** Records that one incident cites. */
const MOST_CITED = 500;
const MOST_NOTES = 100;

export const openForm = z.strictObject({
  title: z.string().min(1).max(200),
  severity: z.enum(SEVERITIES),
  resources: z.array(z.string().max(200)).max(100),
  evidence: z.array(z.string()).max(MOST_CITED),
  finding: incidentFinding.optional(),
});
export const updateForm = z.strictObject({
  incident: z.string(),
  state: z.enum(['open', 'resolved', 'closed']), // acknowledging is a human's
  note: z.string().max(2000),
  finding: incidentFinding.optional(),
  evidence: z.array(z.string()).max(MOST_CITED).default([]),
});

/** `NOT_FOUND` when a cited record is not the tenant's, `LIMITED` when too many are open. */
export async function openIncident(
  deps: IncidentDeps,
  subject: Subject,
  { finding, ...form }: z.infer<typeof openForm>,
): Promise<Incident> {
  await demandRecords(deps, subject.tenant, [...form.evidence, ...citedIn(finding)]);
  if ((await deps.incidents.list(subject.tenant, 'open')).length >= MOST_OPEN)
    throw new WayleaveError('LIMITED', 'Too many incidents of this tenant are open.');
  const now = new Date(deps.clock.now()).toISOString();
  const incident: Incident = {
    ...form,
    id: deps.ids.id('inc'),
    tenant: subject.tenant,
    state: 'open',
    openedBy: nameOf(subject),
    // A human who opens an incident with a client of his own has seen it.
    ...(subject.agent === undefined ? { acknowledgedBy: subject.human } : {}),
    openedAt: now,
    updatedAt: now,
    ...(finding === undefined ? {} : { finding: { ...finding, by: nameOf(subject), at: now } }),
  };
  await deps.incidents.put(incident);
  return incident;
}

/** `NOT_FOUND` for an incident or record that is not the tenant's, `DENIED` for a move that is not the caller's. */
export async function updateIncident(
  deps: IncidentDeps,
  subject: Subject,
  { incident: id, state, note, finding, evidence }: z.infer<typeof updateForm>,
): Promise<Incident> {
  const incident = await deps.incidents.get(subject.tenant, id);
  if (incident === undefined) throw new WayleaveError('NOT_FOUND');
  await demandRecords(deps, subject.tenant, [...evidence, ...citedIn(finding)]);
  const moved = moveIncident(incident, state, subject);
  const now = new Date(deps.clock.now()).toISOString();
  const who = nameOf(subject);
  const said: IncidentNote = { at: now, who, state: moved.state, text: note };
  const updated: Incident = {
    ...moved,
    updatedAt: now,
    evidence: [...new Set([...moved.evidence, ...evidence])].slice(0, MOST_CITED),
    ...(finding === undefined ? {} : { finding: { ...finding, by: who, at: now } }),
    notes: addNote(moved.notes, said),
  };
  await deps.incidents.put(updated);
  return updated;
}

export const addNote = (notes: readonly IncidentNote[] = [], said: IncidentNote): readonly IncidentNote[] =>
  [...notes, said].slice(-MOST_NOTES);

const nameOf = ({ agent, human }: Subject): string => agent ?? human;

const citedIn = (finding: Pick<IncidentFinding, 'because' | 'ruledOut'> | undefined): readonly string[] =>
  finding === undefined ? [] : [...finding.because, ...finding.ruledOut].flatMap(({ evidence }) => evidence);

async function demandRecords({ evidence }: IncidentDeps, tenant: string, ids: readonly string[]): Promise<void> {
  const wanted = [...new Set(ids)];
  if ((await evidence.get(tenant, wanted)).length !== wanted.length)
    throw new WayleaveError('NOT_FOUND', 'An evidence id does not resolve in this tenant.');
}

/**
 * Closed is the end, and a person's word about an incident is a person's: an agent closes only what nobody else has taken
 * notice of, and when it opens a resolved one again the acknowledgement, which could carry a change, is gone.
 */
function moveIncident(
  incident: Incident,
  to: z.infer<typeof updateForm>['state'],
  { human, agent }: Subject,
): Incident {
  if (incident.state === 'closed') throw new WayleaveError('DENIED', 'A closed incident stays closed; open a new one.');
  if (to === 'open' && incident.state === 'acknowledged') return incident;
  if (agent === undefined) return { ...incident, state: to, ...(to === 'open' ? { acknowledgedBy: human } : {}) };
  if (to === 'closed' && (incident.acknowledgedBy !== undefined || incident.openedBy !== agent))
    throw new WayleaveError('DENIED', 'An agent closes only incidents that it opened and nobody acknowledged.');
  if (to !== 'open' || incident.state === 'open') return { ...incident, state: to };
  const { acknowledgedBy: _, ...reopened } = incident;
  return { ...reopened, state: 'open' };
}
