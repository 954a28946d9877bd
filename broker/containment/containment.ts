/** A containment as it is kept: what was put at which device, until when, and how it ended; with the port of its store. */
import { z } from 'zod';
import { AGENTS } from '../contract.ts';

const measure = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('deny-traffic'),
    source: z.string().exactOptional(),
    destination: z.string().exactOptional(),
    destinationPort: z.int().exactOptional(),
  }),
  z.strictObject({ kind: z.literal('disable-account'), account: z.string() }),
]);

const trace = z.strictObject({
  device: z.string(),
  measure,
  /** Name of our entry, which nobody else gives to one. */
  entry: z.string(),
  /** Access lists that hold it. */
  lists: z.array(z.string()),
});
/** What a containment leaves at one device: all that its reversal may touch there. */
export type Trace = Readonly<z.infer<typeof trace>>;

/** Where the reversal stands at one device. */
const reversed = z.strictObject({
  device: z.string(),
  at: z.string(),
  /** `reversed`: taken back. `gone`: somebody had taken it back before. `altered`: somebody made something else of it, which was left alone. */
  found: z.enum(['reversed', 'gone', 'altered']),
  detail: z.string(),
});
export type ReversedDevice = Readonly<z.infer<typeof reversed>>;

/**
 * `placing`: it may be in place. `active`: it was put in place and verified. `ended`: nothing of it is left, as read from
 * the devices. `void`: it never came into place.
 */
export const CONTAINMENT_STATES = ['placing', 'active', 'ended', 'void'] as const;

export const containmentForm = z.strictObject({
  id: z.string().regex(/^con_[a-z0-9]{1,64}$/),
  tenant: z.string(),
  intent: z.string(),
  tool: z.string(),
  purpose: z.string(),
  requestedBy: z.string(),
  agent: z.enum(AGENTS).exactOptional(),
  approvedBy: z.array(z.string()),
  from: z.string(),
  until: z.string(),
  traces: z.array(trace).min(1),
  state: z.enum(CONTAINMENT_STATES),
  /** A person wants it to end now. */
  endedBy: z.strictObject({ human: z.string(), at: z.string(), reason: z.string() }).exactOptional(),
  reversed: z.array(reversed),
  endedAt: z.string().exactOptional(),
  /** Reversals that did not come through; `nextAt` is when it is tried again. */
  failures: z.int(),
  nextAt: z.string().exactOptional(),
  lastFailure: z.string().exactOptional(),
  /** When a human was told that it does not go away. */
  pagedAt: z.string().exactOptional(),
});
export type Containment = Readonly<z.infer<typeof containmentForm>>;

/** It may be at a device. */
export const isOpen = ({ state }: Containment): boolean => state === 'placing' || state === 'active';

/** Whether its end has come. */
export const isDue = ({ until, endedBy }: Containment, now: number): boolean =>
  endedBy !== undefined || Date.parse(until) <= now;

/** Keeps containments; writes resolve when durable. */
export interface Containments {
  /** Rejects when there is one with that id. */
  add(containment: Containment): Promise<void>;
  get(tenant: string, id: string): Promise<Containment | undefined>;
  /** Of the tenant, the latest first, at most `limit`. */
  list(tenant: string, limit: number): Promise<readonly Containment[]>;
  /** Those of all tenants that may be at a device. */
  open(): Promise<readonly Containment[]>;
  /** Replaces it by what `change` makes of it, one at a time; throws what `change` throws, and `NOT_FOUND`. */
  update(tenant: string, id: string, change: (before: Containment) => Containment): Promise<Containment>;
}
