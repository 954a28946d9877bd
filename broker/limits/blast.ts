/**
 * How much of a tenant's network changes may touch within an hour, over all its sessions: a fold over the audit log, with
 * what is under way on top.
 *
 * A proposal reserves its devices while it waits for people; a refusal gives them back, and only the execution charges
 * them. Reservations count as if they were charged, so that no two proposals together exceed what each alone may.
 */

interface Touch {
  readonly intent: string;
  readonly session: string;
  readonly devices: readonly string[];
  /** Reserved until then, or charged and to be forgotten then; epoch milliseconds. */
  readonly until: number;
  readonly charged: boolean;
}

export interface BlastState {
  readonly touches: readonly Touch[];
}

/** Where the state of each tenant is kept. */
export interface Blasts {
  blast(tenant: string): BlastState;
  /** Changes what is under way in memory, until the log says more. */
  setBlast(tenant: string, state: BlastState): void;
}

export interface WantedChange {
  readonly intent: string;
  readonly session: string;
  readonly devices: readonly string[];
}

/** The tenant's fleet as it is now: device → site. */
export type Fleet = ReadonlyMap<string, string>;

export const WINDOW_MS = 3_600_000;
/** As long as an intent can wait to be executed. */
export const RESERVED_MS = 30 * 60_000;

/** Share of the fleet (and of its sites) that changes may touch: of one intent or session, and of all sessions of the tenant. At least 2. */
export const BLAST = { session: 0.1, tenant: 0.2, least: 2 } as const;
/** Changes an hour, of one session and of the tenant. */
export const CHANGES = { session: 10, tenant: 30 } as const;

export const blastLimit = (total: number, share: number): number => Math.max(BLAST.least, Math.floor(total * share));

export const startBlast = (): BlastState => ({ touches: [] });

const alive = (state: BlastState, now: number): readonly Touch[] => state.touches.filter(({ until }) => until > now);
const without = (touches: readonly Touch[], intent: string): readonly Touch[] =>
  touches.filter((one) => one.charged || one.intent !== intent);

export const reserve = (state: BlastState, change: WantedChange, now: number): BlastState => ({
  touches: [...without(alive(state, now), change.intent), { ...change, until: now + RESERVED_MS, charged: false }],
});

export const giveBack = (state: BlastState, intent: string, now: number): BlastState => ({
  touches: without(alive(state, now), intent),
});

export const charge = (state: BlastState, change: WantedChange, now: number): BlastState => ({
  touches: [...without(alive(state, now), change.intent), { ...change, until: now + WINDOW_MS, charged: true }],
});

/** Why the change does not fit into what is left, as a sentence; undefined when it does. */
export function whyTooMuch(
  state: BlastState,
  change: WantedChange,
  fleet: Fleet,
  now: number,
): { readonly reason: string; readonly retryAfterMs: number } | undefined {
  // The same intent again (after an approval, after a lost answer) counts once.
  const others = alive(state, now).filter((one) => one.intent !== change.intent);
  const own = others.filter((one) => one.session === change.session);
  const retryAfterMs = Math.max(1000, Math.min(WINDOW_MS, ...others.map(({ until }) => until - now)));
  for (const [whose, touches, share, most] of [
    ['this session', own, BLAST.session, CHANGES.session],
    ['this tenant', others, BLAST.tenant, CHANGES.tenant],
  ] as const) {
    const count = new Set(touches.map(({ intent }) => intent)).size + 1;
    if (count > most)
      return { reason: `Within an hour ${whose} may make ${most} changes, waiting ones included.`, retryAfterMs };
    const devices = new Set([...touches.flatMap((one) => one.devices), ...change.devices]);
    const sites = new Set([...devices].map((device) => fleet.get(device) ?? device));
    const fleetSites = new Set(fleet.values());
    for (const [what, touched, total] of [
      ['devices', devices.size, fleet.size],
      ['sites', sites.size, fleetSites.size],
    ] as const) {
      const limit = blastLimit(total, share);
      if (touched > limit)
        return {
          reason: `Within an hour changes of ${whose} may touch ${limit} of ${total} ${what}, and this would make ${touched}.`,
          retryAfterMs,
        };
    }
  }
  return undefined;
}
