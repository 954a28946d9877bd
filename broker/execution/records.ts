/** Answers operations on the broker's own records (inventory, incidents, changes, evidence): no device is involved. */
import { z } from 'zod';
import type { Containments } from '../containment/containment.ts';
import { OWN_LIST } from '../containment/measure.ts';
import type { Evidence, Incident, Json, Operation, OperationReply, Receipt, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { openForm, openIncident, updateForm, updateIncident } from '../incidents/write-incident.ts';
import { recordCall } from '../models/record-call.ts';
import type { TenantModels } from '../models/tenant-models.ts';
import type { AuditLog, Clock, EvidenceStore, Ids, Incidents, Inventory, Journal } from '../ports.ts';
import type { ResolvedCall } from '../stages/context.ts';
import { type EventFeed, MAX_WAIT_SECONDS } from '../telemetry/event-feed.ts';
import type { UpstreamTools } from '../upstream/federation.ts';
import { auditForm, readAudit } from './read-audit.ts';
import { readCheckpoint } from './read-checkpoint.ts';
import { type KeptHistory, readTelemetry, telemetryForm } from './read-telemetry.ts';

export interface RecordsDeps {
  readonly inventory: Inventory;
  readonly incidents: Incidents;
  readonly evidence: EvidenceStore;
  readonly journal: Journal;
  readonly audit: Pick<AuditLog, 'size' | 'entries' | 'append' | 'checkpoint' | 'refresh'>;
  /** What contains threats now; without any there is nothing to tell apart from drift. */
  readonly containments?: Pick<Containments, 'open'>;
  /** Which language models a tenant lets in. */
  readonly tenantModels?: TenantModels;
  /** What devices told the broker; without receivers there is nothing to read. */
  readonly eventFeed?: EventFeed;
  /** What was measured and told over days. */
  readonly history?: KeptHistory;
  /** MCP servers of others; without any there is nothing to ask. */
  readonly upstream?: Pick<UpstreamTools, 'call'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

export type RecordsOperation = Extract<Operation, { readonly protocol: 'records' }>;

/**
 * Kinds that only look at what the broker keeps: nothing is written, sent or asked of anybody. Neither the log itself, which
 * shows who reads it, nor events, for which somebody may wait.
 */
const LOOKS: ReadonlySet<string> = new Set([
  'devices',
  'topology',
  'containments',
  'changes',
  'incidents',
  'incident-list',
  'telemetry',
  'evidence',
  'history',
]);

/** Whether all that a call does is to look at the broker's own records. */
export const onlyLooks = (operations: readonly Operation[]): boolean =>
  operations.every((one) => one.protocol === 'records' && LOOKS.has(one.kind));

export interface AnswerRecords {
  answer(context: ResolvedCall, operation: RecordsOperation): Promise<OperationReply>;
  /** The records themselves when the call read evidence back; undefined otherwise. */
  existing(context: ResolvedCall): Promise<readonly Evidence[] | undefined>;
}

/** Incidents that a listing shows at most, the latest. */
const MOST_LISTED = 500;

const upstreamForm = z.strictObject({
  server: z.string(),
  tool: z.string(),
  arguments: z.record(z.string(), z.json()),
});

const containmentsForm = z.strictObject({ devices: z.array(z.string()).max(500) });

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
      case 'containments':
        return readContainments(deps, tenant, containmentsForm.parse(asked));
      case 'changes':
        return (await deps.journal.changes(tenant, 100)).map(changeRow);
      case 'incidents':
      case 'incident-list':
        return (await deps.incidents.list(tenant)).slice(-MOST_LISTED).map(incidentRow);
      case 'incident-open':
        return incidentRow(await openIncident(deps, context.subject, openForm.parse(asked)));
      case 'incident-update':
        return incidentRow(await updateIncident(deps, context.subject, updateForm.parse(asked)));
      case 'events':
        return readEvents(deps, tenant, eventsForm.parse(asked));
      case 'telemetry':
        return readTelemetry(deps, tenant, telemetryForm.parse(asked));
      case 'audit':
        return readAudit(deps.audit, tenant, auditForm.parse(asked));
      case 'checkpoint':
        return readCheckpoint(deps.audit);
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

/** What is left at these devices by containments that have not ended. */
async function readContainments(
  { containments }: RecordsDeps,
  tenant: string,
  { devices }: z.infer<typeof containmentsForm>,
): Promise<Json> {
  const open = (await containments?.open()) ?? [];
  return open
    .filter((one) => one.tenant === tenant)
    .flatMap(({ id, until, traces }) =>
      traces
        .filter(({ device }) => devices.includes(device))
        .map((trace) => ({ id, until, ...trace, measure: { ...trace.measure }, ownList: OWN_LIST })),
    );
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

/** What stands in lists: what was found out and noted is read at the incident itself. */
const incidentRow = ({
  finding: _finding,
  notes: _notes,
  ...incident
}: Incident): { readonly [key: string]: Json } => ({
  ...incident,
});

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
