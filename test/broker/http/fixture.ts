/**
 * A whole front of the broker on a free port: real authorization server, real sockets, and a broker and desk that only remember.
 * Over 300 lines because it names every part of that front once.
 */
import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBrokerClient } from '../../../agents/broker/broker-client.ts';
import { login } from '../../../apps/client/login.ts';
import type { ClientSession } from '../../../apps/client/session.ts';
import type { AgentName, Answer, Broker, Evidence, Subject } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import { createBrokerApp } from '../../../broker/http/app.ts';
import { startHttpServer } from '../../../broker/http/server.ts';
import { type AgentVersion, openAgentDesk } from '../../../broker/identity/agent-registry.ts';
import { createArtefactStores } from '../../../broker/identity/artefact-store.ts';
import { humanAudiences } from '../../../broker/identity/audiences.ts';
import { createAuthenticate } from '../../../broker/identity/authenticate.ts';
import { createAuthorizationServer } from '../../../broker/identity/authorization-server.ts';
import { createIdentityDesk } from '../../../broker/identity/desk.ts';
import type { ExternalIssuer } from '../../../broker/identity/external-issuer.ts';
import { createExternalPeople, type ExternalPerson } from '../../../broker/identity/external-people.ts';
import { createMemoryRecords } from '../../../broker/identity/keyed-records.ts';
import { createLogin } from '../../../broker/identity/login.ts';
import { createPasskeyStore, type PasskeyRecord } from '../../../broker/identity/passkey-store.ts';
import { createPasskeys } from '../../../broker/identity/passkeys.ts';
import { createRefusalTally } from '../../../broker/identity/refusal-tally.ts';
import { createMemoryRevocation } from '../../../broker/identity/revocation.ts';
import { createSchedules, type Schedule } from '../../../broker/identity/schedules.ts';
import { createSecondFactors, type SecondFactor } from '../../../broker/identity/second-factors.ts';
import { createSessionCache } from '../../../broker/identity/session-cache.ts';
import { demandSecondFactor } from '../../../broker/identity/step-up.ts';
import { createTenantSwitch } from '../../../broker/identity/tenant-switch.ts';
import { openTokenKeys, type TokenKeyFile } from '../../../broker/identity/token-keys.ts';
import { createUserFile, hashPassword, type User } from '../../../broker/identity/users.ts';
import { createVerifyWorker } from '../../../broker/identity/worker-assertion.ts';
import { createImportDesk, type NewDevice } from '../../../broker/inventory/import-devices.ts';
import type { AuditEntry, Session } from '../../../broker/ports.ts';
import { createScheduleDesk } from '../../../broker/schedules/desk.ts';
import { createRuns } from '../../../broker/schedules/runs.ts';
import { createWorkerDesk } from '../../../broker/schedules/worker-desk.ts';
import { createWorkers } from '../../../broker/schedules/workers.ts';
import { audienceOf } from '../../../broker/stages/authenticate.ts';
import { createMemoryEvidence } from '../../../broker/stores/memory-evidence.ts';
import { createMemoryIncidents } from '../../../broker/stores/memory-incidents.ts';
import { createUpstreamDesk } from '../../../broker/upstream/desk.ts';
import { openFederation } from '../../../broker/upstream/federation.ts';
import type { ServerPins } from '../../../broker/upstream/pins.ts';
import { createPrograms } from '../../../broker/upstream/program.ts';
import type { UpstreamServer } from '../../../broker/upstream/server-list.ts';
import { createHookDesk } from '../../../broker/webhooks/desk.ts';
import type { Hook } from '../../../broker/webhooks/hook.ts';
import { createReception } from '../../../broker/webhooks/reception.ts';
import type { ChangeWindow } from '../../../broker/windows/change-window.ts';
import { exportSigningKey, generateSigningKey } from '../../../protocols/oauth/jwk.ts';
import { createSingleUse } from '../../../protocols/oauth/single-use.ts';
import { PROOF_RETENTION_MS } from '../../../protocols/oauth/verify-credential.ts';
import { createFakeDesk, DIGEST } from './fake-desk.ts';

export const PASSWORD = 'correct horse battery';
const passwordHash = hashPassword(PASSWORD);

export { DIGEST };

export type Front = Awaited<ReturnType<typeof startFront>>;

/** Everything is closed and removed by `close`. */
interface Imported {
  readonly tenant: string;
  readonly put: readonly NewDevice[];
  readonly remove: readonly string[];
}

export async function startFront(
  external?: (url: string, now: () => number) => ExternalIssuer,
  servers: readonly UpstreamServer[] = [],
) {
  const folder = await mkdtemp(join(tmpdir(), 'wayleave-front-'));
  const usersPath = join(folder, 'users.json');
  const people: User[] = [
    { name: 'operator@acme', tenant: 'acme', roles: ['tenant-operator'], passwordHash: await passwordHash },
    { name: 'admin@acme', tenant: 'acme', roles: ['tenant-admin'], passwordHash: await passwordHash },
  ];
  const writeUsers = (users: readonly User[]): Promise<void> => writeFile(usersPath, JSON.stringify({ users }));
  await writeUsers(people);

  const suspended = new Set<string>();
  const clock = { offset: 0, now: () => Date.now() + clock.offset };
  const revocation = createMemoryRevocation();
  /** A record that is changed past the broker counts as changed by another one: the epoch rises with it. */
  class Records extends Map<string, Session> {
    override set(id: string, session: Session): this {
      void revocation.bump();
      return super.set(id, session);
    }
  }
  const sessionsById = new Records();
  const sessions = {
    put: async (session: Session) => void sessionsById.set(session.id, session),
    get: async (id: string) => sessionsById.get(id),
    list: async (tenant: string) => [...sessionsById.values()].filter((session) => session.tenant === tenant),
  };
  const none = { list: async () => [], rotate: async () => undefined };
  const agentKeys = new Map<AgentName, ReturnType<typeof generateSigningKey>>([
    ['troubleshooter', generateSigningKey()],
    ['router', generateSigningKey()],
  ]);
  const signingKey = generateSigningKey();
  const workerKey = generateSigningKey();
  const ids = { id: (prefix: string) => `${prefix}_${randomUUID().replaceAll('-', '')}` };
  const audit: AuditEntry[] = [];
  const append = async (entry: AuditEntry): Promise<number> => audit.push(entry);
  const cached = createSessionCache(sessions, revocation);
  const rotatable = {
    tokens: {
      list: async () => keys.list().map(({ kid, status }) => ({ id: kid, of: 'access tokens', status })),
      rotate: async () => void keys.rotate(),
    },
    agents: none,
    policy: { list: async () => [], rotate: async () => undefined },
    vault: none,
    audit: none,
  };
  const versions = createMemoryRecords<AgentVersion>();
  const launchOf = (digest: string) => ({
    key: 'launch-key',
    agents: [...agentKeys]
      .filter(([agent]) => agent === 'troubleshooter')
      .map(([agent, key]) => ({ agent, digest, parts: { code: digest }, jwks: [key.publicJwk] })),
  });
  const openAgents = (digest: string) =>
    openAgentDesk({ versions, audit: { append }, clock, revocation }, launchOf(digest));
  const agents = await openAgents(DIGEST);
  let keyFile: TokenKeyFile = {
    keys: [{ pem: exportSigningKey(signingKey), createdAt: new Date(clock.now()).toISOString() }],
  };
  const keys = openTokenKeys({
    load: () => keyFile,
    save: (file) => {
      keyFile = file;
    },
    clock,
  });
  const sessionSecret = createSecretKey(randomBytes(32));
  const schedules = createSchedules(createMemoryRecords<Schedule>(), revocation);
  const windows = createMemoryRecords<ChangeWindow>();
  const imports: Imported[] = [];
  const runs = createRuns(createMemoryRecords(), createMemoryRecords(), clock);
  const workers = createWorkers(createMemoryRecords(), clock);
  const workerDesk = createWorkerDesk({ schedules, runs, workers, windows, clock, audit: { append } });
  const factors = createSecondFactors({
    factors: createMemoryRecords<SecondFactor>(),
    clock,
    seal: (_human, plain) => plain,
    open: (_human, sealed) => sealed,
  });
  const passkeyStore = createPasskeyStore({
    records: createMemoryRecords<PasskeyRecord>(),
    seal: (_human, plain) => plain,
    open: (_human, sealed) => sealed,
  });
  const incidents = createMemoryIncidents();
  const evidence = createMemoryEvidence();
  const told: Evidence[] = [];
  const hooks = createMemoryRecords<Hook>();
  const sealing = { sealSecret: (_hook: string, secret: string) => `sealed ${secret}`, audit: { append } };
  const hookDesk = createHookDesk({
    hooks,
    schedules,
    clock,
    ids,
    ...sealing,
    demandSecondFactor: async () => undefined,
  });
  const reception = createReception({
    ...{ hooks, schedules, clock, ids, incidents, evidence, audit: { append } },
    openSecret: (_hook, sealed) => sealed.slice('sealed '.length),
    untrusted: { note: async (_tenant, records) => void told.push(...records) },
    inventory: { devices: async () => [{ name: 'br1_edge' }] as never },
  });
  const refusals = createRefusalTally({ clock, record: append });
  const federation = await openFederation({
    ...{ servers, pins: createMemoryRecords<ServerPins>(), audit: { append }, clock, fetch, ownTools: [] },
    deadline: (ms) => AbortSignal.timeout(ms),
    programs: createPrograms(),
  });
  const defects: unknown[] = [];
  const log = { error: (fields: { readonly [key: string]: unknown }) => void defects.push(fields) };
  const calls: { readonly subject: Subject; readonly tool: string; readonly args: unknown }[] = [];
  const votes: { readonly subject: Subject; readonly id: string; readonly verdict: string; readonly reason: string }[] =
    [];

  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    browsers: true,
    createApp: async (url, browserUrl) => {
      const proofs = createSingleUse(clock.now, PROOF_RETENTION_MS, 10_000);
      const people = createExternalPeople({
        local: createUserFile(usersPath),
        people: createMemoryRecords<ExternalPerson>(),
        clock,
        revocation,
      });
      const deps = {
        issuer: url,
        keys,
        findKey: (kid: string) => keys.find(kid),
        sessionSecret,
        cookieSecret: 'c'.repeat(32),
        artefacts: createArtefactStores(clock.now),
        users: people.users,
        sessions: cached,
        schedules,
        factors,
        passkeys: createPasskeys({ store: passkeyStore, clock, ids, origin: browserUrl }),
        revocation,
        refusals,
        workerKeys: () => [workerKey.publicJwk],
        registration: true,
        certificates: false,
        agents,
        clock,
        ids,
        proofs,
        record: append,
        log,
      };
      const tenantSwitch = createTenantSwitch({
        ...{ ...deps, tenants: async () => ['acme', 'globex'] },
        isSuspended: (_tenant, human) => suspended.has(human),
      });
      const authorizationServer = createAuthorizationServer(deps);
      const authenticate = createAuthenticate(deps);
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
          if (tool === 'away') throw Object.assign(new Error('terminating connection'), { code: '57P01' });
          if (tool === 'forbidden') throw new WayleaveError('DENIED', 'Only on weekdays.');
          calls.push({ subject, tool, args });
          return { status: 'done', intent: 'int_12345678', evidence: [] };
        },
      };
      const login = await createLogin(
        {
          ...deps,
          tenantSwitch,
          ...(external === undefined ? {} : { external: { issuer: external(url, clock.now), people } }),
        },
        authorizationServer,
      );
      const controlDesk = createFakeDesk(votes, cached, clock.now);
      return createBrokerApp({
        url,
        ...(browserUrl === undefined ? {} : { browserUrl }),
        authorizationServer,
        login,
        authenticate,
        broker,
        controlDesk,
        sessions,
        ids,
        clock,
        refusals,
        scheduleDesk: createScheduleDesk({ ...deps, runs, workers, audit: { append } }),
        importDesk: createImportDesk({
          ...{ clock, audit: { append }, demandSecondFactor: async () => undefined },
          inventory: { putDevices: async (tenant, put, remove) => void imports.push({ tenant, put, remove }) },
        }),
        workerDesk,
        hookDesk,
        reception,
        verifyWorker: createVerifyWorker({ ...deps, keys: deps.workerKeys }),
        identityDesk: createIdentityDesk({ ...deps, tenantSwitch, audit: { append }, keys: rotatable }),
        upstreamDesk: createUpstreamDesk({
          ...{ federation, audit: { append }, clock },
          demandSecondFactor: (subject) => demandSecondFactor(factors, subject, clock.now()),
        }),
        log,
        whyNotReady: () => undefined,
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
    suspended,
    revocation,
    agents,
    openAgents,
    keys,
    schedules,
    hooks,
    incidents,
    evidence,
    told,
    workerDesk,
    windows,
    imports,
    factors,
    refusals,
    usersPath,
    workerKey,
    signingKey,
    sessionSecret,
    agentKeys,
    audit,
    calls,
    votes,
    defects,
    login: (user: string, password = PASSWORD, audiences = humanAudiences(server.url)): Promise<ClientSession> =>
      login({ issuer: server.url, user, password, audiences }, clientDeps),
    /** A login whose requests pass through somebody in the middle. */
    loginThrough: (middle: typeof fetch): Promise<ClientSession> =>
      login(
        { issuer: server.url, user: 'operator@acme', password: PASSWORD, audiences: humanAudiences(server.url) },
        { ...clientDeps, fetch: middle },
      ),
    brokerClient: () =>
      createBrokerClient({
        brokerUrl: server.url,
        keyOf: (client) => (client === 'worker' ? workerKey : agentKeys.get(client)),
        fetch,
        now: clock.now,
      }),
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}
