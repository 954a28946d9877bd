/** Every operation of the HTTP API: what it is for, and the schema that reads what is sent. A test finds routes that are missing here. */
import { z } from 'zod';
import { chatBody, followQuery } from '../../agents/http.ts';
import * as control from '../../broker/http/control-routes.ts';
import * as identity from '../../broker/http/identity-routes.ts';
import * as narrowing from '../../broker/http/narrowing-routes.ts';
import * as policy from '../../broker/http/policy-routes.ts';
import { ballot } from '../../broker/http/request.ts';
import { wantedRetry } from '../../broker/http/schedule-routes.ts';
import * as upstream from '../../broker/http/upstream-routes.ts';
import * as worker from '../../broker/http/worker-routes.ts';
import { wantedSchedule } from '../../broker/identity/schedules.ts';
import { wantedImport } from '../../broker/inventory/import-devices.ts';
import { matrixQuestion, whatIfQuestion } from '../../broker/policy-bundles/what-if.ts';
import { workerReport } from '../../broker/schedules/workers.ts';
import { alertmanagerMessage } from '../../broker/webhooks/alertmanager.ts';
import { rotation, wantedHook } from '../../broker/webhooks/desk.ts';

export interface Operation {
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Of a success, where it is not 200. */
  readonly status?: 201;
  /** Who asks, where it is no person with a token: a worker, with an assertion signed by its key. */
  readonly by?: 'worker';
  /** What it answers, where that is no JSON object. */
  readonly media?: 'text/plain' | 'text/markdown' | 'application/x-ndjson' | 'text/event-stream';
  /** What it also answers, when the query asks for that. */
  readonly or?: 'text/html';
}

const nothing = z.strictObject({});

/** By method and path; those below `/api` and `/hooks` are the broker's, the others the agents'. */
export const OPERATIONS: { readonly [route: string]: Operation } = {
  'GET /api/approvals': { summary: 'Approvals of the tenant', query: control.approvalsQuery },
  'GET /api/approvals/{id}': { summary: 'One approval, with diff, rehearsal and votes' },
  'POST /api/approvals/{id}/approve': { summary: 'Approve exactly this change', body: ballot },
  'POST /api/approvals/{id}/reject': { summary: 'Reject it', body: ballot },
  'GET /api/intents/{id}': { summary: 'Receipt of an intent that has ended' },
  'GET /api/evidence/{id}': { summary: 'One evidence record' },
  'GET /api/incidents': { summary: 'Incidents of the tenant' },
  'GET /api/incidents/{id}': { summary: 'Cause, evidence, impact, changes and timeline of one' },
  'GET /api/incidents/{id}/report': {
    summary: 'The same as a document: for a ticket, or as one page to keep',
    query: control.reportQuery,
    media: 'text/markdown',
    or: 'text/html',
  },
  'GET /api/inventory': { summary: 'Devices, circuits and hosts of the tenant' },
  'GET /api/devices': { summary: 'Devices with certificate and quarantine' },
  'GET /api/devices/{name}': { summary: 'One device' },
  'POST /api/devices/{name}/release': { summary: 'Take a device out of quarantine', body: ballot },
  'GET /api/containments': { summary: 'What contains threats, and what did' },
  'GET /api/containments/{id}': { summary: 'One containment' },
  'POST /api/containments/{id}/end': { summary: 'End it now', body: ballot },
  'GET /api/policy': { summary: 'What decides now, and why changes are stopped, if they are' },
  'GET /api/policy/matrix': {
    summary: 'What would be decided for every role and tool, directly or through an agent',
    query: matrixQuestion,
  },
  'POST /api/policy/explain': {
    summary: 'What would be decided in one case, why, and what would permit it',
    body: whatIfQuestion,
  },
  'POST /api/policy/resume': { summary: 'Let changes go on', body: ballot },
  'GET /api/windows': { summary: 'Change windows that are open or come' },
  'POST /api/windows': { summary: 'Open a change window', body: policy.wantedWindow, status: 201 },
  'POST /api/windows/{id}/close': { summary: 'Close it', body: nothing },
  'GET /api/policy/bundles': { summary: 'Policy bundles and who voted for them' },
  'GET /api/policy/bundles/{id}': { summary: 'Text and difference of a bundle' },
  'POST /api/policy/sign': { summary: 'Check and sign a folder of policies', body: policy.folder },
  'POST /api/policy/bundles': { summary: 'Propose a signed bundle', body: policy.proposal, status: 201 },
  'POST /api/policy/bundles/{id}/activate': { summary: 'Vote for its activation', body: ballot },
  'POST /api/policy/rollback': { summary: 'Go back to the bundle before', body: ballot },
  'POST /api/policy/mode': { summary: 'Only observe a policy, or enforce it', body: policy.mode },
  'GET /api/policy/narrowing': { summary: 'What the tenant forbids by itself' },
  'POST /api/policy/narrowing': { summary: 'Propose that', body: narrowing.narrowing, status: 201 },
  'POST /api/policy/narrowing/activate': { summary: 'Vote for it', body: narrowing.narrowingVote },
  'POST /api/policy/keys/retire': { summary: 'Retire a key that signs bundles', body: policy.keyName },
  'GET /api/break-glass': { summary: 'Emergencies' },
  'POST /api/break-glass': { summary: 'Break the glass', body: control.wantedBreakGlass, status: 201 },
  'POST /api/break-glass/{id}/review': { summary: 'Review an emergency', body: control.review },
  'GET /api/notices': { summary: 'Channels, and what became of notices' },
  'POST /api/notices/test': { summary: 'Send a test', body: control.channelName },
  'POST /api/notices/replay': { summary: 'Send notices again', body: control.wantedNotices },
  'GET /api/grants': { summary: 'Just-in-time grants' },
  'POST /api/grants': { summary: 'Give a grant', body: control.wantedGrant, status: 201 },
  'POST /api/grants/{id}/end': { summary: 'End a grant', body: nothing },
  'GET /api/telemetry': { summary: 'Counts of what devices told' },
  'GET /api/sessions': { summary: 'Login sessions' },
  'POST /api/sessions/{id}/end': { summary: 'End a session', body: nothing },
  'GET /api/risk': { summary: 'Risk of people, with its contributions' },
  'POST /api/people/{human}/clear-risk': { summary: 'End the suspension of another person', body: nothing },
  'GET /api/audit': { summary: 'Entries of the log from an index on', query: control.page },
  'GET /api/audit/checkpoint': { summary: 'The latest signed checkpoint', media: 'text/plain' },
  'GET /api/audit/keys': { summary: 'Keys of the log' },
  'GET /api/audit/proof': { summary: 'Proof that an entry is in the log', query: control.proofQuery },
  'GET /api/audit/consistency': { summary: 'Proof that the log only grew', query: control.consistencyQuery },
  'GET /api/audit/export': { summary: 'The log for an offline verifier', media: 'application/x-ndjson' },
  'GET /api/events': {
    summary: 'Steps of changes as they happen, and a ring whenever circuits or tunnels stand otherwise',
    media: 'text/event-stream',
  },
  'GET /api/identity/me': { summary: 'Who one is' },
  'POST /api/identity/switch': { summary: 'A ticket for a login in another tenant', body: identity.otherTenant },
  'POST /api/identity/second-factor': { summary: 'A secret for an authenticator', body: nothing },
  'POST /api/identity/second-factor/confirm': { summary: 'Its first code', body: identity.code },
  'POST /api/identity/step-up': { summary: 'Show the second factor', body: identity.code },
  'GET /api/identity/passkeys': { summary: 'One’s own passkeys' },
  'POST /api/identity/passkeys/options': { summary: 'What a browser is asked to make one', body: nothing },
  'POST /api/identity/passkeys': { summary: 'What it answered', body: identity.passkey },
  'POST /api/identity/passkeys/{key}/remove': { summary: 'Remove one', body: nothing },
  'POST /api/identity/step-up/passkey/options': { summary: 'What a browser is asked to show one', body: nothing },
  'POST /api/identity/step-up/passkey': { summary: 'Step up by passkey', body: identity.shownPasskey },
  'GET /api/identity/agents': { summary: 'Agents and their digests' },
  'POST /api/identity/agents/{name}/approve': { summary: 'Approve a digest', body: identity.approval },
  'POST /api/identity/agents/{name}/stop': { summary: 'Stop an agent', body: identity.stop },
  'GET /api/identity/people': { summary: 'People of the tenant' },
  'POST /api/identity/people/{human}': { summary: 'Suspend a person, or set roles', body: identity.personChange },
  'POST /api/identity/people/{human}/forget-factors': {
    summary: 'Forget all second factors of a person',
    body: nothing,
  },
  'GET /api/identity/keys': { summary: 'Signing keys' },
  'POST /api/identity/keys/{kind}/rotate': { summary: 'Rotate one', body: nothing },
  'GET /api/upstreams': { summary: 'MCP servers of others' },
  'GET /api/upstreams/{server}': { summary: 'One of them, looked at anew' },
  'POST /api/upstreams/{server}/approve': { summary: 'Approve tools', body: upstream.approval },
  'POST /api/upstreams/{server}/quarantine': { summary: 'Stop tools', body: upstream.stop },
  'POST /api/upstreams/{server}/remove': { summary: 'Forget what was approved', body: upstream.removal },
  'GET /api/schedules': { summary: 'Scheduled work' },
  'POST /api/schedules': { summary: 'Add a schedule', body: wantedSchedule, status: 201 },
  'GET /api/schedules/queue': { summary: 'What waits and runs, and the workers' },
  'GET /api/schedules/dead': { summary: 'Runs that failed for good' },
  'POST /api/schedules/{id}/retry': { summary: 'Run such a one again', body: wantedRetry },
  'GET /api/schedules/{id}/runs': { summary: 'Its runs' },
  'POST /api/schedules/{id}/pause': { summary: 'Pause it', body: nothing },
  'POST /api/schedules/{id}/resume': { summary: 'Go on', body: nothing },
  'POST /api/schedules/{id}/run': { summary: 'Run it now', body: nothing },
  'POST /api/schedules/{id}/end': { summary: 'End it', body: nothing },
  'GET /api/webhooks': { summary: 'What the tenant takes in from elsewhere' },
  'POST /api/webhooks': { summary: 'Make a webhook, and tell its secret', body: wantedHook, status: 201 },
  'POST /api/webhooks/{id}/rotate': { summary: 'Give it another secret', body: rotation },
  'POST /api/webhooks/{id}/revoke': { summary: 'Take nothing more by it', body: nothing },
  'POST /hooks/{id}': { summary: 'Alerts, signed as Standard Webhooks say', body: alertmanagerMessage },
  'POST /api/inventory/import': { summary: 'Devices of another inventory', body: wantedImport },
  'GET /api/worker/schedules': { summary: 'Schedules, for workers', by: 'worker' },
  'POST /api/worker/schedules/{id}/begin': { summary: 'A worker takes a run', body: worker.begin, by: 'worker' },
  'POST /api/worker/schedules/{id}/report': { summary: 'How the run goes', body: worker.report, by: 'worker' },
  'POST /api/worker/heard': {
    summary: 'A worker is there, and so long is its queue',
    body: workerReport,
    by: 'worker',
  },
  'POST /chat': { summary: 'Ask the agents', body: chatBody, media: 'text/event-stream' },
  'GET /threads': { summary: 'One’s conversations, the latest first' },
  'GET /threads/{id}': { summary: 'A conversation with its events' },
  'GET /threads/{id}/events': {
    summary: 'Its events, and then those that come',
    query: followQuery,
    media: 'text/event-stream',
  },
  'POST /threads/{id}/resume': { summary: 'Go on after an approval', media: 'text/event-stream' },
  'POST /threads/{id}/stop': { summary: 'Stop the run' },
};
