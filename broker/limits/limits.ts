/**
 * How much a session and a tenant may ask for: rates for reads and probes, a number of changes an hour, and the blast
 * radius of all changes of a tenant together. Counts live in memory: after a restart the windows begin empty.
 */
import type { Effect } from '../contract.ts';
import type { Clock } from '../ports.ts';
import { createDistinctWindow } from './distinct-window.ts';
import { createTokenBuckets } from './token-bucket.ts';

export interface LimitedCall {
  readonly tenant: string;
  readonly session: string;
  readonly effect: Effect;
  /** The same intent again (after an approval, after a lost answer) is counted once as a change. */
  readonly intent: string;
  readonly devices: readonly string[];
  /** Devices of the tenant. */
  readonly fleetSize: number;
}

/** `reason` is a sentence for people; the broker answers `LIMITED`. */
export type LimitVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export interface Limits {
  admit(call: LimitedCall): LimitVerdict;
}

const HOUR = 3_600_000;
/** Reads and probes: 20 a second with a burst of 200 for a session, five times that for a tenant. */
const SESSION_RATE = { burst: 200, perSecond: 20 };
const TENANT_RATE = { burst: 1_000, perSecond: 100 };
/** Changes an hour, for a session and for a tenant. */
const CHANGES_PER_HOUR = 10;
const MAX_KEYS = 10_000;

/** Devices that all changes of a tenant may touch within an hour: a fifth of the fleet, at least 2 so that a small one can be repaired. */
export const blastLimit = (fleetSize: number): number => Math.max(2, Math.floor(fleetSize / 5));

export function createLimits(clock: Clock): Limits {
  const bounds = { clock, maxKeys: MAX_KEYS };
  const sessions = createTokenBuckets({ ...bounds, ...SESSION_RATE });
  const tenants = createTokenBuckets({ ...bounds, ...TENANT_RATE });
  const changes = createDistinctWindow({ ...bounds, windowMs: HOUR });
  const devices = createDistinctWindow({ ...bounds, windowMs: HOUR });

  function admitRate({ tenant, session, devices: targets }: LimitedCall): LimitVerdict {
    const key = JSON.stringify([tenant, session]);
    const cost = Math.max(1, targets.length);
    const found = [sessions.peek(key, cost), tenants.peek(tenant, cost)].find((admission) => !admission.ok);
    if (found !== undefined && !found.ok) {
      return refuse(`Too many calls; try again in ${Math.ceil(found.retryAfterMs / 1000)} s.`);
    }
    sessions.take(key, cost);
    tenants.take(tenant, cost);
    return { ok: true };
  }

  function admitChange(call: LimitedCall): LimitVerdict {
    const { tenant, session, intent, fleetSize } = call;
    const limit = blastLimit(fleetSize);
    const keys = [JSON.stringify([tenant, session]), JSON.stringify([tenant])];
    if (!keys.every((key) => changes.fits(key, [intent], CHANGES_PER_HOUR))) {
      return refuse(`${CHANGES_PER_HOUR} changes were asked for within the hour.`);
    }
    if (!devices.fits(tenant, call.devices, limit)) {
      return refuse(`Changes within one hour may touch ${limit} of ${fleetSize} devices, and this would be more.`);
    }
    for (const key of keys) changes.add(key, [intent]);
    devices.add(tenant, call.devices);
    return { ok: true };
  }

  return {
    admit(call) {
      const rate = admitRate(call);
      if (!rate.ok || call.effect === 'read' || call.effect === 'probe') return rate;
      return admitChange(call);
    },
  };
}

const refuse = (reason: string): LimitVerdict => ({ ok: false, reason });
