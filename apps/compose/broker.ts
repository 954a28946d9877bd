/** Wires the broker's process: records, policy, devices, identity, the pipeline and its HTTP surface. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { createBroker } from '../../broker/broker.ts';
import { createDesk } from '../../broker/desk.ts';
import { createFeed } from '../../broker/execution/feed.ts';
import { createRecords } from '../../broker/execution/records.ts';
import { closeInterrupted, recoverTransactions } from '../../broker/execution/recover.ts';
import { readRunning } from '../../broker/execution/running.ts';
import { createSerial } from '../../broker/execution/serial.ts';
import { type BrokerAppDeps, createBrokerApp } from '../../broker/http/app.ts';
import { startHttpServer } from '../../broker/http/server.ts';
import { createAuthenticate } from '../../broker/identity/authenticate.ts';
import { createAuthorizationServer } from '../../broker/identity/authorization-server.ts';
import { createLogin } from '../../broker/identity/login.ts';
import { createUserFile } from '../../broker/identity/users.ts';
import { createLimits } from '../../broker/limits/limits.ts';
import { createRiskLedger } from '../../broker/limits/risk-ledger.ts';
import type { Page } from '../../broker/ports.ts';
import { exportSigningKey, generateSigningKey, importSigningKey, parsePublicJwk } from '../../protocols/oauth/jwk.ts';
import { createSingleUse } from '../../protocols/oauth/single-use.ts';
import { PROOF_RETENTION_MS } from '../../protocols/oauth/verify-credential.ts';
import { TOOLS } from '../../tools/registry.ts';
import { readOrCreate } from '../home.ts';
import { openDevices } from './broker-devices.ts';
import { openDecisionPoint } from './broker-policy.ts';
import { openRecords } from './broker-records.ts';
import type { BrokerSettings } from './broker-settings.ts';
import { type OpenTelemetry, openTelemetry } from './broker-telemetry.ts';
import { randomIds as ids } from './ids.ts';

/** Proofs remembered at once; when full, new ones are refused. */
const MAX_PROOFS = 200_000;
/** A device that did not answer is asked again about an unfinished transaction this often. */
const RECOVER_MS = 10_000;

export interface BrokerReady {
  readonly url: string;
  readonly policyRevision: string;
  /** Where it hears traps, syslog and flow records. */
  readonly collectors: OpenTelemetry['addresses'];
  /** Outcomes that a crash had left open and this start found out. */
  readonly recovered: readonly { readonly intent: string; readonly outcome: string }[];
}

export async function composeBroker(
  settings: BrokerSettings,
): Promise<{ readonly ready: BrokerReady; readonly stop: () => Promise<void> }> {
  const clock = { now: () => Date.now() };
  const log = pino(
    { name: 'broker', level: settings.logLevel, redact: ['token', 'password', 'authorization', 'err.config'] },
    pino.destination(2),
  );
  const records = await openRecords(settings, clock);
  const decisionPoint = await openDecisionPoint(TOOLS);
  const devices = openDevices({ ...records, clock, log });
  const telemetry = await openTelemetry(
    records.inventory,
    records.events,
    clock,
    (error, lost) => log.error({ err: error, lost }, 'received events could not be stored'),
    devices,
  );
  const users = createUserFile(path.join(settings.folder, 'users.json'));
  const feed = createFeed();
  const risk = createRiskLedger(clock);
  const shared = {
    ...records,
    clock,
    ids,
    log,
    devices,
    perDevice: createSerial(),
    wait: async (ms: number) => {
      await pause(ms);
    },
    // Until a way to people is configured the log is the pager: its level is what alerts hang on.
    pager: { page: async (page: Page) => log.error({ page }, 'a human is needed at a device') },
    running: readRunning,
    networkSpeed: settings.networkSpeed,
    announce: (intent: string, tenant: string, step: Parameters<typeof feed.publish>[0]['step']) =>
      feed.publish({ tenant, intent, step }),
  };
  const agents = settings.agents.map(({ agent, digest, jwks }) => ({ agent, digest, jwks: jwks.map(parsePublicJwk) }));
  await records.audit.append({
    at: new Date(clock.now()).toISOString(),
    tenant: '-',
    kind: 'start',
    content: {
      policyRevision: decisionPoint.revision(),
      agents: agents.map(({ agent, digest }) => ({ agent, digest })),
    },
  });
  const recovered = [...(await closeInterrupted(shared)), ...(await recoverTransactions(shared))];
  for (const failure of decisionPoint.failures)
    log.error({ failure }, 'the policies permit what must be refused; changes are stopped');

  const server = await startHttpServer({
    host: '127.0.0.1',
    port: settings.port,
    createApp: async (url) => {
      const proofs = createSingleUse(clock.now, PROOF_RETENTION_MS, MAX_PROOFS);
      const identity = {
        issuer: url,
        signingKey: openSigningKey(settings.keys),
        cookieSecret: randomBytes(32).toString('base64url'),
        users,
        sessions: records.sessions,
        agents,
        clock,
        ids,
        proofs,
        record: (entry: Parameters<typeof records.audit.append>[0]) => records.audit.append(entry),
        log,
      };
      const authorizationServer = createAuthorizationServer(identity);
      const authenticate = createAuthenticate({ ...identity, keys: authorizationServer.keys });
      const broker = createBroker({
        ...shared,
        authenticate,
        tools: TOOLS,
        decisionPoint,
        limits: createLimits(clock),
        risk,
        rolesNow: async (human, tenant) => {
          const user = await users.find(human);
          return user === undefined || user.disabled === true || user.tenant !== tenant ? undefined : user.roles;
        },
        observe: { inventory: records.inventory, devices },
        records: createRecords({ ...shared, clock, ids, eventFeed: telemetry.feed }),
      });
      const deps: BrokerAppDeps = {
        url,
        authorizationServer,
        login: await createLogin(identity, authorizationServer),
        authenticate,
        broker,
        controlDesk: createDesk({ ...shared, feed, risk, perApproval: createSerial() }),
        sessions: records.sessions,
        ids,
        clock,
        record: identity.record,
        isReady: () => decisionPoint.failures.length === 0,
        log,
      };
      return createBrokerApp(deps);
    },
  });
  const recovery = repeat(RECOVER_MS, () =>
    Promise.all([recoverTransactions(shared), records.quarantine.reload()]).catch((error: unknown) =>
      log.error({ err: error }, 'recovery failed; it is tried again'),
    ),
  );
  return {
    ready: { url: server.url, policyRevision: decisionPoint.revision(), collectors: telemetry.addresses, recovered },
    stop: async () => {
      recovery.stop();
      await server.close();
      await telemetry.close();
      await devices.close();
      await decisionPoint.close();
      await records.close();
    },
  };
}

/** Runs `work` again and again, each time only after the last is over: a silent device takes longer than the pause. */
function repeat(pauseMs: number, work: () => Promise<unknown>): { readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const arm = (): void => {
    if (!stopped) timer = setTimeout(() => void work().finally(arm), pauseMs);
  };
  arm();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** The key that signs tokens; made once, kept among the keys. */
function openSigningKey(folder: string): ReturnType<typeof importSigningKey> {
  const { pem } = readOrCreate(path.join(folder, 'tokens.json'), () => ({
    pem: exportSigningKey(generateSigningKey()),
  }));
  return importSigningKey(pem);
}
