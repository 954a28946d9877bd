/** The process that the hostile bench asks: the broker's own server and application over the real pipeline, on a free port. */
import { createBrokerApp } from '../broker/http/app.ts';
import { startHttpServer, type WebApp } from '../broker/http/server.ts';
import { HONEST } from './hostile-shots.ts';
import { ISSUER, type Login } from './open-identity.ts';
import { openPipeline } from './pipeline.ts';

/** Sent by the bench: the tenants that call. */
export interface HostileSettings {
  readonly tenants: readonly string[];
}
export interface HostileReady {
  readonly url: string;
  readonly logins: readonly Login[];
}
/** The answer to any later message, after a collection of garbage. */
export interface Held {
  readonly megabytes: number;
  /** The longest that the process was busy without looking at anything else since the last answer, processor time in ms. */
  readonly busiest: number;
  /** The most that the process worked between the arrival of an honest request and its answer since then, processor time in ms. */
  readonly slowest: number;
  /** Tokens are good for five minutes, and a bench on a busy machine takes longer. */
  readonly logins: readonly Login[];
}

/** How often it is looked whether the process breathes. */
const BREATH_MS = 5;
let busiest = 0;
let slowest = 0;
let spent = process.cpuUsage();

/** Processor time and not the clock's: what other processes take away from this one is not its fault. */
function watchBreath(): void {
  setInterval(() => {
    busiest = Math.max(busiest, workedSince(spent));
    spent = process.cpuUsage();
  }, BREATH_MS);
}

/** Processor time of the process, ms. */
function workedSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The application, with a look at what is done while an honest request waits. */
function watchHonest({ fetch }: WebApp): WebApp {
  return {
    fetch: async (request, env) => {
      if (!request.headers.has(HONEST)) return fetch(request, env);
      const before = process.cpuUsage();
      const response = await fetch(request, env);
      slowest = Math.max(slowest, workedSince(before));
      return response;
    },
  };
}

/** Desks that nobody asks here. */
const unasked = new Proxy(
  {},
  {
    get: () => async () => {
      throw new Error('nobody asks for this in a bench');
    },
  },
) as never;

async function open({ tenants }: HostileSettings) {
  const pipeline = await openPipeline(tenants);
  const server = await startHttpServer({
    ...{ host: '127.0.0.1', port: 0 },
    createApp: () =>
      watchHonest(
        createBrokerApp({
          ...pipeline,
          url: ISSUER,
          ...{ authorizationServer: unasked, login: unasked, whyNotReady: () => undefined },
          ...{
            controlDesk: unasked,
            identityDesk: unasked,
            upstreamDesk: unasked,
            scheduleDesk: unasked,
            workerDesk: unasked,
            importDesk: unasked,
            hookDesk: unasked,
            reception: unasked,
            verifyWorker: unasked,
          },
        }),
      ),
  });
  process.once('disconnect', () => {
    void server
      .close()
      .then(pipeline.close)
      .finally(() => process.exit(0));
  });
  return { url: server.url, logIn: () => tenants.map((tenant) => pipeline.logIn(tenant, 'inventory')) };
}

process.once('message', (settings: HostileSettings) => {
  open(settings).then(
    ({ url, logIn }) => {
      watchBreath();
      process.on('message', () => {
        globalThis.gc?.();
        const { heapUsed, external } = process.memoryUsage();
        const held: Held = { megabytes: (heapUsed + external) / 1e6, busiest, slowest, logins: logIn() };
        [busiest, slowest, spent] = [0, 0, process.cpuUsage()];
        process.send?.(held);
      });
      process.send?.({ url, logins: logIn() } satisfies HostileReady);
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
