/**
 * Counters as integrals of rates: nothing ticks. A counter is what was counted up to the last change of the device's
 * world plus its present rate times the time since; whoever changes something folds the counters first.
 */
import { rememberBy, swapping } from './history.ts';
import { METER_SOURCES } from './meter-sources.ts';
import { periodOf } from './traffic/applications.ts';
import { type DeviceNode, farEnd, powered, tenantOf, type World } from './world.ts';

/**
 * What rises at a device now, and how fast: key and rate a second. `at` is a time of the period of the week that counts
 * (see `periodOf`). A pure function of the world; written as a function declaration, because the list of sources is
 * built before the modules that it names have run.
 */
export type MeterSource = (world: World, node: DeviceNode, at: number) => Iterable<readonly [string, number]>;

/** The counters of one device; made by `openMeters`. */
export interface MeterBook {
  /** Epoch milliseconds up to which `counted` holds. */
  since: number;
  /** Milliseconds before `since` that are not in `counted`: the life of the device before the story began. */
  earlierMs: number;
  counted: Map<string, number>;
  /** Rises with every change at this device: the key of what is kept between changes. */
  version: number;
  /** Last instant at which the neighbours were folded too. */
  spreadAt: number;
  view?: { readonly at: number; readonly totals: Map<string, number> };
  /** Number of the sample of the statistics as of which the counters are remembered. */
  kept?: number;
}

const HOUR_MS = 3_600_000;

/** Counters of a device that has run since `bootedAt`; before `now` its rates were those of `now`. */
export const openMeters = (now: number, bootedAt: number): MeterBook => ({
  since: now,
  earlierMs: Math.max(0, now - bootedAt),
  counted: new Map(),
  version: 0,
  spreadAt: Number.NaN,
});

/** A counter now: whole, never falling while the device runs, 0 when nothing counts under this key. Changes nothing. */
export function readMeter(world: World, node: DeviceNode, key: string): number {
  return Math.floor(totalsOf(world, node).get(key) ?? 0);
}

/** All counters now, kept for the rest of the instant. */
function totalsOf(world: World, node: DeviceNode): Map<string, number> {
  const book = node.meters;
  if (book.since === world.now && book.earlierMs === 0) return book.counted;
  if (book.view?.at === world.now) return book.view.totals;
  const totals = new Map(book.counted);
  const add = (at: number, seconds: number): void => {
    if (seconds <= 0 || !powered(world, node)) return;
    for (const source of METER_SOURCES) {
      for (const [key, perSecond] of source(world, node, at)) {
        if (perSecond > 0) totals.set(key, (totals.get(key) ?? 0) + perSecond * seconds);
      }
    }
  };
  for (const [at, ms] of periodsBetween(book.since, world.now, book.earlierMs)) add(at, ms / 1000);
  book.view = { at: world.now, totals };
  return totals;
}

/**
 * Splits an interval into the few periods of demand that it touches: a time of each, and its milliseconds in all.
 * `earlierMs` is added to the first.
 */
function periodsBetween(from: number, to: number, earlierMs: number): Iterable<readonly [at: number, ms: number]> {
  const sums = new Map<number, { readonly at: number; ms: number }>([[periodOf(from), { at: from, ms: earlierMs }]]);
  for (let at = from; at < to; ) {
    const next = Math.min(to, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
    const held = sums.get(periodOf(at));
    if (held === undefined) sums.set(periodOf(at), { at, ms: next - at });
    else held.ms += next - at;
    at = next;
  }
  return [...sums.values()].map(({ at, ms }) => [at, ms] as const);
}

function foldOne(world: World, node: DeviceNode): void {
  const book = node.meters;
  if (book.since !== world.now || book.earlierMs > 0) {
    keepSample(world, node);
    book.counted = totalsOf(world, node);
    book.since = world.now;
    book.earlierMs = 0;
    delete book.view;
  }
}

/** Before the counters change for the first time since statistics were sampled last: as the sample saw them they stay. */
function keepSample(world: World, { meters }: DeviceNode): void {
  // What happens at the instant of a sample is still in it: the next change is the first after it.
  const sample = Math.ceil(world.now / Math.max(1, world.statisticsMs));
  if (meters.kept === sample) return;
  meters.kept = sample;
  const read = (): Pick<MeterBook, 'since' | 'earlierMs' | 'counted'> => {
    const { since, earlierMs, counted } = meters;
    return { since, earlierMs, counted: new Map(counted) };
  };
  const write = (held: ReturnType<typeof read>): void => {
    Object.assign(meters, held);
    delete meters.view;
  };
  rememberBy(world, false, swapping(read, write));
}

/**
 * Freezes what a device and the others that its change touches have counted so far: all tunnel neighbours when nobody
 * says which. Call it before anything that may change their rates: a commit, a condition, a cell that turns. Many calls
 * at one instant cost little.
 */
export function foldMeters(world: World, node: DeviceNode, others?: readonly DeviceNode[]): void {
  foldOne(world, node);
  if (others !== undefined) for (const other of others) foldOne(world, other);
  else if (node.meters.spreadAt !== world.now) {
    node.meters.spreadAt = world.now;
    for (const end of node.ends.values()) {
      const far = farEnd(end);
      if (far !== undefined) foldOne(world, far.node);
    }
  }
  // Only now: what the neighbours have just looked at was still the old state.
  node.meters.version += 1;
  tenantOf(world, node.ref.tenant).rateVersion += 1;
}

/** The same for every device of a tenant: before a change of what all are told. */
export function foldTenant(world: World, tenant: string): void {
  for (const node of tenantOf(world, tenant).nodes) foldMeters(world, node);
}

/** Counts single events beside the rates. */
export function countMeter(world: World, node: DeviceNode, key: string, by: number): void {
  const { meters } = node;
  keepSample(world, node);
  meters.counted.set(key, (meters.counted.get(key) ?? 0) + by);
  if (meters.view?.at === world.now) delete meters.view;
}

/** A restart: everything counts from zero. */
export function resetMeters(world: World, node: DeviceNode): void {
  const { meters } = node;
  meters.counted.clear();
  meters.since = world.now;
  meters.earlierMs = 0;
  delete meters.view;
}

/** Forgets the counters of things that are gone, so that they start at zero should they come back. */
export function dropMeters(node: DeviceNode, gone: (key: string) => boolean): void {
  for (const key of node.meters.counted.keys()) if (gone(key)) node.meters.counted.delete(key);
  delete node.meters.view;
}
