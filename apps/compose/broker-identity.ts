/** Wires who is who at the broker: keys of tokens, agents that were launched, logins, and the desk at which people look after them. */
import { createSecretKey, randomBytes } from 'node:crypto';
import path from 'node:path';
import type { IdentityDesk } from '../../broker/http/identity-desk.ts';
import { EXTERNAL_CALLBACK } from '../../broker/http/oauth-routes.ts';
import { type AgentDesk, openAgentDesk } from '../../broker/identity/agent-registry.ts';
import { createArtefactStores } from '../../broker/identity/artefact-store.ts';
import { createAuthenticate } from '../../broker/identity/authenticate.ts';
import { type AuthorizationServer, createAuthorizationServer } from '../../broker/identity/authorization-server.ts';
import { createIdentityDesk } from '../../broker/identity/desk.ts';
import { createExternalIssuer } from '../../broker/identity/external-issuer.ts';
import { createExternalPeople } from '../../broker/identity/external-people.ts';
import type { RotatableKeys } from '../../broker/identity/key-desk.ts';
import { readLaunch } from '../../broker/identity/launch-statement.ts';
import { createLogin, type Login } from '../../broker/identity/login.ts';
import { createPasskeys } from '../../broker/identity/passkeys.ts';
import { createRefusalTally, type RefusalTally } from '../../broker/identity/refusal-tally.ts';
import { REFRESH_MS } from '../../broker/identity/revocation.ts';
import { createWhyNoLonger, type WhyNoLonger } from '../../broker/identity/still-authentic.ts';
import { createTenantSwitch } from '../../broker/identity/tenant-switch.ts';
import { newTokenKeyFile, openTokenKeys, tokenKeyFile } from '../../broker/identity/token-keys.ts';
import { createUserFile, type UserDirectory } from '../../broker/identity/users.ts';
import { createVerifyWorker } from '../../broker/identity/worker-assertion.ts';
import type { AuditEntry, Clock } from '../../broker/ports.ts';
import type { Authenticate } from '../../broker/stages/authenticate.ts';
import { jwkThumbprint, type PublicJwk, parsePublicJwk } from '../../protocols/oauth/jwk.ts';
import { createSingleUse } from '../../protocols/oauth/single-use.ts';
import { PROOF_RETENTION_MS } from '../../protocols/oauth/verify-credential.ts';
import { replaceDurably } from '../../storage/durable-files.ts';
import { readOrCreate } from '../home.ts';
import type { Records } from './broker-records.ts';
import type { BrokerSettings, KeysUpdate } from './broker-settings.ts';
import { randomIds as ids } from './ids.ts';

/** Proofs remembered at once; when full, new ones are refused. */
const MAX_PROOFS = 200_000;
/** How often counted refusals are looked at. */
const FLUSH_MS = 10_000;
/** How long a rotation of the agents' keys may take before whoever asked hears that it did not end. */
const ROTATION_MS = 30_000;

export interface IdentityDeps {
  readonly settings: BrokerSettings;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: { error(fields: { readonly [key: string]: unknown }, message: string): void };
  /** Tells the supervisor what only it can do. */
  readonly ask: (request: 'rotate-agent-keys') => void;
  readonly policyKeys: RotatableKeys;
  readonly isSuspended: (tenant: string, human: string) => boolean;
}

export interface Identity {
  readonly users: UserDirectory;
  readonly agents: AgentDesk;
  readonly refusals: RefusalTally;
  readonly whyNoLonger: WhyNoLonger;
  /** What needs the broker's URL, and the one with the name under which browsers know it. */
  open(
    url: string,
    browserUrl: string | undefined,
  ): Promise<{
    readonly authenticate: Authenticate;
    readonly authorizationServer: AuthorizationServer;
    readonly login: Login;
    readonly identityDesk: IdentityDesk;
    readonly verifyWorker: ReturnType<typeof createVerifyWorker>;
  }>;
  /** Word of the supervisor while everything runs. */
  update(update: KeysUpdate): void;
  close(): Promise<void>;
}

export async function openIdentity({
  settings,
  records,
  clock,
  log,
  ask,
  policyKeys,
  isSuspended,
}: IdentityDeps): Promise<Identity> {
  const { audit, revocation, sessions, schedules, factors } = records;
  const people = createExternalPeople({
    local: createUserFile(path.join(settings.folder, 'users.json')),
    people: records.externalPeople,
    clock,
    revocation,
  });
  const { users } = people;
  const record = (entry: AuditEntry): Promise<number> => audit.append(entry);
  const refusals = createRefusalTally({ clock, record });
  const agents = await openAgentDesk(
    { versions: records.agentVersions, audit, clock, revocation },
    readLaunch(settings.agents.statement, settings.agents.key),
  );
  const tokensFile = path.join(settings.keys, 'token-keys.json');
  const keys = openTokenKeys({
    load: () => tokenKeyFile.parse(readOrCreate(tokensFile, () => newTokenKeyFile(clock.now()))),
    save: (file) => replaceDurably(tokensFile, JSON.stringify(file, null, 2)),
    clock,
  });
  const { secret } = readOrCreate(path.join(settings.keys, 'session-secret.json'), () => ({
    secret: randomBytes(32).toString('base64url'),
  }));
  const sessionSecret = createSecretKey(Buffer.from(secret, 'base64url'));
  const kept = records.artefacts(sessionSecret);
  const brief = createArtefactStores(() => clock.now());
  let workerKeys: readonly PublicJwk[] = settings.workerKeys.map(parsePublicJwk);

  let rotated: (() => void) | undefined;
  const agentKeys: RotatableKeys = {
    list: async () =>
      agents
        .launched()
        .flatMap(({ agent, jwks }) =>
          jwks.map((jwk, at) => ({ id: jwkThumbprint(jwk), of: agent, status: at === 0 ? 'in use' : 'going' })),
        ),
    rotate: () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('the supervisor did not rotate the keys')), ROTATION_MS);
        rotated = () => {
          clearTimeout(timer);
          resolve();
        };
        ask('rotate-agent-keys');
      }),
  };
  const tokenKeys: RotatableKeys = {
    list: async () =>
      keys.list().map(({ kid, status, until }) => ({
        id: kid,
        of: 'access tokens',
        status: until === undefined ? status : `${status} until ${until}`,
      })),
    async rotate() {
      keys.rotate();
      await revocation.bump(); // what was verified is verified again, under keys that are still good
    },
  };

  const auditKeys: RotatableKeys = {
    async list() {
      const { first, inForce, handovers } = audit.keys();
      const of = 'checkpoints of the audit log';
      const now = { id: inForce, of, status: first === inForce ? 'signs' : `signs, number ${handovers.length + 1}` };
      return first === inForce ? [now] : [now, { id: first, of, status: 'the one to trust; signs no more' }];
    },
    rotate: () => audit.rotateKey(),
  };

  const refresh = setInterval(() => {
    revocation.refresh().catch((error: unknown) => log.error({ err: error }, 'the revocation epoch cannot be read'));
  }, REFRESH_MS);
  const flush = setInterval(() => {
    Promise.all([refusals.flush(), records.proofs?.sweep(), kept.sweep()]).catch((error: unknown) =>
      log.error({ err: error }, 'refusals could not be recorded, or what has expired not be forgotten'),
    );
  }, FLUSH_MS);

  return {
    users,
    agents,
    refusals,
    whyNoLonger: createWhyNoLonger({ users, sessions, schedules, agents, revocation }),
    async open(url, browserUrl) {
      const shared = {
        issuer: url,
        keys,
        findKey: (kid: string) => keys.find(kid),
        cookieSecret: randomBytes(32).toString('base64url'),
        artefacts: (model: string) => (kept.keeps(model) ? kept.store(model) : brief(model)),
        users,
        sessions,
        schedules,
        agents,
        workerKeys: () => workerKeys,
        registration: url.startsWith('http:'), // without TLS it listens on loopback only
        refusals,
        certificates: settings.mutual !== undefined,
        revocation,
        sessionSecret,
        factors,
        passkeys: createPasskeys({ store: records.passkeys, clock, ids, origin: browserUrl }),
        clock,
        ids,
        proofs: records.proofs ?? createSingleUse(clock.now, PROOF_RETENTION_MS, MAX_PROOFS),
        record,
        log,
      };
      const tenantSwitch = createTenantSwitch({ ...shared, isSuspended, tenants: () => records.inventory.tenants() });
      const authorizationServer = createAuthorizationServer(shared);
      const told = settings.external;
      const roleMap = new Map(told?.roleMap.map(({ name, role }) => [name, role]));
      const external =
        told === undefined
          ? {}
          : {
              external: {
                issuer: createExternalIssuer({ ...told, roleMap }, `${url}${EXTERNAL_CALLBACK}`, clock, fetch),
                people,
              },
            };
      return {
        authenticate: createAuthenticate(shared),
        authorizationServer,
        login: await createLogin({ ...shared, ...external, tenantSwitch }, authorizationServer),
        verifyWorker: createVerifyWorker({ ...shared, keys: shared.workerKeys }),
        identityDesk: createIdentityDesk({
          ...shared,
          tenantSwitch,
          alwaysSecondFactor: settings.secondFactor === 'always',
          audit,
          keys: {
            tokens: tokenKeys,
            agents: agentKeys,
            policy: policyKeys,
            vault: records.vaultKeys,
            audit: auditKeys,
          },
        }),
      };
    },
    update({ agents: launched, workerKeys: workers, done }) {
      const launch = readLaunch(launched.statement, launched.key);
      agents.replaceKeys(launch.agents);
      workerKeys = workers.map(parsePublicJwk);
      if (done) rotated?.();
    },
    async close() {
      clearInterval(refresh);
      clearInterval(flush);
      await refusals.flush(true);
    },
  };
}
