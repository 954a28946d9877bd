/** What stands between callers and a driver: quarantine after a wrong identity, a circuit breaker a device, one more try of a read. */
import { createHash } from 'node:crypto';
import type { Timers } from '../../protocols/netconf/timers.ts';
import type { Operation } from '../contract.ts';
import type { Quarantine, QuarantineReason } from '../standing.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import {
  type DeviceEndpoint,
  type Driver,
  DriverError,
  type DriverErrorCode,
  type NotificationDriver,
  type WriteDriver,
} from './driver.ts';

/** Milliseconds before the second try of a read. */
const RETRY_MS = 250;
/** The peer is gone or breaks the protocol. What it refuses with reason is an answer. */
const FAILURES: ReadonlySet<DriverErrorCode> = new Set([
  'UNREACHABLE',
  'TIMEOUT',
  'LOST',
  'PROTOCOL',
  'AUTHENTICATION',
]);
/** A second try may help at once. A timeout has used up what the caller was ready to wait. */
const PASSING: ReadonlySet<DriverErrorCode> = new Set(['UNREACHABLE', 'LOST']);

export interface ProtectOptions {
  readonly timers: Timers;
  /** Milliseconds; used for differences only. */
  readonly now: () => number;
  /** Outlives this process; breakers do not. */
  readonly quarantine: Quarantine;
  readonly log: { error(fields: { readonly [key: string]: unknown }, message: string): void };
}

/**
 * The same driver, protected. More errors of `run`: CIRCUIT_OPEN, nothing was sent; HOST_KEY at once, without a
 * connection, until the device has another pin. A write session is opened even while the circuit is open, since it may
 * be the one that takes a change back; never in quarantine, and never twice.
 */
export function protectDriver(driver: NotificationDriver, options: ProtectOptions): NotificationDriver;
export function protectDriver(driver: WriteDriver, options: ProtectOptions): WriteDriver;
export function protectDriver(driver: Driver, options: ProtectOptions): Driver;
export function protectDriver(
  driver: Driver | WriteDriver | NotificationDriver,
  { timers, now, quarantine, log }: ProtectOptions,
): Driver | WriteDriver {
  const breakers = new Map<string, CircuitBreaker>();
  const reason: QuarantineReason = driver.protocol === 'rest' ? 'certificate' : 'host-key';

  /** Throws HOST_KEY in quarantine. */
  function findBreaker(endpoint: DeviceEndpoint): CircuitBreaker {
    const { tenant, device } = endpoint;
    const refused = quarantine.of(tenant, device).find((one) => one.reason === reason);
    const key = JSON.stringify([tenant, device]);
    if (refused !== undefined) {
      if (refused.pin === pinOf(endpoint, driver.protocol))
        throw new DriverError('HOST_KEY', 'in quarantine: the device showed another identity than the pinned one');
      // Somebody gave it another pin, which is a decision about it.
      keep(quarantine.leave(tenant, device, { why: 'the inventory pins another identity' }, reason));
      breakers.delete(key);
    }
    const breaker = breakers.get(key) ?? createCircuitBreaker(now);
    breakers.set(key, breaker);
    return breaker;
  }

  /** The quarantine holds in memory whatever becomes of its store, which is tried again later. */
  function keep(stored: Promise<unknown>): void {
    stored.catch((error: unknown) => log.error({ err: error }, 'a quarantine could not be stored'));
  }

  /** Runs one try and tells the breaker. */
  async function observe<T>(
    endpoint: DeviceEndpoint,
    breaker: CircuitBreaker,
    signal: AbortSignal | undefined,
    run: () => Promise<T>,
  ): Promise<T> {
    try {
      const result = await run();
      breaker.succeed();
      return result;
    } catch (error) {
      if (error instanceof DriverError && error.code === 'HOST_KEY') {
        const { tenant, device } = endpoint;
        const pin = pinOf(endpoint, driver.protocol);
        keep(quarantine.enter({ tenant, device, reason, detail: error.message, pin }));
      }
      if (isGivenUp(signal) || !(error instanceof DriverError)) breaker.forgo();
      else if (FAILURES.has(error.code)) breaker.fail();
      else if (error.code === 'RPC_ERROR') breaker.succeed();
      else breaker.forgo();
      throw error;
    }
  }

  const run: Driver['run'] = async (endpoint, operation, signal) => {
    const attempt = (): ReturnType<Driver['run']> => {
      const breaker = findBreaker(endpoint);
      if (!breaker.admit()) {
        const seconds = Math.ceil(breaker.pauseMs() / 1_000);
        throw new DriverError('CIRCUIT_OPEN', `the device failed repeatedly; it is tried again in ${seconds} s`);
      }
      return observe(endpoint, breaker, signal, () => driver.run(endpoint, operation, signal));
    };
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof DriverError) || !PASSING.has(error.code) || !mayRepeat(operation)) throw error;
      if (isGivenUp(signal)) throw error;
      await new Promise<void>((resolve) => timers.set(RETRY_MS, resolve));
      if (isGivenUp(signal)) throw error;
      return attempt();
    }
  };
  const protectedDriver: Driver = { protocol: driver.protocol, run, close: () => driver.close() };
  if (!('openWriteSession' in driver)) return protectedDriver;
  const writing: WriteDriver = {
    ...protectedDriver,
    openWriteSession: async (endpoint, signal, lowest) =>
      observe(endpoint, findBreaker(endpoint), signal, () => driver.openWriteSession(endpoint, signal, lowest)),
  };
  if (!('subscribe' in driver)) return writing;
  const subscribing: NotificationDriver = {
    ...writing,
    // Whoever listens comes back at a pace of his own; the breaker is for those who cannot know.
    subscribe: async (endpoint, since, onNotice, signal) =>
      observe(endpoint, findBreaker(endpoint), signal, () => driver.subscribe(endpoint, since, onNotice, signal)),
  };
  return subscribing;
}

/** A device's own rpc may do something each time that it is sent. */
const mayRepeat = ({ kind }: Operation): boolean => kind !== 'rpc' && kind !== 'edit-config';

const isGivenUp = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

function pinOf({ netconf, rest }: DeviceEndpoint, protocol: Driver['protocol']): string {
  const pin = protocol === 'netconf' ? netconf?.hostKey : rest?.ca;
  return createHash('sha256')
    .update(pin ?? '')
    .digest('base64');
}
