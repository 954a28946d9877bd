/** A control desk that knows one approval and remembers who voted on it. */
import type { Approval, Subject } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import type { ControlDesk } from '../../../broker/http/control-desk.ts';
import type { Sessions } from '../../../broker/ports.ts';

export const DIGEST = `sha256:${'a'.repeat(64)}`;

const subject: Subject = {
  human: 'operator@acme',
  roles: [],
  tenant: 'acme',
  session: 'ses_1',
  chain: ['operator@acme'],
};

const approval: Approval = {
  id: 'apr_1',
  intent: {
    id: 'int_12345678',
    tool: 'bgp.set-local-as',
    domain: 'wan',
    effect: 'change',
    tenant: 'acme',
    target: { devices: ['br2_edge'] },
    input: { localAs: 65002 },
    purpose: 'inc_1',
    evidence: [],
    expiresAt: '2026-01-01T00:00:00Z',
    digest: DIGEST,
  },
  requester: subject,
  decision: { id: 'dec_1', effect: 'permit', policies: [], reasons: [], obligations: [], advice: [], revision: 'r' },
  diff: '-65099\n+65002',
  stateHash: DIGEST,
  status: 'pending',
  needed: { count: 1, role: 'tenant-admin' },
  votes: [],
  createdAt: '2026-01-01T00:00:00Z',
  expiresAt: '2026-01-01T00:10:00Z',
};

/** Remembers the votes; sessions are real. */
export function createFakeDesk(
  votes: { readonly subject: Subject; readonly id: string; readonly verdict: string; readonly reason: string }[],
  sessions: Sessions,
  now: () => number,
): ControlDesk {
  const missing = async (): Promise<never> => {
    throw new WayleaveError('NOT_FOUND');
  };
  return {
    approvals: async (_subject, status) => (status === undefined || status === 'pending' ? [approval] : []),
    approval: async (_subject, id) => (id === approval.id ? approval : missing()),
    vote: async (voter, id, verdict, reason) => {
      votes.push({ subject: voter, id, verdict, reason });
      const vote = { human: voter.human, verdict, reason, at: new Date(now()).toISOString(), entry: votes.length };
      return { ...approval, status: verdict === 'approve' ? 'approved' : 'rejected', votes: [vote] };
    },
    receipt: missing,
    evidence: missing,
    incidents: async () => [],
    incident: missing,
    inventory: async () => ({ devices: [], topology: { circuits: [], hosts: [], addresses: [] } }),
    devices: async () => [],
    device: missing,
    releaseDevice: missing,
    policy: async () => ({ revision: 'r', stopped: null, problem: null, bundle: null }),
    policyMatrix: missing,
    explainPolicy: missing,
    resumeChanges: missing,
    windows: async () => [],
    openWindow: missing,
    closeWindow: missing,
    bundles: async () => [],
    bundle: missing,
    signBundle: missing,
    proposeBundle: missing,
    activateBundle: missing,
    rollbackPolicy: missing,
    setPolicyMode: missing,
    retirePolicyKey: missing,
    containments: async () => [],
    containment: missing,
    endContainment: missing,
    breakGlasses: async () => [],
    breakGlass: missing,
    reviewBreakGlass: missing,
    grants: async () => [],
    giveGrant: missing,
    endGrant: missing,
    notices: async () => ({ channels: [], notices: [] }),
    testChannel: missing,
    replayNotices: async () => 0,
    telemetry: missing,
    risk: async (asker) => ({ at: '', tenant: asker.tenant, people: [], profiles: [] }),
    auditProof: missing,
    auditConsistency: missing,
    auditKeys: missing,
    sessions: (asker) => sessions.list(asker.tenant),
    clearRisk: async (asker, human) => {
      if (human === asker.human) throw new WayleaveError('DENIED');
    },
    endSession: async (asker, id) => {
      const session = await sessions.get(id);
      if (session === undefined || session.tenant !== asker.tenant) throw new WayleaveError('NOT_FOUND');
      await sessions.put({ ...session, endedAt: new Date(now()).toISOString() });
    },
    auditEntries: async (_subject, from) => [{ index: from, at: '', tenant: 'acme', kind: 'start', content: {} }],
    auditCheckpoint: async () => 'wayleave\n1\nroot\n',
    async *auditExport() {
      yield '{"line":1}';
      yield '{"line":2}';
    },
    async *steps() {
      yield { intent: 'int_1', device: 'br2_edge', step: 'lock', ok: true, detail: '', at: '' };
      yield { intent: 'int_1', device: 'br2_edge', step: 'confirm', ok: true, detail: '', at: '' };
    },
  };
}
