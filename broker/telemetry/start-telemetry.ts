/** The broker's ears: one UDP socket a protocol, strict caps, and everything that is believed goes to the store in batches. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Timers } from '../../protocols/netconf/timers.ts';
import type { LocalEngine } from '../../protocols/snmp/local-engine.ts';
import { createTokenBuckets } from '../limits/token-bucket.ts';
import type { Clock } from '../ports.ts';
import type { EventFeed } from './event-feed.ts';
import { createFlowReceiver } from './receive-flows.ts';
import { createSyslogReceiver } from './receive-syslog.ts';
import { createTrapReceiver } from './receive-traps.ts';
import { type Events, type ReceivedEvent, streamOf } from './received-event.ts';
import {
  DROPS,
  type Drop,
  dropped,
  type Origin,
  type Receive,
  type Reception,
  type TelemetryCounts,
} from './reception.ts';
import type { Sources } from './sources.ts';

export type Protocol = 'traps' | 'syslog' | 'flows';

export interface TelemetryOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly ports: Readonly<Record<Protocol, number>>;
  readonly sources: Sources;
  readonly events: Events;
  readonly feed: EventFeed;
  readonly engine: Omit<LocalEngine, 'keysOf' | 'context'>;
  readonly clock: Clock;
  readonly timers: Timers;
  /** So many could not be stored; they are tried again unless the store says that it will never take them. */
  readonly onStoreError: (error: unknown, count: number) => void;
  /** Datagrams a second of one address, and its burst. */
  readonly rate?: { readonly perSecond: number; readonly burst: number };
}

export interface TelemetryReceivers {
  readonly addresses: Readonly<Record<Protocol, Origin>>;
  counts(): TelemetryCounts;
  /** Takes an event that came over a session, under the same caps as a datagram of the device. */
  admit(event: ReceivedEvent): void;
  /** Resolves when what was received until now is stored. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Longest datagram that is looked at: flow records and notifications fit an Ethernet frame, syslog may be longer. */
const MAX_BYTES = 8_192;
/** A device that lost a provider core tells of hundreds of tunnels at once, each by trap and by syslog. */
const RATE = { perSecond: 500, burst: 5_000 };
/** Events that wait for the store; when it does not keep up, the rest is dropped and counted. */
const MAX_QUEUE = 50_000;
const BATCH = 1_000;
/** So long a first event waits for others, milliseconds. */
const GATHER_MS = 20;
/** And so long a batch that could not be stored, until it is tried again. */
const RETRY_MS = 1_000;

/** SQLSTATE class 22: the data itself does not fit, however often it is tried. */
const isRefused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('22');

/** Starts to listen; rejects when an address cannot be bound, with nothing left open. */
export async function startTelemetry(options: TelemetryOptions): Promise<TelemetryReceivers> {
  const { sources, events, feed, clock, timers } = options;
  const buckets = createTokenBuckets({ clock, ...(options.rate ?? RATE), maxKeys: Math.max(16, 2 * sources.count) });
  const receivers: Readonly<Record<Protocol, Receive>> = {
    traps: createTrapReceiver({ sources, clock, engine: options.engine }),
    syslog: createSyslogReceiver({ sources, clock }),
    flows: createFlowReceiver({ sources, clock }),
  };
  const drops = new Map<Drop, number>();
  const queue: ReceivedEvent[] = [];
  /** Acknowledgements, each due when so many events have been stored. */
  const answers: { readonly behind: number; readonly send: () => void }[] = [];
  let open = true;
  /** Events stored or given up, and how many are tried at once. */
  let settled = 0;
  let size = BATCH;
  let received = 0;
  let kept = 0;
  let storing: Promise<void> = Promise.resolve();
  let armed = false;

  /** The first in line are stored or, when the store takes them never (`isRefused`), given up; `sent` says which. */
  const settle = (batch: readonly ReceivedEvent[], sent: boolean): void => {
    queue.splice(0, batch.length);
    settled += batch.length;
    while ((answers[0]?.behind ?? Number.POSITIVE_INFINITY) <= settled) {
      const answer = answers.shift();
      if (sent) answer?.send();
    }
  };
  const storeAll = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue.slice(0, size);
      try {
        await events.append(batch);
      } catch (error) {
        options.onStoreError(error, batch.length);
        if (batch.length === 1 && isRefused(error)) {
          settle(batch, false);
          continue;
        }
        // They stay first in line, unacknowledged; meanwhile the queue fills, and what does not fit is not taken.
        size = Math.max(1, Math.floor(batch.length / 2));
        arm(RETRY_MS);
        return;
      }
      size = BATCH;
      kept += batch.length;
      settle(batch, true);
      for (const event of batch) feed.wake(event.tenant, streamOf(event));
    }
  };
  const flush = (): Promise<void> => {
    armed = false;
    storing = storing.then(storeAll);
    return storing;
  };
  const arm = (pauseMs: number): void => {
    if (armed) return;
    armed = true;
    timers.set(pauseMs, () => void flush());
  };
  const judge = (protocol: Protocol, bytes: Buffer, from: Origin): Reception => {
    // A stranger costs one look-up, and is never answered.
    if (!sources.knows(from.host)) return dropped('unknown-source');
    if (bytes.length > MAX_BYTES) return dropped('too-long');
    if (!buckets.take(from.host).ok || queue.length >= MAX_QUEUE) return dropped('too-many');
    return receivers[protocol](bytes, from);
  };
  const enqueue = (found: readonly ReceivedEvent[]): void => {
    queue.push(...found);
    if (queue.length > 0) arm(GATHER_MS);
  };
  /** `send` is called when everything that was taken until then is stored: an inform is not acknowledged before. */
  const take = (protocol: Protocol, bytes: Buffer, from: Origin, send: (answer: Buffer) => void): void => {
    received += 1;
    const { events: found, answer, drop } = judge(protocol, bytes, from);
    if (drop !== undefined) drops.set(drop, (drops.get(drop) ?? 0) + 1);
    enqueue(found);
    if (answer === undefined) return;
    if (queue.length === 0 || (drop !== undefined && drop !== 'duplicate')) send(answer);
    else if (answers.length < MAX_QUEUE) answers.push({ behind: settled + queue.length, send: () => send(answer) });
  };

  const admit = (event: ReceivedEvent): void => {
    received += 1;
    const fits = queue.length < MAX_QUEUE && buckets.take(JSON.stringify([event.tenant, event.device])).ok;
    if (fits) enqueue([event]);
    else drops.set('too-many', (drops.get('too-many') ?? 0) + 1);
  };

  const sockets: Socket[] = [];
  const closeAll = async (): Promise<void> => {
    open = false;
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  };
  const listen = async (protocol: Protocol): Promise<Origin> => {
    const socket = createSocket({ type: isIPv6(options.host) ? 'udp6' : 'udp4', recvBufferSize: 4_194_304 });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(options.ports[protocol], options.host, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    sockets.push(socket);
    socket.on('error', () => undefined); // an ICMP error about an answer is not ours to mend
    socket.on('message', (bytes, from) => {
      take(protocol, bytes, { host: from.address, port: from.port }, (answer) => {
        if (open) socket.send(answer, from.port, from.address, () => undefined);
      });
    });
    const { address, port } = socket.address();
    return { host: address, port };
  };
  let addresses: Readonly<Record<Protocol, Origin>>;
  try {
    addresses = { traps: await listen('traps'), syslog: await listen('syslog'), flows: await listen('flows') };
  } catch (error) {
    await closeAll();
    throw error;
  }
  return {
    addresses,
    admit,
    counts: () => ({
      received,
      kept,
      // Every reason has its figure.
      drops: Object.fromEntries(DROPS.map((drop) => [drop, drops.get(drop) ?? 0])) as Record<Drop, number>,
    }),
    flush,
    close: async () => {
      await closeAll();
      await flush();
    },
  };
}
