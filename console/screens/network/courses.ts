/** How circuits and tunnels stood: the course of each over the last hours, and what it was at a moment. Pure. */
import type { Evidence, InventoryView } from '../../api/schema.ts';

/** One thing at one moment; `unknown` before anything was read or told of it. */
export type State = 'up' | 'down' | 'unknown';

interface Turn {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly up: boolean;
  /** `trap`, `notification`, … told by the device; `read` when it was asked. */
  readonly how: string;
}

/** Oldest first, each different from the one before; of what was up all along a single turn at the beginning of time. */
export type Courses = ReadonlyMap<string, readonly Turn[]>;

const STATE = /^(bfd\.state|if\.oper)$/;
const STEADY: Turn = { at: Number.NEGATIVE_INFINITY, up: true, how: 'read' };

/** Adds what `telemetry.read` (states) answered to what was known: also when some of it is known already. */
export function addStates(known: Courses, evidence: readonly Evidence[]): Courses {
  const courses = new Map<string, readonly Turn[]>(known);
  for (const { resource, signal, value, observedAt, source } of evidence) {
    if (signal === 'state.steady') {
      for (const name of String(value).split(' ')) if (!courses.has(name)) courses.set(name, [STEADY]);
    } else if (STATE.test(signal)) {
      const turn = { at: Date.parse(observedAt), up: value === 'up', how: source.split(':')[1] ?? '' };
      courses.set(resource, insert(courses.get(resource) ?? [], turn));
    }
  }
  return courses;
}

function insert(course: readonly Turn[], turn: Turn): readonly Turn[] {
  if (course.some(({ at, up }) => at === turn.at && up === turn.up)) return course;
  const all = [...course, turn].toSorted((a, b) => a.at - b.at);
  return all.filter(({ up }, index) => all[index - 1]?.up !== up);
}

/** The course up to `before` is forgotten but for its last turn. */
export function forgetBefore(courses: Courses, before: number): Courses {
  return new Map(
    [...courses].map(([name, turns]) => {
      const last = turns.findLastIndex(({ at }) => at <= before);
      return [name, last <= 0 ? turns : turns.slice(last)];
    }),
  );
}

/**
 * What it was at a moment: the latest turn until then. Before the first turn that a device told by itself it was the
 * opposite, since nothing else is told; before the first reading nobody knows.
 */
export function stateAt(courses: Courses, name: string, at: number): { readonly state: State; readonly since?: Turn } {
  const turns = courses.get(name) ?? [];
  const since = turns.findLast((turn) => turn.at <= at);
  if (since !== undefined) return { state: since.up ? 'up' : 'down', since };
  const first = turns[0];
  if (first === undefined || first.how === 'read') return { state: 'unknown' };
  return { state: first.up ? 'down' : 'up' };
}

/** When something turned, the latest last. */
export const turnsOf = (courses: Courses): readonly number[] =>
  [...courses.values()]
    .flatMap((turns) => turns.flatMap(({ at }) => (Number.isFinite(at) ? [at] : [])))
    .toSorted((a, b) => a - b);

/** `tunnel/br1_edge:mpls--hub1_edge:mpls`; undefined for anything else. */
export function endsOf(tunnel: string) {
  const [, a, color, b, other] = /^tunnel\/([^:]+):(.+)--([^:]+):(.+)$/.exec(tunnel) ?? [];
  return a === undefined || b === undefined || color === undefined || other === undefined
    ? undefined
    : { devices: [a, b] as const, colors: [color, other] as const };
}

/** Tunnels between two sites over one transport. */
export interface Link {
  readonly sites: readonly [string, string];
  readonly color: string;
  readonly tunnels: readonly { readonly name: string; readonly state: State }[];
}

/** How the network stood at a moment. */
export interface Live {
  readonly links: readonly Link[];
  /** Tunnels of each site, both those that end there and their states. */
  readonly tunnels: ReadonlyMap<string, readonly { readonly name: string; readonly state: State }[]>;
  /** Ports with a circuit, by `interface/DEVICE/PORT`. */
  readonly ports: ReadonlyMap<string, State>;
}

export function liveAt(courses: Courses, { devices, topology }: InventoryView, at: number): Live {
  const siteOf = new Map(devices.map(({ name, site }) => [name, site]));
  const links = new Map<
    string,
    { sites: [string, string]; color: string; tunnels: { name: string; state: State }[] }
  >();
  const tunnels = new Map<string, { name: string; state: State }[]>();
  for (const name of courses.keys()) {
    const ends = endsOf(name);
    const [from, to] = [siteOf.get(ends?.devices[0] ?? ''), siteOf.get(ends?.devices[1] ?? '')];
    if (ends === undefined || from === undefined || to === undefined) continue;
    const found = { name, state: stateAt(courses, name, at).state };
    for (const site of new Set([from, to])) tunnels.set(site, [...(tunnels.get(site) ?? []), found]);
    const key = `${from} ${to} ${ends.colors[0]}`;
    const link = links.get(key) ?? { sites: [from, to], color: ends.colors[0], tunnels: [] };
    link.tunnels.push(found);
    links.set(key, link);
  }
  const ports = new Map(
    topology.circuits.map((one) => {
      const name = `interface/${one.device}/${one.interface}`;
      return [name, stateAt(courses, name, at).state] as const;
    }),
  );
  return { links: [...links.values()], tunnels, ports };
}

/** The worst that is known of several. */
export function worstState(all: readonly { readonly state: State }[]): State {
  if (all.some(({ state }) => state === 'down')) return 'down';
  return all.some(({ state }) => state === 'up') ? 'up' : 'unknown';
}
