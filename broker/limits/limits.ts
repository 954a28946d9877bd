/**
 * How much may be asked for: rates and costs of reads and probes for a session, a tenant, a tool and a class of devices,
 * and the blast radius of all changes of a tenant together.
 *
 * Rates live in memory: after a restart the buckets are full. The blast radius is read from the audit log.
 */
import type { Effect, Operation } from '../contract.ts';
import type { Clock } from '../ports.ts';
import { type Blasts, type Fleet, reserve, type WantedChange, whyTooMuch } from './blast.ts';
import { createReadCosts, type ReadCost, whyTooDear } from './read-cost.ts';
import { createTokenBuckets, type TokenBuckets } from './token-bucket.ts';

/** Class of devices that a bucket protects. */
export type DeviceClass = 'edge' | 'hub' | 'controller';

export interface LimitedCall {
  readonly tenant: string;
  readonly session: string;
  readonly tool: string;
  readonly effect: Effect;
  /** The same intent again (after an approval, after a lost answer) is counted once as a change. */
  readonly intent: string;
  readonly devices: readonly string[];
  readonly operations: readonly Operation[];
  /** All devices of the tenant: name → site and class. */
  readonly fleet: ReadonlyMap<string, { readonly site: string; readonly role: DeviceClass }>;
}

/** Room in the blast radius that a change under way holds, until it is released. */
export interface ChangeTicket extends WantedChange {
  readonly tenant: string;
}

/** `reason` is a sentence for people. */
export type LimitVerdict =
  | { readonly ok: true; readonly estimate?: ReadCost; readonly ticket?: ChangeTicket }
  | {
      readonly ok: false;
      readonly code: 'LIMITED' | 'TOO_LARGE';
      readonly reason: string;
      readonly retryAfterMs?: number;
    };

export interface Limits {
  /** For changes: holds the blast radius until the ticket is released. */
  admit(call: LimitedCall): LimitVerdict;
  /** Charges a read that was admitted with what it was. */
  settle(call: LimitedCall, estimate: ReadCost, truth: Pick<ReadCost, 'rows' | 'bytes'>): void;
  /** The call ended: what was executed is charged by then; what waits for people stays reserved, all else is given back. */
  release(ticket: ChangeTicket, waits: boolean): void;
}

/** Tokens a full bucket holds, and that flow back each second. Calls count once for each device. */
export const RATES = {
  session: { burst: 200, perSecond: 20 },
  tenant: { burst: 1000, perSecond: 100 },
  tool: { burst: 800, perSecond: 80 },
  probes: { burst: 120, perSecond: 4 },
  edge: { burst: 1000, perSecond: 100 },
  hub: { burst: 600, perSecond: 60 },
  // One machine that answers for the whole network.
  controller: { burst: 300, perSecond: 30 },
  // Observations.
  sessionRows: { burst: 100_000, perSecond: 2000 },
  tenantRows: { burst: 500_000, perSecond: 10_000 },
} as const;
type RateName = keyof typeof RATES;
const RATE_NAMES: readonly RateName[] = [
  ...(['session', 'tenant', 'tool', 'probes', 'edge', 'hub', 'controller', 'sessionRows', 'tenantRows'] as const),
];
const MAX_KEYS = 10_000;

interface Charge {
  readonly rate: RateName;
  readonly key: string;
  readonly cost: number;
}

export function createLimits({ clock, standing }: { readonly clock: Clock; readonly standing: Blasts }): Limits {
  const buckets = new Map<RateName, TokenBuckets>(
    RATE_NAMES.map((name) => [name, createTokenBuckets({ clock, maxKeys: MAX_KEYS, ...RATES[name] })]),
  );
  const of = (name: RateName): TokenBuckets => {
    const found = buckets.get(name);
    if (found === undefined) throw new Error(`no bucket ${name}`);
    return found;
  };
  const costs = createReadCosts();
  const underWay = new Set<ChangeTicket>();

  function admitRate(call: LimitedCall): LimitVerdict {
    const looks = call.effect === 'read' || call.effect === 'probe';
    const estimate = looks ? costs.estimate(call.tool, call.operations) : undefined;
    const dear = estimate === undefined ? undefined : whyTooDear(estimate);
    if (dear !== undefined) return { ok: false, code: 'TOO_LARGE', reason: dear };
    const charges = chargesOf(call, estimate);
    let retryAfterMs = 0;
    let full: RateName | undefined;
    for (const { rate, key, cost } of charges) {
      const admission = of(rate).peek(key, cost);
      if (admission.ok || admission.retryAfterMs < retryAfterMs) continue;
      retryAfterMs = admission.retryAfterMs;
      full = rate;
    }
    if (full !== undefined) {
      const reason = `Too much at once (${SAYS[full]}); try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
      return { ok: false, code: 'LIMITED', reason, retryAfterMs };
    }
    for (const { rate, key, cost } of charges) of(rate).take(key, cost);
    return { ok: true, ...(estimate === undefined ? {} : { estimate }) };
  }

  function admitChange(call: LimitedCall): LimitVerdict {
    const { tenant, intent, session, devices } = call;
    const fleet: Fleet = new Map([...call.fleet].map(([name, { site }]) => [name, site]));
    const now = clock.now();
    const held = [...underWay].filter((one) => one.tenant === tenant);
    const touches = held.map((one) => ({ ...one, until: Number.MAX_SAFE_INTEGER, charged: true }));
    const state = { touches: [...standing.blast(tenant).touches, ...touches] };
    const refusal = whyTooMuch(state, { intent, session, devices }, fleet, now);
    if (refusal !== undefined) return { ok: false, code: 'LIMITED', ...refusal };
    // No await between look and ticket: two calls cannot take the same room.
    const ticket: ChangeTicket = { tenant, intent, session, devices };
    underWay.add(ticket);
    return { ok: true, ticket };
  }

  return {
    admit(call) {
      const rate = admitRate(call);
      if (!rate.ok || call.effect === 'read' || call.effect === 'probe') return rate;
      return admitChange(call);
    },
    settle(call, estimate, truth) {
      costs.learn(call.tool, call.operations, truth);
      for (const { rate, key, cost } of rowsOf(call, estimate)) of(rate).settle(key, cost, truth.rows);
    },
    release(ticket, waits) {
      underWay.delete(ticket);
      const { tenant, ...change } = ticket;
      if (waits) standing.setBlast(tenant, reserve(standing.blast(tenant), change, clock.now()));
    },
  };
}

const SAYS: Readonly<Record<RateName, string>> = {
  session: 'calls of this session',
  tenant: 'calls of this tenant',
  tool: 'calls of this tool',
  probes: 'probes of this tenant',
  edge: 'reads of edges',
  hub: 'reads of hubs',
  controller: 'reads of controllers',
  sessionRows: 'data read by this session',
  tenantRows: 'data read by this tenant',
};

function chargesOf(call: LimitedCall, estimate: ReadCost | undefined): readonly Charge[] {
  const { tenant, session, tool, effect } = call;
  const cost = Math.max(1, call.devices.length);
  const spoken = new Set(call.operations.flatMap((one) => (one.protocol === 'records' ? [] : [one.device])));
  const classes = new Map<DeviceClass, number>();
  for (const device of estimate === undefined ? [] : spoken) {
    const role = call.fleet.get(device)?.role ?? 'controller';
    classes.set(role, (classes.get(role) ?? 0) + 1);
  }
  return [
    { rate: 'session', key: ownKey(tenant, session), cost },
    { rate: 'tenant', key: tenant, cost },
    { rate: 'tool', key: `${tenant}\n${tool}`, cost },
    ...(effect === 'probe' ? [{ rate: 'probes' as const, key: tenant, cost }] : []),
    ...[...classes].map(([rate, count]) => ({ rate, key: tenant, cost: count })),
    ...rowsOf(call, estimate),
  ];
}

/** What of them the answer corrects. */
function rowsOf({ tenant, session }: LimitedCall, estimate: ReadCost | undefined): readonly Charge[] {
  const cost = estimate?.rows ?? 0;
  if (cost === 0) return [];
  return [
    { rate: 'sessionRows', key: ownKey(tenant, session), cost },
    { rate: 'tenantRows', key: tenant, cost },
  ];
}

const ownKey = (tenant: string, session: string): string => `${tenant}\n${session}`;
