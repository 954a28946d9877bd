/** Reads everything that the broker knows of one incident, within the tenant and roles of the person who asks. */
import type { Role, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Approvals, AuditLog, EvidenceStore, Incidents, Journal, StoredAuditEntry } from '../ports.ts';
import { buildIncidentReport, type IncidentReport, type MadeChange, type Refusal } from './report.ts';

export interface SeeIncidentDeps {
  readonly incidents: Incidents;
  readonly evidence: EvidenceStore;
  readonly approvals: Approvals;
  readonly journal: Journal;
  readonly audit: Pick<AuditLog, 'size' | 'entries'>;
}

/** Records that a report shows; an incident that cites more is told apart by its first ones. */
const MAX_EVIDENCE = 200;
/** Latest changes of the tenant among which those of the incident are looked for, beside those that people voted on. */
const MAX_CHANGES = 500;
/** Latest entries of the log among which refusals are looked for. */
const MAX_SCANNED = 10_000;
const PAGE = 1_000;

/** `NOT_FOUND` when the tenant has no such incident. `readers` are the roles that may read the log. */
export async function seeIncident(
  deps: SeeIncidentDeps,
  subject: Subject,
  id: string,
  readers: readonly Role[],
): Promise<IncidentReport> {
  const { tenant } = subject;
  const incident = await deps.incidents.get(tenant, id);
  if (incident === undefined) throw new WayleaveError('NOT_FOUND', `There is no incident ${id}.`);
  const missing: string[] = [];
  const wanted = incident.evidence.slice(0, MAX_EVIDENCE);
  const evidence = await deps.evidence.get(tenant, wanted);
  const found = new Set(evidence.map((one) => one.id));
  missing.push(...wanted.filter((one) => !found.has(one)).map((one) => `${one} (NOT_FOUND)`));
  if (incident.evidence.length > MAX_EVIDENCE)
    missing.push(`${incident.evidence.length - MAX_EVIDENCE} further records`);
  const approvals = (await deps.approvals.list(tenant)).filter(({ intent }) => intent.purpose === id);
  const changes = new Map<string, MadeChange>();
  for (const one of await deps.journal.changes(tenant, MAX_CHANGES))
    if (one.receipt.intent.purpose === id) changes.set(one.receipt.intent.id, one);
  for (const { intent, status } of approvals) {
    if (status !== 'consumed' || changes.has(intent.id)) continue;
    const known = await deps.journal.find(tenant, intent.id);
    if (known?.receipt !== undefined) changes.set(intent.id, { receipt: known.receipt, subject: known.subject });
  }
  let refusals: readonly Refusal[] = [];
  if (subject.roles.some((role) => readers.includes(role)))
    refusals = await readRefusals(deps, tenant, id, incident.openedAt, missing);
  else missing.push(`refused requests (they need one of the roles ${readers.join(', ')})`);
  const others = (await deps.incidents.list(tenant)).filter(
    (one) => one.id !== id && one.resources.some((resource) => incident.resources.includes(resource)),
  );
  return buildIncidentReport({
    ...{ incident, evidence, approvals, refusals, others, missing },
    changes: [...changes.values()].sort((a, b) => (endOf(a) < endOf(b) ? -1 : 1)),
  });
}

const endOf = ({ receipt: { steps, intent } }: MadeChange): string => steps.at(-1)?.at ?? intent.expiresAt;

/** From the end of the log back to the opening. */
async function readRefusals(
  { audit }: SeeIncidentDeps,
  tenant: string,
  id: string,
  since: string,
  missing: string[],
): Promise<readonly Refusal[]> {
  const found: Refusal[] = [];
  const least = Math.max(0, audit.size() - MAX_SCANNED);
  for (let end = audit.size(); end > least; end -= PAGE) {
    const from = Math.max(least, end - PAGE);
    const page = await audit.entries(from, end - from);
    found.unshift(...page.flatMap((entry) => toRefusal(entry, tenant, id)));
    if ((page[0]?.at ?? '') < since) return found;
  }
  if (least > 0) missing.push(`refused requests before entry ${least} of the log`);
  return found;
}

function toRefusal(entry: StoredAuditEntry, tenant: string, id: string): readonly Refusal[] {
  const { at, kind, human, agent, tool, intent, content } = entry;
  if (entry.tenant !== tenant || kind !== 'refused' || content['purpose'] !== id) return [];
  if (content['effect'] === 'read') return []; // what agents may not look at says nothing of the repair
  const text = (name: string): string => {
    const value = content[name];
    return typeof value === 'string' ? value : '';
  };
  return [
    {
      ...{
        at,
        human: human ?? '',
        tool: tool ?? '',
        intent: intent ?? '',
        code: text('error'),
        detail: text('reason'),
      },
      ...(agent === undefined ? {} : { agent }),
    },
  ];
}
