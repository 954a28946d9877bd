/** Answers operations on the broker's own records (inventory, incidents, changes, evidence): no device is involved. */
import { z } from 'zod';
import {
  type Evidence,
  type Incident,
  type Json,
  type Operation,
  type OperationReply,
  type Receipt,
  SEVERITIES,
  type Subject,
} from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { recordCall } from '../models/record-call.ts';
import type { TenantModels } from '../models/tenant-models.ts';
import type { AuditLog, Clock, EvidenceStore, Ids, Incidents, Inventory, Journal } from '../ports.ts';
import type { ResolvedCall } from '../stages/context.ts';
import { type EventFeed, MAX_WAIT_SECONDS } from '../telemetry/event-feed.ts';
import type { History } from '../telemetry/history.ts';
import type { UpstreamTools } from '../upstream/federation.ts';
import { auditForm, readAudit } from './read-audit.ts';
import { readTelemetry, telemetryForm } from './read-telemetry.ts';

export interface RecordsDeps {
  readonly inventory: Inventory;
  readonly incidents: Incidents;
  readonly evidence: EvidenceStore;
  readonly journal: Journal;
  readonly audit: Pick<AuditLog, 'size' | 'entries' | 'append'>;
  /** Which language models a tenant lets in. */
  readonly tenantModels?: TenantModels;
  /** What devices told the broker; without receivers there is nothing to read. */
  readonly eventFeed?: EventFeed;
  /** What was measured and told over days. */
  readonly history?: Pick<History, 'readings' | 'hours' | 'events'>;
  /** MCP servers of others; without any there is nothing to ask. */
  readonly upstream?: Pick<UpstreamTools, 'call'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

export type RecordsOperation = Extract<Operation, { readonly protocol: 'records' }>;

export interface AnswerRecords {
  answer(context: ResolvedCall, operation: RecordsOperation): Promise<OperationReply>;
  /** The records themselves when the call read evidence back; undefined otherwise. */
  existing(context: ResolvedCall): Promise<readonly Evidence[] | undefined>;
}

/** Incidents that a listing shows at most, the latest; and that may be open at once, so that a flood ends. */
const MOST_LISTED = 500;
const MOST_OPEN = 500;

const openForm = z.strictObject({
  title: z.string().min(1).max(200),
  severity: z.enum(SEVERITIES),
  resources: z.array(z.string().max(200)).max(100),
  evidence: z.array(z.string()).max(500),
});
const updateForm = z.strictObject({
  incident: z.string(),
  state: z.enum(['open', 'resolved', 'closed']), // acknowledging is a human's, through the control API
  note: z.string().max(2000),
});

const upstreamForm = z.strictObject({
  server: z.string(),
  tool: z.string(),
  arguments: z.record(z.string(), z.json()),
});

const eventsForm = z.strictObject({
  last: z.int().min(1).max(500),
  since: z.int().min(0),
  waitSeconds: z.int().min(0).max(MAX_WAIT_SECONDS),
  flows: z.boolean(),
});

export function createRecords(deps: RecordsDeps): AnswerRecords {
  const query = async (context: ResolvedCall, { kind, query: asked }: RecordsOperation): Promise<Json> => {
    const { tenant } = context.subject;
    switch (kind) {
      case 'devices':
        return (await deps.inventory.devices(tenant)).map((device) => ({ ...device }));
      case 'topology': {
        const { circuits, hosts } = await deps.inventory.topology(tenant);
        return {
          circuits: circuits.map((one) => ({ ...one })),
          hosts: hosts.map((one) => ({ ...one, services: one.services.map((service) => ({ ...service })) })),
        };
      }
      case 'changes':
        return (await deps.journal.changes(tenant, 100)).map(changeRow);
      case 'incidents':
      case 'incident-list':
        return (await deps.incidents.list(tenant)).slice(-MOST_LISTED).map((incident) => ({ ...incident }));
      case 'incident-open':
        return openIncident(deps, context, openForm.parse(asked));
      case 'incident-update':
        return updateIncident(deps, context, updateForm.parse(asked));
      case 'events':
        return readEvents(deps, tenant, eventsForm.parse(asked));
      case 'telemetry':
        return readTelemetry(deps.history, tenant, telemetryForm.parse(asked));
      case 'audit':
        return readAudit(deps.audit, tenant, auditForm.parse(asked));
      case 'model-record':
        return recordCall(deps, context.subject, context.intent.purpose, asked);
      case 'upstream': {
        const { server, tool, arguments: args } = upstreamForm.parse(asked);
        if (deps.upstream === undefined) throw new WayleaveError('NOT_FOUND');
        // The tenant is all that they hear of who asks.
        return deps.upstream.call(tenant, server, tool, args);
      }
      case 'evidence':
        return (await deps.evidence.get(tenant, z.array(z.string()).max(500).parse(asked['ids']))).map((one) => ({
          ...one,
        }));
      case 'history':
        return (await readHistory(deps, tenant, asked)).map((one) => ({ ...one }));
      default:
        throw new WayleaveError('NOT_FOUND', `There are no records of kind ${kind}.`);
    }
  };
  return {
    answer: async (context, operation) => ({
      operation,
      collectedAt: new Date(deps.clock.now()).toISOString(),
      ok: true,
      protocol: 'records',
      json: await query(context, operation),
    }),
    existing: async (context) => {
      const { tenant } = context.subject;
      const read = context.operations.find(
        (one) => one.protocol === 'records' && (one.kind === 'evidence' || one.kind === 'history'),
      );
      if (read?.protocol !== 'records') return undefined;
      if (read.kind === 'history') return readHistory(deps, tenant, read.query);
      return deps.evidence.get(tenant, z.array(z.string()).parse(read.query['ids']));
    },
  };
}

const historyForm = z.strictObject({
  devices: z.array(z.string().max(64)).max(500),
  signals: z.array(z.string().max(64)).max(20),
});

async function readHistory(
  { evidence }: RecordsDeps,
  tenant: string,
  asked: RecordsOperation['query'],
): Promise<readonly Evidence[]> {
  const { devices, signals } = historyForm.parse(asked);
  return evidence.history(tenant, devices, signals);
}

/** Events after the cursor, of this tenant only, and where to go on. */
async function readEvents(
  { eventFeed }: RecordsDeps,
  tenant: string,
  { last, since, waitSeconds, flows }: z.infer<typeof eventsForm>,
): Promise<Json> {
  if (eventFeed === undefined) throw new WayleaveError('NOT_FOUND', 'This broker receives no events.');
  const stream = flows ? 'flows' : 'events';
  const events = await eventFeed.read({ tenant, stream, since, limit: last, waitSeconds });
  return { cursor: events.at(-1)?.seq ?? since, events: events.map(({ tenant: _, ...event }) => ({ ...event })) };
}

/** What others may know of a change: when, on what, for whom, and how it ended. */
function changeRow(change: { readonly receipt: Receipt; readonly subject: Subject }): { readonly [key: string]: Json } {
  const { intent, steps, outcome, detail } = change.receipt;
  return {
    intent: intent.id,
    tool: intent.tool,
    devices: intent.target.devices,
    at: steps.at(-1)?.at ?? intent.expiresAt,
    human: change.subject.human,
    outcome,
    detail,
  };
}

async function openIncident(deps: RecordsDeps, context: ResolvedCall, form: z.infer<typeof openForm>): Promise<Json> {
  const { subject } = context;
  const known = await deps.evidence.get(subject.tenant, form.evidence);
  if (known.length !== new Set(form.evidence).size)
    throw new WayleaveError('NOT_FOUND', 'An evidence id does not resolve in this tenant.');
  if ((await deps.incidents.list(subject.tenant, 'open')).length >= MOST_OPEN)
    throw new WayleaveError('LIMITED', 'Too many incidents of this tenant are open.');
  const now = new Date(deps.clock.now()).toISOString();
  const incident: Incident = {
    id: deps.ids.id('inc'),
    tenant: subject.tenant,
    title: form.title,
    severity: form.severity,
    state: 'open',
    resources: form.resources,
    openedBy: subject.agent ?? subject.human,
    // A human who opens an incident with a client of his own has seen it.
    ...(subject.agent === undefined ? { acknowledgedBy: subject.human } : {}),
    openedAt: now,
    updatedAt: now,
    evidence: form.evidence,
  };
  await deps.incidents.put(incident);
  return { ...incident };
}

async function updateIncident(
  deps: RecordsDeps,
  { subject }: ResolvedCall,
  form: z.infer<typeof updateForm>,
): Promise<Json> {
  const incident = await deps.incidents.get(subject.tenant, form.incident);
  if (incident === undefined) throw new WayleaveError('NOT_FOUND');
  const updated: Incident = {
    ...moveIncident(incident, form.state, subject),
    updatedAt: new Date(deps.clock.now()).toISOString(),
  };
  await deps.incidents.put(updated);
  return { ...updated };
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
