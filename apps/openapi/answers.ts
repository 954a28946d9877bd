/** What each route of the API answers, as types: the JSON schemas of the OpenAPI document are made from this file. */
import type { Shown, ThreadsView } from '../../agents/conversations.ts';
import type { Containment } from '../../broker/containment/containment.ts';
import type { Approval, ChangeSummary, Evidence, Incident, Receipt } from '../../broker/contract.ts';
import type { BreakGlass } from '../../broker/grants/break-glass.ts';
import type { Grant } from '../../broker/grants/grant.ts';
import type {
  DeviceView,
  IntentStep,
  InventoryView,
  PolicyView,
  RiskOverview,
  SignedBundle,
} from '../../broker/http/control-desk.ts';
import type { PasskeyQuestion, WhoAmI } from '../../broker/http/identity-desk.ts';
import type { AgentReport, AgentVersion } from '../../broker/identity/agent-registry.ts';
import type { KeyReport } from '../../broker/identity/key-desk.ts';
import type { PasskeyView } from '../../broker/identity/passkeys.ts';
import type { PersonReport } from '../../broker/identity/people-desk.ts';
import type { Schedule } from '../../broker/identity/schedules.ts';
import type { IncidentReport } from '../../broker/incidents/report.ts';
import type { NoticesView, NoticeView } from '../../broker/notify/notices-desk.ts';
import type { NarrowingView } from '../../broker/policy-bundles/narrowing-desk.ts';
import type { BundleText, BundleView } from '../../broker/policy-bundles/policy-desk.ts';
import type { PolicyMatrix, WhatIfAnswer } from '../../broker/policy-bundles/what-if.ts';
import type { AuditKeys, ConsistencyProof, InclusionProof, Session, StoredAuditEntry } from '../../broker/ports.ts';
import type { DeadRun, QueueView, ShownSchedule } from '../../broker/schedules/desk.ts';
import type { ScheduleRun } from '../../broker/schedules/runs.ts';
import type { Begun, DueSchedule } from '../../broker/schedules/worker-desk.ts';
import type { QuarantineEntry } from '../../broker/standing.ts';
import type { TelemetryCounts } from '../../broker/telemetry/reception.ts';
import type { ServerReport } from '../../broker/upstream/desk.ts';
import type { NewSecret } from '../../broker/webhooks/desk.ts';
import type { HookView } from '../../broker/webhooks/hook.ts';
import type { ChangeWindow } from '../../broker/windows/change-window.ts';

/** Answers that are JSON, by route; those that are text or a stream are in `operations.ts`. */
export interface Answers {
  'GET /api/approvals': { readonly approvals: readonly Approval[] };
  'GET /api/approvals/{id}': Approval;
  'POST /api/approvals/{id}/approve': Approval;
  'POST /api/approvals/{id}/reject': Approval;
  'GET /api/intents/{id}': Receipt;
  'GET /api/evidence/{id}': Evidence;
  'GET /api/incidents': { readonly incidents: readonly Incident[] };
  'GET /api/incidents/{id}': IncidentReport;
  'GET /api/inventory': InventoryView;
  'GET /api/devices': { readonly devices: readonly DeviceView[] };
  'GET /api/devices/{name}': DeviceView;
  'POST /api/devices/{name}/release': { readonly released: readonly QuarantineEntry[] };
  'GET /api/containments': { readonly containments: readonly Containment[] };
  'GET /api/containments/{id}': Containment;
  'POST /api/containments/{id}/end': Containment;
  'GET /api/policy': PolicyView;
  'GET /api/policy/matrix': PolicyMatrix;
  'POST /api/policy/explain': WhatIfAnswer;
  'POST /api/policy/resume': { readonly resumed: string };
  'GET /api/windows': { readonly windows: readonly ChangeWindow[] };
  'POST /api/windows': ChangeWindow;
  'POST /api/windows/{id}/close': ChangeWindow;
  'GET /api/policy/bundles': { readonly bundles: readonly BundleView[] };
  'GET /api/policy/bundles/{id}': BundleText;
  'POST /api/policy/sign': SignedBundle;
  'POST /api/policy/bundles': BundleView;
  'POST /api/policy/bundles/{id}/activate': BundleView;
  'POST /api/policy/rollback': BundleView;
  'POST /api/policy/mode': BundleView;
  'GET /api/policy/narrowing': NarrowingView;
  'POST /api/policy/narrowing': NarrowingView;
  'POST /api/policy/narrowing/activate': NarrowingView;
  'POST /api/policy/keys/retire': { readonly retired: string };
  'GET /api/break-glass': { readonly breakGlasses: readonly BreakGlass[] };
  'POST /api/break-glass': BreakGlass;
  'POST /api/break-glass/{id}/review': BreakGlass;
  'GET /api/notices': NoticesView;
  'POST /api/notices/test': NoticeView;
  'POST /api/notices/replay': { readonly replayed: number };
  'GET /api/grants': { readonly grants: readonly Grant[] };
  'POST /api/grants': Grant;
  'POST /api/grants/{id}/end': Grant;
  'GET /api/telemetry': TelemetryCounts;
  'GET /api/sessions': { readonly sessions: readonly Session[] };
  'POST /api/sessions/{id}/end': { readonly ended: string };
  'GET /api/risk': RiskOverview;
  'POST /api/people/{human}/clear-risk': { readonly cleared: string };
  'GET /api/audit': { readonly entries: readonly StoredAuditEntry[] };
  'GET /api/audit/keys': AuditKeys;
  'GET /api/audit/proof': InclusionProof;
  'GET /api/audit/consistency': ConsistencyProof;
  'GET /api/identity/me': WhoAmI;
  'POST /api/identity/switch': { readonly ticket: string };
  'POST /api/identity/second-factor': { readonly secret: string; readonly uri: string };
  'POST /api/identity/second-factor/confirm': { readonly enrolled: true };
  'POST /api/identity/step-up': { readonly seconds: number };
  'GET /api/identity/passkeys': { readonly passkeys: readonly PasskeyView[] };
  'POST /api/identity/passkeys/options': PasskeyQuestion;
  'POST /api/identity/passkeys': PasskeyView;
  'POST /api/identity/passkeys/{key}/remove': { readonly removed: true };
  'POST /api/identity/step-up/passkey/options': PasskeyQuestion;
  'POST /api/identity/step-up/passkey': { readonly seconds: number };
  'GET /api/identity/agents': { readonly agents: readonly AgentReport[] };
  'POST /api/identity/agents/{name}/approve': AgentVersion;
  'POST /api/identity/agents/{name}/stop': AgentVersion;
  'GET /api/identity/people': { readonly people: readonly PersonReport[] };
  'POST /api/identity/people/{human}': PersonReport;
  'POST /api/identity/people/{human}/forget-factors': PersonReport;
  'GET /api/identity/keys': { readonly keys: readonly KeyReport[] };
  'POST /api/identity/keys/{kind}/rotate': { readonly keys: readonly KeyReport[] };
  'GET /api/upstreams': { readonly upstreams: readonly ServerReport[] };
  'GET /api/upstreams/{server}': ServerReport;
  'POST /api/upstreams/{server}/approve': ServerReport;
  'POST /api/upstreams/{server}/quarantine': ServerReport;
  'POST /api/upstreams/{server}/remove': ServerReport;
  'GET /api/schedules': { readonly schedules: readonly ShownSchedule[] };
  'POST /api/schedules': Schedule;
  'GET /api/schedules/queue': QueueView;
  'GET /api/schedules/dead': { readonly runs: readonly DeadRun[] };
  'POST /api/schedules/{id}/retry': { readonly run: string };
  'GET /api/schedules/{id}/runs': { readonly runs: readonly ScheduleRun[] };
  'POST /api/schedules/{id}/pause': Schedule;
  'POST /api/schedules/{id}/resume': Schedule;
  'POST /api/schedules/{id}/run': { readonly run: string };
  'POST /api/schedules/{id}/end': { readonly ended: string };
  'GET /api/webhooks': { readonly webhooks: readonly HookView[] };
  'POST /api/webhooks': NewSecret;
  'POST /api/webhooks/{id}/rotate': NewSecret;
  'POST /api/webhooks/{id}/revoke': HookView;
  'POST /hooks/{id}': {
    readonly repeated: boolean;
    readonly opened: number;
    readonly updated: number;
    readonly resolved: number;
  };
  'POST /api/inventory/import': { readonly put: number; readonly removed: number };
  'GET /api/worker/schedules': { readonly schedules: readonly DueSchedule[] };
  'POST /api/worker/schedules/{id}/begin': Begun;
  'POST /api/worker/schedules/{id}/report': { readonly goOn: boolean };
  'POST /api/worker/heard': { readonly heard: true };
  'GET /threads': ThreadsView;
  'GET /threads/{id}': Shown;
  'POST /threads/{id}/stop': { readonly stopped: boolean };
  /** What streams and events carry. */
  'TOLD step': IntentStep;
  'TOLD change': ChangeSummary;
}
