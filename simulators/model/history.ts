/**
 * What the network was before: whoever changes a part of its state has it remembered first, so that the network can be
 * looked at as it was at an instant of the last day. A change costs a copy of what it changes; a look back costs what has
 * changed since.
 */
import type { World } from './world.ts';

/** One part of the state as it was before a change, or after it while the network is looked at as it was. */
export interface Change {
  /** Virtual epoch milliseconds. */
  readonly at: number;
  /** Whether packets may go another way, or fare differently, since. */
  readonly movesTraffic: boolean;
  /** Puts back what is held, and holds what was there. */
  readonly swap: () => void;
}

/** Flow records and statistics of so long ago can be asked for. */
export const REMEMBERED_MS = 24 * 3_600_000;
/** After so many changes the older half is forgotten: what happened before then looks as it was at its end. */
const MOST_CHANGES = 400_000;
const BLOCK = 1_000;

/** Call it before `target` is changed: a record of the model, or one of its maps, sets and lists. */
export function remember(world: World, target: object, movesTraffic = true): void {
  rememberBy(world, movesTraffic, swapOf(target));
}

/** The same for a change that somebody can take back and do again himself. */
export function rememberBy(world: World, movesTraffic: boolean, swap: () => void): void {
  const { history } = world;
  history.push({ at: world.now, movesTraffic, swap });
  if (history.length > MOST_CHANGES) history.splice(0, MOST_CHANGES / 2);
  // In blocks: a list is not cut at every change.
  else if (history.length % BLOCK === 0)
    history.splice(
      0,
      Math.max(
        0,
        history.findIndex(({ at }) => at >= world.now - REMEMBERED_MS),
      ),
    );
}

function swapOf(target: object): () => void {
  if (target instanceof Map)
    return swapping(
      () => [...target],
      (held) => refill(target, held, (one) => target.set(...one)),
    );
  if (target instanceof Set)
    return swapping(
      () => [...target],
      (held) => refill(target, held, (one) => target.add(one)),
    );
  if (Array.isArray(target))
    return swapping(
      () => [...target],
      (held) => void target.splice(0, target.length, ...held),
    );
  return swapping(
    () => ({ ...target }),
    (held) => {
      for (const key of Object.keys(target)) if (!(key in held)) Reflect.deleteProperty(target, key);
      Object.assign(target, held);
    },
  );
}

function refill<One>(target: { clear(): void }, held: readonly One[], add: (one: One) => void): void {
  target.clear();
  for (const one of held) add(one);
}

/** Holds what `read` gives now; every call puts it back and holds what was there instead. */
export function swapping<Held>(read: () => Held, write: (held: Held) => void): () => void {
  let held = read();
  return () => {
    const present = read();
    write(held);
    held = present;
  };
}

/** What `read` finds in the network as it was after all that happened at `at`; it must not change anything. */
export function asOf<T>(world: World, at: number, read: () => T): T {
  const present = world.now;
  if (at >= present) return read();
  const { history } = world;
  let first = history.length;
  while ((history[first - 1]?.at ?? at) > at) first -= 1;
  const undone = history.slice(first);
  for (const change of undone.toReversed()) change.swap();
  if (undone.length > 0) forgetComputed(world);
  world.now = at;
  try {
    return read();
  } finally {
    for (const change of undone) change.swap();
    world.now = present;
    if (undone.length > 0) forgetComputed(world);
  }
}

/** Instants in (`after`, `until`] at which traffic may have moved, in order. */
export function* movesBetween({ history }: World, after: number, until: number): Iterable<number> {
  let first = history.length;
  while ((history[first - 1]?.at ?? after) > after) first -= 1;
  for (const { at, movesTraffic } of history.slice(first)) {
    if (at > until) return;
    if (movesTraffic) yield at;
  }
}

/** What was computed of the state and kept is of another time. */
function forgetComputed(world: World): void {
  for (const tenant of world.tenants.values()) {
    tenant.routeVersion += 1;
    tenant.originVersion += 1;
    tenant.rateVersion += 1;
    for (const node of tenant.nodes) node.meters.version += 1;
  }
}
