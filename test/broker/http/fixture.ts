/** A whole front of the broker on a free port: real authorization server, real sockets, and a broker and desk that only remember. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBrokerClient } from '../../../agents/broker/broker-client.ts';
import { login } from '../../../apps/client/login.ts';
import type { ClientSession } from '../../../apps/client/session.ts';
import type { AgentName, Answer, Approval, Broker, Subject } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import { createBrokerApp } from '../../../broker/http/app.ts';
import type { ControlDesk } from '../../../broker/http/control-desk.ts';
import { startHttpServer } from '../../../broker/http/server.ts';
import type { AgentRegistry } from '../../../broker/identity/agent-registry.ts';
import { HUMAN_AUDIENCES } from '../../../broker/identity/audiences.ts';
import { createAuthenticate } from '../../../broker/identity/authenticate.ts';
import { createAuthorizationServer } from '../../../broker/identity/authorization-server.ts';
import { createLogin } from '../../../broker/identity/login.ts';
import { createUserFile, hashPassword, type User } from '../../../broker/identity/users.ts';
import type { AuditEntry, Session } from '../../../broker/ports.ts';
import { audienceOf } from '../../../broker/stages/authenticate.ts';
import { generateSigningKey } from '../../../protocols/oauth/jwk.ts';
import { createSingleUse } from '../../../protocols/oauth/single-use.ts';
import { PROOF_RETENTION_MS } from '../../../protocols/oauth/verify-credential.ts';

export const PASSWORD = 'correct horse battery';
const passwordHash = hashPassword(PASSWORD);

export const DIGEST = `sha256:${'a'.repeat(64)}`;

export type Front = Awaited<ReturnType<typeof startFront>>;

/** Everything is closed and removed by `close`. */
export async function startFront() {
  const folder = await mkdtemp(join(tmpdir(), 'wayleave-front-'));
  const usersPath = join(folder, 'users.json');
  const people: User[] = [
    { name: 'operator@acme', tenant: 'acme', roles: ['tenant-operator'], passwordHash: await passwordHash },
    { name: 'admin@acme', tenant: 'acme', roles: ['tenant-admin'], passwordHash: await passwordHash },
  ];
  const writeUsers = (users: readonly User[]): Promise<void> => writeFile(usersPath, JSON.stringify({ users }));
  await writeUsers(people);

  const clock = { offset: 0, now: () => Date.now() + clock.offset };
  const sessionsById = new Map<string, Session>();
  const sessions = {
    put: async (session: Session) => void sessionsById.set(session.id, session),
    get: async (id: string) => sessionsById.get(id),
    list: async (tenant: string) => [...sessionsById.values()].filter((session) => session.tenant === tenant),
  };
  const agentKeys = new Map<AgentName, ReturnType<typeof generateSigningKey>>([
    ['troubleshooter', generateSigningKey()],
    ['router', generateSigningKey()],
  ]);
  const agents: AgentRegistry = [...agentKeys]
    .filter(([agent]) => agent === 'troubleshooter')
    .map(([agent, key]) => ({ agent, digest: DIGEST, jwks: [key.publicJwk] }));
  const signingKey = generateSigningKey();
  const ids = { id: (prefix: string) => `${prefix}_${randomUUID().replaceAll('-', '')}` };
  const audit: AuditEntry[] = [];
  const defects: unknown[] = [];
  const log = { error: (fields: { readonly [key: string]: unknown }) => void defects.push(fields) };
  const calls: { readonly subject: Subject; readonly tool: string; readonly args: unknown }[] = [];
  const votes: { readonly subject: Subject; readonly id: string; readonly verdict: string; readonly reason: string }[] =
    [];

  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    createApp: async (url) => {
      const proofs = createSingleUse(clock.now, PROOF_RETENTION_MS, 10_000);
      const deps = {
        issuer: url,
        signingKey,
        cookieSecret: 'c'.repeat(32),
        users: createUserFile(usersPath),
        sessions,
        agents,
        clock,
        ids,
        proofs,
        record: async (entry: AuditEntry) => audit.push(entry),
        log,
      };
      const authorizationServer = createAuthorizationServer(deps);
      const authenticate = createAuthenticate({ ...deps, keys: authorizationServer.keys });
      const broker: Broker = {
        listTools: async (credential, domain) => {
          await authenticate(credential, audienceOf(domain));
          return [
            {
              name: `${domain}.read`,
              domain,
              effect: 'read',
              description: 'Reads.',
              inputSchema: { type: 'object', properties: { input: { type: 'object' } }, required: ['input'] },
            },
          ];
        },
        call: async (credential, domain, tool, args): Promise<Answer> => {
          const subject = await authenticate(credential, audienceOf(domain));
          if (tool === 'defect') throw new Error('a secret of the inside');
          if (tool === 'forbidden') throw new WayleaveError('DENIED', 'Only on weekdays.');
          calls.push({ subject, tool, args });
          return { status: 'done', intent: 'int_12345678', evidence: [] };
        },
      };
      const login = await createLogin(deps, authorizationServer);
      const controlDesk = createDesk(votes, sessionsById, clock.now);
      return createBrokerApp({
        url,
        authorizationServer,
        login,
        authenticate,
        broker,
        controlDesk,
        sessions,
        ids,
        clock,
        record: deps.record,
        log,
        isReady: () => true,
      });
    },
  });

  const clientDeps = { fetch, now: clock.now, nonce: () => randomUUID().replaceAll('-', '') };
  return {
    url: server.url,
    clock,
    people,
    writeUsers,
    sessionsById,
    signingKey,
    agentKeys,
    audit,
    calls,
    votes,
    defects,
    login: (user: string, password = PASSWORD, audiences = HUMAN_AUDIENCES): Promise<ClientSession> =>
      login({ issuer: server.url, user, password, audiences }, clientDeps),
    /** A login whose requests pass through somebody in the middle. */
    loginThrough: (middle: typeof fetch): Promise<ClientSession> =>
      login(
        { issuer: server.url, user: 'operator@acme', password: PASSWORD, audiences: HUMAN_AUDIENCES },
        { ...clientDeps, fetch: middle },
      ),
    brokerClient: () => createBrokerClient({ brokerUrl: server.url, agentKeys, fetch, now: clock.now }),
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

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

function createDesk(
  votes: { readonly subject: Subject; readonly id: string; readonly verdict: string; readonly reason: string }[],
  sessions: Map<string, Session>,
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
      const vote = { human: voter.human, verdict, reason, at: new Date(now()).toISOString() };
      return { ...approval, status: verdict === 'approve' ? 'approved' : 'rejected', votes: [vote] };
    },
    receipt: missing,
    evidence: missing,
    incidents: async () => [],
    inventory: async () => ({ devices: [], topology: { circuits: [], hosts: [], addresses: [] } }),
    devices: async () => [],
    device: missing,
    releaseDevice: missing,
    sessions: async (asker) => [...sessions.values()].filter(({ tenant }) => tenant === asker.tenant),
    clearRisk: async (asker, human) => {
      if (human === asker.human) throw new WayleaveError('DENIED');
    },
    endSession: async (asker, id) => {
      const session = sessions.get(id);
      if (session === undefined || session.tenant !== asker.tenant) throw new WayleaveError('NOT_FOUND');
      sessions.set(id, { ...session, endedAt: new Date(now()).toISOString() });
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
