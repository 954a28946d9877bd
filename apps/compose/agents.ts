/** Wires the agents' process: conversations in their own database, and the broker as their only door. */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { createBrokerClient } from '../../agents/broker/broker-client.ts';
import { repeatReads } from '../../agents/broker/repeat-reads.ts';
import { createTokenVerifier } from '../../agents/broker/token-verifier.ts';
import { createConversations, openRecords } from '../../agents/conversations.ts';
import { type Caller, createAgentsApp } from '../../agents/http.ts';
import { createModel } from '../../agents/model/connect-model.ts';
import { AGENTS } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { startHttpServer } from '../../broker/http/server.ts';
import { importSigningKey, type SigningKey } from '../../protocols/oauth/jwk.ts';
import { openDatabase } from '../../storage/open-database.ts';
import { queueSettings } from '../jobs/queue-location.ts';
import { networkDoor } from './broker-settings.ts';
import { randomIds } from './ids.ts';
import { createJobMetrics, createRegistry, observeClient, observeConversations } from './metrics.ts';
import { createBrokerFetch, mutualTls } from './mutual-fetch.ts';
import { whyBrokerIsAway, withOperations } from './operations.ts';
import { withBoard } from './serve-board.ts';
import { openTracing } from './tracing.ts';
import { startWorker } from './worker.ts';

/** Everything the agents' process is told; nothing here opens a device. */
export const agentsSettings = z.strictObject({
  brokerUrl: z.url(),
  /** Origins whose pages may talk to the agents: the brokers', which serve the console. */
  consoleOrigins: z.array(z.url()),
  port: z.number(),
  door: networkDoor.optional(),
  /** Folder of the agents' own database, or URL and schema of theirs. */
  folder: z.string(),
  databaseUrl: z.string(),
  databaseSchema: z.string(),
  /** PKCS#8 PEM by agent: names the agent at the token exchange, opens nothing by itself. */
  agentKeys: z.partialRecord(z.enum(AGENTS), z.string()),
  /** With it the workers run schedules. */
  workerKey: z.string(),
  queue: queueSettings,
  /** How the broker is reached by mutual TLS; absent when that is off. */
  mutual: mutualTls.optional(),
  /** Who asks for `/metrics` must show it; empty = nobody gets them. */
  metricsToken: z.string().default(''),
  /** Who asks for the board of the queue must show it; empty = nobody gets it. */
  boardToken: z.string().default(''),
  /** For how long the threat watcher proposes to contain. */
  containSeconds: z.int(),
  model: z.strictObject({
    name: z.string(),
    baseUrl: z.string(),
    apiKey: z.string(),
    /** What one question may cost. */
    budget: z.strictObject({ calls: z.number(), tokens: z.number(), seconds: z.number() }),
  }),
});

/** What the supervisor says later: the same agents with other keys. */
const agentsUpdate = agentsSettings.pick({ agentKeys: true, workerKey: true });

const openKeys = (given: z.infer<typeof agentsUpdate>): ReadonlyMap<string, SigningKey> =>
  new Map(
    Object.entries({ ...given.agentKeys, worker: given.workerKey }).map(([name, pem]) => [name, importSigningKey(pem)]),
  );

/** Scheduled runs beside the conversations of people. */
const RUNS_AT_ONCE = 2;

export async function composeAgents(settings: z.infer<typeof agentsSettings>): Promise<{
  readonly ready: { readonly url: string };
  readonly stop: () => Promise<void>;
  readonly update: (value: unknown) => Promise<void>;
}> {
  const { folder, databaseUrl, databaseSchema: schema } = settings;
  const database = await openDatabase(databaseUrl === '' ? { folder } : { url: databaseUrl, schema });
  let keys = openKeys(settings);
  const reach = createBrokerFetch(settings.brokerUrl, settings.mutual);
  const tracing = await openTracing('agents', process.env, reach);
  const registry = createRegistry();
  const asked = createBrokerClient({
    brokerUrl: settings.brokerUrl,
    keyOf: (client) => keys.get(client),
    fetch: tracing.fetch,
    now: () => Date.now(),
  });
  const observed = observeClient(asked, registry, tracing);
  const client = { ...observed, callTool: repeatReads(observed.callTool, (ms) => pause(ms)) };
  const talks = createConversations({
    ...(await openRecords(database.pool, database.kind === 'postgres' ? schema : undefined)),
    ids: randomIds.id,
    model: createModel(settings.model),
    budget: settings.model.budget,
    now: () => Date.now(),
    deadline: (ms) => AbortSignal.timeout(ms),
    containSeconds: settings.containSeconds,
  });
  const conversations = observeConversations(talks, registry, tracing);
  const verify = createTokenVerifier({ issuer: settings.brokerUrl, fetch, now: () => Date.now() });
  const server = await startHttpServer({
    host: '127.0.0.1',
    ...settings.door,
    port: settings.port,
    createApp: (url) => {
      const app = createAgentsApp({
        conversations,
        authenticate: (request) => authenticate(url, verify, request),
        brokerFor: (humanToken) => ({
          call: (agent, domain, tool, args) => client.callTool({ humanToken, agent }, domain, tool, args),
        }),
        ids: randomIds.id,
        consoleOrigins: settings.consoleOrigins,
      });
      const whyNotReady = async (): Promise<string | undefined> => {
        await database.pool.query('SELECT 1');
        return whyBrokerIsAway(settings.brokerUrl, reach);
      };
      const served = withBoard(tracing.serve(app), settings.boardToken, () => worker.pages());
      return withOperations(served, { registry, token: settings.metricsToken, whyNotReady });
    },
  });
  const jobs = createJobMetrics(registry);
  const worker = startWorker({
    ...{ client, brokerUrl: settings.brokerUrl, keyOf: () => keys.get('worker'), fetch: reach },
    ...{ queue: settings.queue, concurrency: RUNS_AT_ONCE, onEnd: jobs.onEnd },
  });
  jobs.watch(worker);
  return {
    update: async (value) => {
      keys = openKeys(agentsUpdate.parse(value));
    },
    ready: { url: server.url },
    stop: async () => {
      await server.close();
      await worker.stop();
      await database.close();
      await tracing.close();
    },
  };
}

async function authenticate(
  url: string,
  verify: ReturnType<typeof createTokenVerifier>,
  request: Request,
): Promise<Caller> {
  const [scheme, token = ''] = (request.headers.get('authorization') ?? '').split(' ');
  if (scheme !== 'DPoP') throw new WayleaveError('UNAUTHENTICATED');
  try {
    const proof = request.headers.get('dpop') ?? '';
    const path = new URL(request.url).pathname;
    const subject = await verify({ scheme, token, proof, method: request.method, url: `${url}${path}` });
    return { human: subject.human, tenant: subject.tenant, token };
  } catch {
    throw new WayleaveError('UNAUTHENTICATED');
  }
}
