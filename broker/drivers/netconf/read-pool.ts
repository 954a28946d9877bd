/** Read sessions, one a device and login: opened when needed, shared in a pipeline, closed when idle. */
import { createHash } from 'node:crypto';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import { DriverError } from '../driver.ts';
import type { ConnectGate } from './connect-gate.ts';
import type { NetconfEndpoint } from './connection.ts';
import type { NetconfDeadlines } from './deadlines.ts';
import { type NetconfSession, openSession } from './session.ts';

/** Rpcs of one session that may be under way at once. */
const PIPELINE = 8;

export interface ReadPool {
  /**
   * Runs `work` on the session of an endpoint, within `deadlines.runMs` of now: an abort, or the end of that time, while
   * waiting for the session rejects with UNREACHABLE; the signal that `work` gets has both in it.
   */
  use<T>(
    endpoint: NetconfEndpoint,
    signal: AbortSignal | undefined,
    work: (session: NetconfSession, signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T>;
  close(): void;
}

interface Entry {
  readonly opening: Promise<NetconfSession>;
  /** Once it is open: then there is nothing to wait for. */
  session?: NetconfSession;
  inUse: number;
  readonly queue: (() => void)[];
  cancelIdle: () => void;
}

export function createReadPool(deadlines: NetconfDeadlines, timers: Timers, gate: ConnectGate): ReadPool {
  const entries = new Map<string, Entry>();
  let closed = false;

  function enter(key: string, endpoint: NetconfEndpoint): Entry {
    const known = entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = {
      opening: gate(() => openSession(endpoint, deadlines, timers)),
      inUse: 0,
      queue: [],
      cancelIdle: () => undefined,
    };
    const forget = (): void => {
      entry.cancelIdle();
      if (entries.get(key) === entry) entries.delete(key);
    };
    entry.opening.then((session) => {
      entry.session = session;
      session.onClosed(forget);
      if (closed) session.destroy();
    }, forget);
    entries.set(key, entry);
    return entry;
  }

  async function acquire(entry: Entry, signal: AbortSignal): Promise<void> {
    entry.cancelIdle();
    if (entry.inUse < PIPELINE) {
      entry.inUse += 1;
      return;
    }
    await orAbort(
      new Promise<void>((resolve) => {
        entry.queue.push(resolve);
        signal.addEventListener('abort', () => remove(entry.queue, resolve), { once: true });
      }),
      signal,
    );
  }

  function release(entry: Entry, session: NetconfSession | undefined): void {
    const next = entry.queue.shift();
    if (next !== undefined) {
      next(); // hands its place on
      return;
    }
    entry.inUse -= 1;
    if (entry.inUse === 0 && session?.isOpen() === true)
      entry.cancelIdle = timers.set(deadlines.idleMs, () => session.destroy());
  }

  async function wait<T>(
    entry: Entry,
    signal: AbortSignal | undefined,
    work: (session: NetconfSession, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const absolute = new AbortController();
    const cancelTimer = timers.set(deadlines.runMs, () => absolute.abort());
    const given = signal === undefined ? absolute.signal : AbortSignal.any([signal, absolute.signal]);
    try {
      await acquire(entry, given);
      let session: NetconfSession | undefined;
      try {
        session = entry.session ?? (await orAbort(entry.opening, given));
        return await work(session, given);
      } finally {
        release(entry, session);
      }
    } finally {
      cancelTimer();
    }
  }

  return {
    async use(endpoint, signal, work) {
      if (closed) throw new DriverError('UNREACHABLE', 'the driver is closed');
      const entry = enter(nameLogin(endpoint), endpoint);
      const { session } = entry;
      // Where nothing is waited for the deadline of the rpc is the nearer one, and another would cost as much as the rpc.
      if (session === undefined || entry.inUse >= PIPELINE || deadlines.readMs > deadlines.runMs)
        return wait(entry, signal, work);
      entry.cancelIdle();
      entry.inUse += 1;
      try {
        return await work(session, signal);
      } finally {
        release(entry, session);
      }
    },
    close() {
      closed = true;
      for (const { opening } of entries.values()) {
        opening.then(
          (session) => session.destroy(),
          () => undefined,
        );
      }
    },
  };
}

/** Names by the endpoint itself, whose fields nobody changes: hashing one costs as much as sending an rpc. */
const NAMES = new WeakMap<NetconfEndpoint, string>();

/** Another key is another login; hashed, so that the pool does not keep the key itself. */
function nameLogin(endpoint: NetconfEndpoint): string {
  const known = NAMES.get(endpoint);
  if (known !== undefined) return known;
  const { host, port, hostKey, user, privateKey } = endpoint;
  const name = createHash('sha256')
    .update(JSON.stringify([host, port, hostKey, user, privateKey]))
    .digest('base64');
  NAMES.set(endpoint, name);
  return name;
}

function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new DriverError('UNREACHABLE', 'given up before anything was sent'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
