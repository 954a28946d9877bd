/** Typed calls of `/api` for a logged-in person: approvals, records, sessions, audit and the stream of steps. */
import { z } from 'zod';
import type { Containment } from '../../broker/containment/containment.ts';
import type { Approval, Evidence, Incident, Receipt } from '../../broker/contract.ts';
import type { BreakGlass, Review, WantedBreakGlass } from '../../broker/grants/break-glass.ts';
import type { WantedGrant } from '../../broker/grants/give-grant.ts';
import type { Grant } from '../../broker/grants/grant.ts';
import type {
  DeviceView,
  IntentStep,
  InventoryView,
  PolicyMode,
  PolicyView,
  RiskOverview,
  SignedBundle,
} from '../../broker/http/control-desk.ts';
import type { IncidentReport } from '../../broker/incidents/report.ts';
import type { WantedImport } from '../../broker/inventory/import-devices.ts';
import type { NoticesView, NoticeView } from '../../broker/notify/notices-desk.ts';
import type { PolicyFile } from '../../broker/policy/referee/messages.ts';
import type { BundleRules } from '../../broker/policy-bundles/bundle.ts';
import type { NarrowingView } from '../../broker/policy-bundles/narrowing-desk.ts';
import type { BundleText, BundleView } from '../../broker/policy-bundles/policy-desk.ts';
import type { AuditKeys, ConsistencyProof, InclusionProof, Session, StoredAuditEntry } from '../../broker/ports.ts';
import type { QuarantineEntry } from '../../broker/standing.ts';
import type { TelemetryCounts } from '../../broker/telemetry/reception.ts';
import type { ChangeWindow, WantedWindow } from '../../broker/windows/change-window.ts';
import { CONTROL_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import { postJson } from './post-json.ts';
import { readAnswer, toWayleaveError } from './read-answer.ts';
import type { ClientSession } from './session.ts';

/** All throw `WayleaveError` with the broker's code. */
export interface ControlClient {
  approvals(status?: Approval['status']): Promise<readonly Approval[]>;
  approval(id: string): Promise<Approval>;
  approve(id: string, reason: string): Promise<Approval>;
  reject(id: string, reason: string): Promise<Approval>;
  receipt(intent: string): Promise<Receipt>;
  evidence(id: string): Promise<Evidence>;
  incidents(): Promise<readonly Incident[]>;
  incident(id: string): Promise<IncidentReport>;
  inventory(): Promise<InventoryView>;
  importDevices(wanted: WantedImport): Promise<{ readonly put: number; readonly removed: number }>;
  devices(): Promise<readonly DeviceView[]>;
  device(name: string): Promise<DeviceView>;
  releaseDevice(name: string, reason: string): Promise<readonly QuarantineEntry[]>;
  policy(): Promise<PolicyView>;
  windows(): Promise<readonly ChangeWindow[]>;
  openWindow(wanted: WantedWindow): Promise<ChangeWindow>;
  closeWindow(id: string): Promise<ChangeWindow>;
  bundles(): Promise<readonly BundleView[]>;
  bundle(id: string): Promise<BundleText>;
  signBundle(files: readonly PolicyFile[], rules: BundleRules): Promise<SignedBundle>;
  proposeBundle(signed: string, reason: string): Promise<BundleView>;
  activateBundle(id: string, reason: string): Promise<BundleView>;
  rollbackPolicy(reason: string): Promise<BundleView>;
  /** What the own tenant forbids. */
  narrowing(): Promise<NarrowingView>;
  proposeNarrowing(files: readonly PolicyFile[], reason: string): Promise<NarrowingView>;
  activateNarrowing(digest: string, reason: string): Promise<NarrowingView>;
  setPolicyMode(policy: string, mode: PolicyMode, reason: string): Promise<BundleView>;
  retirePolicyKey(key: string): Promise<void>;
  /** Resolves with what changes were stopped for. */
  resumeChanges(reason: string): Promise<string>;
  containments(): Promise<readonly Containment[]>;
  containment(id: string): Promise<Containment>;
  endContainment(id: string, reason: string): Promise<Containment>;
  breakGlasses(): Promise<readonly BreakGlass[]>;
  breakGlass(wanted: WantedBreakGlass): Promise<BreakGlass>;
  reviewBreakGlass(id: string, review: Review): Promise<BreakGlass>;
  notices(): Promise<NoticesView>;
  testChannel(channel: string): Promise<NoticeView>;
  replayNotices(which: { readonly notice: string } | { readonly failed: true }): Promise<number>;
  grants(): Promise<readonly Grant[]>;
  giveGrant(wanted: WantedGrant): Promise<Grant>;
  endGrant(id: string): Promise<Grant>;
  telemetry(): Promise<TelemetryCounts>;
  sessions(): Promise<readonly Session[]>;
  endSession(id: string): Promise<void>;
  clearRisk(human: string): Promise<void>;
  risk(): Promise<RiskOverview>;
  auditEntries(from: number, limit: number): Promise<readonly StoredAuditEntry[]>;
  auditCheckpoint(): Promise<string>;
  auditProof(index: number): Promise<InclusionProof>;
  auditConsistency(size: number): Promise<ConsistencyProof>;
  auditKeys(): Promise<AuditKeys>;
  /** The export, NDJSON, line by line as it comes. */
  auditLines(): AsyncIterable<string>;
  /** The whole export as one text: for logs that fit into memory. */
  auditExport(): Promise<string>;
  /** Steps of changes from now on; ends with the signal, or with the login. */
  steps(signal: AbortSignal): AsyncIterable<IntentStep>;
}

/** Objects by the fields that tell them apart; their insides are the broker's, which authenticated itself by its origin. */
const record = <T>(...fields: readonly (keyof T & string)[]): z.ZodType<T> =>
  z.custom<T>((value) => typeof value === 'object' && value !== null && fields.every((field) => field in value));

const approval = record<Approval>('id', 'intent', 'status', 'diff', 'votes', 'needed');
const breakGlass = record<BreakGlass>('id', 'human', 'incident', 'devices', 'uses');
const grant = record<Grant>('id', 'human', 'tools', 'devices', 'until');
const narrowingView = record<NarrowingView>('tenant', 'number', 'files');
const bundleView = record<BundleView>('id', 'digest', 'status', 'votes');
const changeWindow = record<ChangeWindow>('id', 'name', 'devices', 'from', 'until');
const containment = record<Containment>('id', 'state', 'until', 'traces', 'reversed');
const deviceView = record<DeviceView>('device', 'quarantine');
const step = record<IntentStep>('intent', 'device', 'step', 'ok');

export function createControlClient(session: ClientSession): ControlClient {
  const request = session.fetch(CONTROL_AUDIENCE);
  const get = (path: string): Promise<Response> => request(`${session.issuer}/api${path}`);
  const post = (path: string, body: unknown): Promise<Response> =>
    request(`${session.issuer}/api${path}`, postJson(body));
  const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => readAnswer(await get(path), schema);
  const text = async (path: string): Promise<string> => {
    const response = await get(path);
    if (!response.ok) throw toWayleaveError(await response.json().catch(() => undefined), response.status);
    return response.text();
  };
  const vote = async (id: string, verdict: string, reason: string): Promise<Approval> =>
    readAnswer(await post(`/approvals/${encodeURIComponent(id)}/${verdict}`, { reason }), approval);

  return {
    async approvals(status) {
      const path = status === undefined ? '/approvals' : `/approvals?status=${status}`;
      return (await read(path, z.object({ approvals: z.array(approval) }))).approvals;
    },
    approval: (id) => read(`/approvals/${encodeURIComponent(id)}`, approval),
    approve: (id, reason) => vote(id, 'approve', reason),
    reject: (id, reason) => vote(id, 'reject', reason),
    receipt: (intent) => read(`/intents/${encodeURIComponent(intent)}`, record<Receipt>('intent', 'outcome', 'steps')),
    evidence: (id) =>
      read(`/evidence/${encodeURIComponent(id)}`, record<Evidence>('id', 'resource', 'signal', 'value')),
    incidents: async () =>
      (await read('/incidents', z.object({ incidents: z.array(record<Incident>('id', 'title', 'state')) }))).incidents,
    incident: (id) =>
      read(`/incidents/${encodeURIComponent(id)}`, record<IncidentReport>('id', 'timeline', 'evidence', 'impact')),
    inventory: () => read('/inventory', record<InventoryView>('devices', 'topology')),
    importDevices: async (wanted) =>
      readAnswer(await post('/inventory/import', wanted), z.object({ put: z.number(), removed: z.number() })),
    devices: async () => (await read('/devices', z.object({ devices: z.array(deviceView) }))).devices,
    device: (name) => read(`/devices/${encodeURIComponent(name)}`, deviceView),
    async releaseDevice(name, reason) {
      const released = z.object({ released: z.array(record<QuarantineEntry>('device', 'reason')) });
      return (await readAnswer(await post(`/devices/${encodeURIComponent(name)}/release`, { reason }), released))
        .released;
    },
    policy: () => read('/policy', record<PolicyView>('revision', 'stopped')),
    windows: async () => (await read('/windows', z.object({ windows: z.array(changeWindow) }))).windows,
    openWindow: async (wanted) => readAnswer(await post('/windows', wanted), changeWindow),
    closeWindow: async (id) => readAnswer(await post(`/windows/${encodeURIComponent(id)}/close`, {}), changeWindow),
    bundles: async () => (await read('/policy/bundles', z.object({ bundles: z.array(bundleView) }))).bundles,
    bundle: (id) => read(`/policy/bundles/${encodeURIComponent(id)}`, record<BundleText>('id', 'files', 'diff')),
    signBundle: async (files, rules) =>
      readAnswer(await post('/policy/sign', { files, rules }), record<SignedBundle>('signed', 'digest')),
    proposeBundle: async (signed, reason) => readAnswer(await post('/policy/bundles', { signed, reason }), bundleView),
    activateBundle: async (id, reason) =>
      readAnswer(await post(`/policy/bundles/${encodeURIComponent(id)}/activate`, { reason }), bundleView),
    rollbackPolicy: async (reason) => readAnswer(await post('/policy/rollback', { reason }), bundleView),
    narrowing: () => read('/policy/narrowing', narrowingView),
    proposeNarrowing: async (files, reason) =>
      readAnswer(await post('/policy/narrowing', { files, reason }), narrowingView),
    activateNarrowing: async (digest, reason) =>
      readAnswer(await post('/policy/narrowing/activate', { digest, reason }), narrowingView),
    setPolicyMode: async (policy, mode, reason) =>
      readAnswer(await post('/policy/mode', { policy, mode, reason }), bundleView),
    async retirePolicyKey(key) {
      await readAnswer(await post('/policy/keys/retire', { key }), z.object({ retired: z.string() }));
    },
    containments: async () =>
      (await read('/containments', z.object({ containments: z.array(containment) }))).containments,
    containment: (id) => read(`/containments/${encodeURIComponent(id)}`, containment),
    endContainment: async (id, reason) =>
      readAnswer(await post(`/containments/${encodeURIComponent(id)}/end`, { reason }), containment),
    breakGlasses: async () =>
      (await read('/break-glass', z.object({ breakGlasses: z.array(breakGlass) }))).breakGlasses,
    breakGlass: async (wanted) => readAnswer(await post('/break-glass', wanted), breakGlass),
    reviewBreakGlass: async (id, review) => readAnswer(await post(`/break-glass/${id}/review`, review), breakGlass),
    notices: () => read('/notices', record<NoticesView>('channels', 'notices')),
    testChannel: async (channel) =>
      readAnswer(await post('/notices/test', { channel }), record<NoticeView>('notice', 'state', 'attempts')),
    replayNotices: async (which) =>
      (await readAnswer(await post('/notices/replay', which), z.object({ replayed: z.int() }))).replayed,
    grants: async () => (await read('/grants', z.object({ grants: z.array(grant) }))).grants,
    giveGrant: async (wanted) => readAnswer(await post('/grants', wanted), grant),
    endGrant: async (id) => readAnswer(await post(`/grants/${id}/end`, {}), grant),
    async resumeChanges(reason) {
      return (await readAnswer(await post('/policy/resume', { reason }), z.object({ resumed: z.string() }))).resumed;
    },
    telemetry: () => read('/telemetry', record<TelemetryCounts>('received', 'kept', 'drops')),
    sessions: async () =>
      (await read('/sessions', z.object({ sessions: z.array(record<Session>('id', 'human', 'createdAt')) }))).sessions,
    async clearRisk(human) {
      const path = `/people/${encodeURIComponent(human)}/clear-risk`;
      await readAnswer(await post(path, {}), z.object({ cleared: z.string() }));
    },
    async endSession(id) {
      await readAnswer(await post(`/sessions/${encodeURIComponent(id)}/end`, {}), z.object({ ended: z.string() }));
    },
    risk: () => read('/risk', record<RiskOverview>('at', 'people', 'profiles')),
    auditEntries: async (from, limit) => {
      const entries = z.object({ entries: z.array(record<StoredAuditEntry>('index', 'kind', 'at')) });
      return (await read(`/audit?from=${from}&limit=${limit}`, entries)).entries;
    },
    auditCheckpoint: () => text('/audit/checkpoint'),
    auditProof: (index) =>
      read(`/audit/proof?index=${index}`, record<InclusionProof>('index', 'entry', 'hashes', 'checkpoint')),
    auditConsistency: (size) =>
      read(`/audit/consistency?size=${size}`, record<ConsistencyProof>('hashes', 'checkpoint')),
    auditKeys: () => read('/audit/keys', record<AuditKeys>('first', 'inForce', 'handovers')),
    async *auditLines() {
      const response = await get('/audit/export');
      if (!response.ok || response.body === null)
        throw toWayleaveError(await response.json().catch(() => undefined), response.status);
      let rest = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
      // What the broker could not end must not pass for the end of the log.
      if (rest !== '') yield rest;
    },
    auditExport: () => text('/audit/export'),
    async *steps(signal) {
      const response = await request(`${session.issuer}/api/events`, { signal });
      if (!response.ok || response.body === null) {
        throw toWayleaveError(await response.json().catch(() => undefined), response.status);
      }
      let rest = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        const events = (rest + chunk).split('\n\n');
        rest = events.pop() ?? '';
        for (const event of events) {
          const data = event.split('\n').find((line) => line.startsWith('data: '));
          if (event.includes('event: step') && data !== undefined) yield step.parse(JSON.parse(data.slice(6)));
        }
      }
    },
  };
}
