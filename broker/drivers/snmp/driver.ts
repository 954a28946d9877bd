/**
 * The SNMP manager of the broker: version 3 with authentication and privacy, nothing less, and reads only.
 * It speaks through the project's own codec: a library that takes unauthenticated answers cannot be made safe from outside.
 */
import { createHash } from 'node:crypto';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import { createSalts } from '../../../protocols/snmp/usm.ts';
import { type DeviceEndpoint, type Driver, DriverError } from '../driver.ts';
import { type Datagrams, openDatagrams } from './datagrams.ts';
import { createIdleSockets } from './idle-sockets.ts';
import { type Ask, getVarbinds, READ_LIMITS, type ReadLimits, walkColumns } from './read-varbinds.ts';
import { requestIds } from './request-ids.ts';
import { request, type SessionContext } from './session.ts';

const WAIT_MS = 1_000;
const TRIES = 2;
const DEADLINE_MS = 30_000;
/** Engines remembered; the one that was met first is forgotten first. */
const MAX_ENGINES = 10_000;

export interface SnmpDriverOptions {
  readonly timers: Timers;
  /** Milliseconds; used for differences only. */
  readonly now: () => number;
  /** Cryptographically strong. */
  readonly random: (bytes: number) => Buffer;
  /** Wait for each of the two tries. */
  readonly waitMs?: number;
  /** For the whole operation. */
  readonly deadlineMs?: number;
  readonly limits?: ReadLimits;
}

export function createSnmpDriver(options: SnmpDriverOptions): Driver {
  const { timers, now, random } = options;
  const salt = createSalts(random);
  const memories = new Map<string, SessionContext['memory']>();
  /** The same by the object itself, whose fields nobody changes. */
  const met = new WeakMap<NonNullable<DeviceEndpoint['snmp']>, SessionContext['memory']>();
  const running = new Set<(error: DriverError) => void>();
  const nextId = requestIds(random);
  const sockets = createIdleSockets<Datagrams>();
  let closed = false;

  const remember = (snmp: NonNullable<DeviceEndpoint['snmp']>): SessionContext['memory'] => {
    const again = met.get(snmp);
    if (again !== undefined) return again;
    // A digest, so that changed passwords get new keys and no password stays in a map.
    const key = createHash('sha256').update(JSON.stringify(snmp)).digest('base64');
    const memory = memories.get(key) ?? {};
    memories.set(key, memory);
    const [oldest] = memories.keys();
    met.set(snmp, memory);
    if (memories.size > MAX_ENGINES && oldest !== undefined) memories.delete(oldest);
    return memory;
  };

  return {
    protocol: 'snmp',
    async run(endpoint, operation, signal) {
      if (closed) throw new DriverError('UNREACHABLE', 'the driver is closed');
      if (operation.protocol !== 'snmp') throw new DriverError('UNSUPPORTED', 'not an SNMP operation');
      const { snmp } = endpoint;
      if (snmp === undefined) throw new DriverError('UNSUPPORTED', 'the device has no SNMP address');
      if (signal?.aborted) throw new DriverError('TIMEOUT', 'the operation was given up');
      let datagrams: Datagrams | undefined;
      let ended: DriverError | undefined;
      // Errors are made when they are needed: the trace of where one was made costs as much as a poll.
      const end = (error: DriverError): void => {
        ended ??= error;
        datagrams?.end(ended);
      };
      const giveUp = signal && (() => end(new DriverError('TIMEOUT', 'the operation was given up')));
      if (giveUp) signal.addEventListener('abort', giveUp, { once: true });
      const cancel = timers.set(options.deadlineMs ?? DEADLINE_MS, () =>
        end(new DriverError('TIMEOUT', 'the SNMP operation took too long')),
      );
      running.add(end);
      try {
        datagrams = sockets.take(snmp) ?? (await openDatagrams(snmp, timers));
        try {
          if (ended !== undefined) datagrams.end(ended); // while it was opened
          const context: SessionContext = {
            datagrams,
            now,
            nextId,
            salt,
            waitMs: options.waitMs ?? WAIT_MS,
            tries: TRIES,
            user: { name: snmp.user, authPassword: snmp.authPassword, privPassword: snmp.privPassword },
            memory: remember(snmp),
          };
          const ask: Ask = (question) => request(context, question);
          const varbinds =
            operation.kind === 'get'
              ? await getVarbinds(ask, operation.oids)
              : await walkColumns(ask, operation.columns, options.limits ?? READ_LIMITS);
          return { protocol: 'snmp', varbinds };
        } finally {
          sockets.put(snmp, datagrams);
        }
      } finally {
        cancel();
        running.delete(end);
        if (giveUp) signal.removeEventListener('abort', giveUp);
      }
    },
    close() {
      closed = true;
      for (const end of running) end(new DriverError('LOST', 'the SNMP driver is closed'));
      memories.clear();
      sockets.close();
      return Promise.resolve();
    },
  };
}
