/** The REST reader of the broker: asks the controller that manages a device, over HTTPS from the pinned authority only. */
import { createHash } from 'node:crypto';
import { Agent } from 'node:https';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import type { Json, Operation } from '../../contract.ts';
import { type DeviceEndpoint, type Driver, DriverError } from '../driver.ts';
import { type HttpsAnswer, requestHttps } from './https-request.ts';
import { parseAnswer } from './parse-answer.ts';

const DEADLINE_MS = 10_000;
const MAX_ROWS = 10_000;
const MAX_CONTROLLERS = 64;
/** Seconds that a 429 may make us wait; longer is for the caller to decide. */
const MAX_RETRY_AFTER = 5;
const PATH = /^\/dataservice(\/[A-Za-z0-9_.~-]+)+$/;

export interface RestDriverOptions {
  readonly timers: Timers;
  /** For the whole operation with all its pages. */
  readonly deadlineMs?: number;
  readonly maxRows?: number;
}

type Get = Extract<Operation, { protocol: 'rest' }>;
interface Controller {
  readonly rest: NonNullable<DeviceEndpoint['rest']>;
  readonly agent: Agent;
  cookie?: string | undefined;
}

/** `json` of a reply is `{header, data}`, with the rows of all pages in `data`. */
export function createRestDriver({ timers, deadlineMs = DEADLINE_MS, maxRows = MAX_ROWS }: RestDriverOptions): Driver {
  const controllers = new Map<string, Controller>();
  const running = new Set<AbortController>();
  let closed = false;

  const findController = (rest: Controller['rest']): Controller => {
    // A digest: another password or authority is another controller, and no password stays in a key.
    const key = createHash('sha256').update(JSON.stringify(rest)).digest('base64');
    const known = controllers.get(key);
    if (known !== undefined) return known;
    const agent = new Agent({
      ...{ keepAlive: true, maxSockets: 4, maxFreeSockets: 2 },
      ...{ ca: rest.ca, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    });
    const controller = { rest, agent };
    controllers.set(key, controller);
    const [oldest] = controllers;
    if (controllers.size > MAX_CONTROLLERS && oldest !== undefined) {
      oldest[1].agent.destroy();
      controllers.delete(oldest[0]);
    }
    return controller;
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
          signal: stop.signal,
        });
        return { protocol: 'rest', json };
      } finally {
        cancel();
        running.delete(stop);
        signal?.removeEventListener('abort', giveUp);
      }
    },
    close() {
      closed = true;
      for (const each of running) each.abort(new DriverError('LOST', 'the REST driver is closed'));
      for (const { agent } of controllers.values()) agent.destroy();
      controllers.clear();
      return Promise.resolve();
    },
  };
}

interface Bounds {
  readonly timers: Timers;
  readonly maxRows: number;
  readonly signal: AbortSignal;
}

/** Follows the scroll; a page without rows that promises more would go on for ever, and is refused. */
async function readPages(controller: Controller, { path, query }: Get, bounds: Bounds): Promise<Json> {
  const url = buildUrl(controller, path, query);
  const rows: Json[] = [];
  for (;;) {
    const { header, data, scrollId } = parseAnswer(await get(controller, url, bounds));
    if (rows.length + data.length > bounds.maxRows) throw new DriverError('PROTOCOL', 'more rows than the limit');
    rows.push(...data);
    if (scrollId === undefined) return { header, data: rows };
    if (data.length === 0) throw new DriverError('PROTOCOL', 'an empty page that promises more');
    url.searchParams.set('scrollId', scrollId);
  }
}

/** GET with the session: logs in first, once again on 401, and waits once when the controller says so. */
async function get(controller: Controller, url: URL, bounds: Bounds): Promise<HttpsAnswer> {
  const { agent } = controller;
  let fresh = false;
  let waited = false;
  for (;;) {
    if (controller.cookie === undefined) {
      controller.cookie = await logIn(controller, bounds.signal);
      fresh = true;
    }
    const headers = { cookie: controller.cookie, accept: 'application/json' };
    const answer = await requestHttps({ agent, url, headers, method: 'GET', signal: bounds.signal });
    if (answer.status === 200) return answer;
    if (answer.status === 401) {
      controller.cookie = undefined;
      if (fresh) throw new DriverError('AUTHENTICATION', 'the controller does not accept its own session');
    } else if (answer.status === 429 && !waited && (answer.retryAfter ?? 1) <= MAX_RETRY_AFTER) {
      waited = true;
      await pause(bounds, (answer.retryAfter ?? 1) * 1_000);
    } else if (answer.status === 429) {
      throw new DriverError('PROTOCOL', 'the controller limits its requests');
    } else {
      throw new DriverError('RPC_ERROR', `the controller answered ${answer.status}`, String(answer.status));
    }
  }
}

async function logIn({ rest, agent }: Controller, signal: AbortSignal): Promise<string> {
  const answer = await requestHttps({
    ...{ agent, signal, method: 'POST', url: new URL('/j_security_check', rest.baseUrl) },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ j_username: rest.user, j_password: rest.password }).toString(),
  });
  const cookie = answer.cookies.map((each) => /^(JSESSIONID=[\w.~+/=-]{1,512})(;|$)/.exec(each)?.[1]).find(Boolean);
  // A form page instead of nothing is how such controllers also say no.
  if (answer.status === 200 && cookie !== undefined && answer.body.trim() === '') return cookie;
  if (answer.status === 429) throw new DriverError('PROTOCOL', 'the controller limits its requests');
  throw new DriverError('AUTHENTICATION', 'the controller does not accept user or password');
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

const pause = ({ timers, signal }: Bounds, ms: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = timers.set(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
