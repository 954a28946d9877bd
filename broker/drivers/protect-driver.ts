/** What stands between callers and a driver: quarantine after a wrong identity, a circuit breaker a device, one more try of a read. */
import { createHash } from 'node:crypto';
import type { Timers } from '../../protocols/netconf/timers.ts';
import type { Operation } from '../contract.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import { type DeviceEndpoint, type Driver, DriverError, type DriverErrorCode, type WriteDriver } from './driver.ts';

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
}

interface Peer {
  readonly breaker: CircuitBreaker;
  /** Digest of the pinned identity that the device did not show. */
  refusedPin?: string;
}

/**
 * The same driver, protected. More errors of `run`: CIRCUIT_OPEN, nothing was sent; HOST_KEY at once, without a
 * connection, until the device has another pin. A write session is opened even while the circuit is open, since it may
 * be the one that takes a change back; never in quarantine, and never twice.
 */
export function protectDriver(driver: WriteDriver, options: ProtectOptions): WriteDriver;
export function protectDriver(driver: Driver, options: ProtectOptions): Driver;
export function protectDriver(driver: Driver | WriteDriver, { timers, now }: ProtectOptions): Driver | WriteDriver {
  const peers = new Map<string, Peer>();

  function findPeer(endpoint: DeviceEndpoint): Peer {
    const key = JSON.stringify([endpoint.tenant, endpoint.device]);
    const known = peers.get(key);
    if (known !== undefined && known.refusedPin !== undefined) {
      if (known.refusedPin === pinOf(endpoint, driver.protocol))
        throw new DriverError('HOST_KEY', 'in quarantine: the device showed another identity than the pinned one');
      peers.delete(key);
    } else if (known !== undefined) return known;
    const peer = { breaker: createCircuitBreaker(now) };
    peers.set(key, peer);
    return peer;
  }

  /** Runs one try and tells the breaker. */
  async function observe<T>(
    endpoint: DeviceEndpoint,
    peer: Peer,
    signal: AbortSignal | undefined,
    run: () => Promise<T>,
  ): Promise<T> {
    try {
      const result = await run();
      peer.breaker.succeed();
      return result;
    } catch (error) {
      if (error instanceof DriverError && error.code === 'HOST_KEY') peer.refusedPin = pinOf(endpoint, driver.protocol);
      if (isGivenUp(signal) || !(error instanceof DriverError)) peer.breaker.forgo();
      else if (FAILURES.has(error.code)) peer.breaker.fail();
      else if (error.code === 'RPC_ERROR') peer.breaker.succeed();
      else peer.breaker.forgo();
      throw error;
    }
  }

  const run: Driver['run'] = async (endpoint, operation, signal) => {
    const attempt = (): ReturnType<Driver['run']> => {
      const peer = findPeer(endpoint);
      if (!peer.breaker.admit()) {
        const seconds = Math.ceil(peer.breaker.pauseMs() / 1_000);
        throw new DriverError('CIRCUIT_OPEN', `the device failed repeatedly; it is tried again in ${seconds} s`);
      }
      return observe(endpoint, peer, signal, () => driver.run(endpoint, operation, signal));
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
  return {
    ...protectedDriver,
    openWriteSession: async (endpoint, signal, lowest) =>
      observe(endpoint, findPeer(endpoint), signal, () => driver.openWriteSession(endpoint, signal, lowest)),
  };
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
