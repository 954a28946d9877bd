/** Keeps a subscription to the notifications of each device, comes back after a loss, and asks for what was missed where the device keeps it. */
import { createHash } from 'node:crypto';
import type { Notification } from '../../protocols/netconf/notification.ts';
import type { Timers } from '../../protocols/netconf/timers.ts';
import { renderXml } from '../../protocols/netconf/xml.ts';
import type { Clock } from '../ports.ts';
import { readNotice } from './receive-notices.ts';
import type { ReceivedEvent } from './received-event.ts';

export interface FollowedDevice {
  readonly tenant: string;
  readonly device: string;
}

export interface FollowOptions {
  readonly devices: readonly FollowedDevice[];
  /** Rejects with an error that has a `code`; UNSUPPORTED for a device that sends none. */
  readonly subscribe: (
    tenant: string,
    device: string,
    since: number | undefined,
    onNotice: (notice: Notification) => void,
    signal: AbortSignal,
  ) => Promise<{ readonly replays: boolean; readonly ended: Promise<void>; readonly user: string; close(): void }>;
  /** Takes an event, or drops it when there are too many. */
  readonly admit: (event: ReceivedEvent) => void;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
}

export interface Following {
  /** Devices with a subscription now. */
  count(): number;
  close(): Promise<void>;
}

/** Sessions kept open at once, each a socket and a few hundred kilobytes; devices beyond it are heard by trap and syslog. */
export const MOST_FOLLOWED = 1_000;
/** Milliseconds before the next try, doubled up to the longest, each shortened at random so that a fleet does not come back at once. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
/** A device may send the last notifications again with a replay; so many are recognised. */
const REMEMBERED = 256;
/** First subscriptions are spread, so that reads need not queue behind those of a whole fleet; milliseconds a device. */
const SPREAD_MS = 20;

export function followDevices(options: FollowOptions): Following {
  const open = new Set<{ close(): void }>();
  // A signal each: what waits for a whole fleet at one of them looks like a leak, and Node.js says so.
  const loops = options.devices.slice(0, MOST_FOLLOWED).map((one) => {
    const stop = new AbortController();
    return { stop, ended: follow(options, one, stop.signal, open) };
  });
  return {
    count: () => open.size,
    async close() {
      for (const { stop } of loops) stop.abort();
      for (const each of [...open]) each.close();
      await Promise.all(loops.map(({ ended }) => ended));
    },
  };
}

async function follow(
  { devices, subscribe, admit, clock, timers, random }: FollowOptions,
  { tenant, device }: FollowedDevice,
  signal: AbortSignal,
  open: Set<{ close(): void }>,
): Promise<void> {
  const seen = new Set<string>();
  let last: number | undefined;
  let wasOpen = false;
  let pause = FIRST_PAUSE_MS;

  await sleep(timers, random() * devices.length * SPREAD_MS, signal);
  while (!signal.aborted) {
    // What comes before the answer to the subscription waits for it: only then is known who we are to the device.
    let user: string | undefined;
    let replayedUntil: number | undefined;
    const early: Notification[] = [];
    const take = (notice: Notification): void => {
      if (user === undefined) {
        if (early.length < REMEMBERED) early.push(notice);
        return;
      }
      const isKnown = isRepeated(seen, notice);
      if (isKnown && replayedUntil !== undefined && notice.at <= replayedUntil) return;
      last = Math.max(last ?? notice.at, notice.at);
      const event = readNotice(notice, { tenant, device, user }, clock.now());
      if (event !== undefined) admit(event);
    };
    try {
      const session = await subscribe(tenant, device, last, take, signal);
      user = session.user;
      if (session.replays) replayedUntil = last;
      open.add(session);
      if (signal.aborted) session.close();
      if (wasOpen && !session.replays) admit(gapEvent(tenant, device, last, clock.now()));
      early.forEach(take);
      wasOpen = true;
      pause = FIRST_PAUSE_MS;
      await session.ended;
      open.delete(session);
    } catch (error) {
      if (codeOf(error) === 'UNSUPPORTED') return;
    }
    await sleep(timers, pause * (0.5 + random() / 2), signal);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }
}

/** Nobody knows what the device told meanwhile, and whoever reads the events must know that. */
const gapEvent = (tenant: string, device: string, since: number | undefined, now: number): ReceivedEvent => ({
  ...{ tenant, device, channel: 'notification', name: 'notification.gap', resource: `node/${device}` },
  severity: 'warning',
  detail: `notifications${since === undefined ? '' : ` after ${new Date(since).toISOString()}`} may be missing: the session was lost and the device replays none`,
  ...{ observedAt: new Date(now).toISOString(), receivedAt: new Date(now).toISOString() },
});

function isRepeated(seen: Set<string>, { at, content }: Notification): boolean {
  const mark = createHash('sha256')
    .update(`${at} ${renderXml(content)}`)
    .digest('base64');
  if (seen.has(mark)) return true;
  seen.add(mark);
  const [oldest] = seen;
  if (seen.size > REMEMBERED && oldest !== undefined) seen.delete(oldest);
  return false;
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

const sleep = (timers: Timers, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = timers.set(ms, end);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
