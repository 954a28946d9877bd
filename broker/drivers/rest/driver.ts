/** The REST reader of the broker: asks the controller that manages a device, over HTTPS from the pinned authority only. */
import { createHash } from 'node:crypto';
import { Agent } from 'node:https';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import type { Json, Operation } from '../../contract.ts';
import { type Driver, DriverError } from '../driver.ts';
import { type Addresses, createAddresses, type Resolve } from './addresses.ts';
import { type Controller, getWithSession, logOut, type Patience } from './controller-session.ts';
import { parseAnswer } from './parse-answer.ts';

const DEADLINE_MS = 10_000;
/** A flood of connections that nobody completes is tens of thousands of flow records: just then they have to be read. */
const MAX_ROWS = 50_000;
const MAX_CONTROLLERS = 64;
/** Milliseconds for all goodbyes at the end. */
const LOG_OUT_MS = 2_000;
const PATH = /^\/dataservice(\/[A-Za-z0-9_.~-]+)+$/;

export interface RestDriverOptions {
  readonly timers: Timers;
  /** For the whole operation with all its pages. */
  readonly deadlineMs?: number;
  readonly maxRows?: number;
  /** Whether a controller may be on this machine, as simulated ones are; false when absent. */
  readonly loopback?: boolean;
  /** What resolves names; the system when absent. */
  readonly resolve?: Resolve;
}

type Get = Extract<Operation, { protocol: 'rest' }>;

/** `json` of a reply is `{header, data}`, with the rows of all pages in `data`. */
export function createRestDriver({
  timers,
  deadlineMs = DEADLINE_MS,
  maxRows = MAX_ROWS,
  loopback = false,
  resolve,
}: RestDriverOptions): Driver {
  const addresses = createAddresses(loopback, resolve);
  const controllers = new Map<string, Controller>();
  const running = new Set<AbortController>();
  let closed = false;

  const findController = (rest: Controller['rest']): Controller => {
    // A digest: another password or authority is another controller, and no password stays in a key.
    const key = createHash('sha256').update(JSON.stringify(rest)).digest('base64');
    const known = controllers.get(key);
    if (known !== undefined) return known;
    const agent = new Agent({
      ...{ keepAlive: true, maxSockets: 4, maxFreeSockets: 4 },
      ...{ ca: rest.ca, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
      lookup: addresses.lookup,
    });
    const controller: Controller = { rest, agent };
    controllers.set(key, controller);
    const [oldest] = controllers;
    if (controllers.size > MAX_CONTROLLERS && oldest !== undefined) {
      controllers.delete(oldest[0]);
      void leave([oldest[1]]);
    }
    return controller;
  };

  /** Ends the sessions, which controllers have few of, as far as they answer in time. */
  const leave = async (all: readonly Controller[]): Promise<void> => {
    const stop = new AbortController();
    const cancel = timers.set(LOG_OUT_MS, () => stop.abort());
    await Promise.allSettled(all.map((controller) => logOut(controller, stop.signal)));
    cancel();
    for (const { agent } of all) agent.destroy();
  };

  return {
    protocol: 'rest',
    async run(endpoint, operation, signal) {
      if (closed) throw new DriverError('UNREACHABLE', 'the driver is closed');
      if (operation.protocol !== 'rest') throw new DriverError('UNSUPPORTED', 'not a REST operation');
      if (endpoint.rest === undefined) throw new DriverError('UNSUPPORTED', 'the device has no controller');
      if (signal?.aborted) throw new DriverError('TIMEOUT', 'the request was given up');
      const stop = new AbortController();
      const cancel = timers.set(deadlineMs, () =>
        stop.abort(new DriverError('TIMEOUT', 'the controller took too long')),
      );
      const giveUp = (): void => stop.abort(new DriverError('TIMEOUT', 'the request was given up'));
      signal?.addEventListener('abort', giveUp, { once: true });
      running.add(stop);
      try {
        const json = await readPages(findController(endpoint.rest), operation, {
          timers,
          maxRows,
          addresses,
          signal: stop.signal,
        });
        return { protocol: 'rest', json };
      } finally {
        cancel();
        running.delete(stop);
        signal?.removeEventListener('abort', giveUp);
      }
    },
    async close() {
      closed = true;
      for (const each of running) each.abort(new DriverError('LOST', 'the REST driver is closed'));
      const all = [...controllers.values()];
      controllers.clear();
      await leave(all);
    },
  };
}

interface Bounds extends Patience {
  readonly maxRows: number;
  readonly addresses: Addresses;
}

/** Follows the scroll; a page without rows that promises more would go on for ever, and is refused. */
async function readPages(controller: Controller, { path, query }: Get, bounds: Bounds): Promise<Json> {
  const url = buildUrl(controller, path, query);
  bounds.addresses.demandAllowed(url);
  const rows: Json[] = [];
  for (;;) {
    const { header, data, scrollId } = await parseAnswer(await getWithSession(controller, url, bounds), bounds.signal);
    if (rows.length + data.length > bounds.maxRows) throw new DriverError('PROTOCOL', 'more rows than the limit');
    rows.push(...data);
    if (scrollId === undefined) return { header, data: rows };
    if (data.length === 0) throw new DriverError('PROTOCOL', 'an empty page that promises more');
    url.searchParams.set('scrollId', scrollId);
  }
}

function buildUrl({ rest }: Controller, path: string, query: Get['query']): URL {
  if (!PATH.test(path) || path.split('/').some((part) => /^\.+$/.test(part))) {
    throw new DriverError('UNSUPPORTED', 'not a path of the controller API');
  }
  const base = URL.canParse(rest.baseUrl) ? new URL(rest.baseUrl) : undefined;
  if (base?.protocol !== 'https:') throw new DriverError('UNSUPPORTED', 'the controller has no HTTPS address');
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}
