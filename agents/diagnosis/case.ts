/**
 * A case: what was observed, weighed, and what each hypothesis (a fault at a place) says about every part of it, by the
 * codebook.
 */
import { MET, sharesSite, withCutOff } from './cut-off.ts';
import type { NetworkMap } from './network-map.ts';
import { type Entity, NORMAL, type Observation } from './observation.ts';
import type { Codebook, Pattern, Shares } from './patterns.ts';
import { isSingle } from './patterns.ts';
import type { Place } from './places.ts';
import { roleOf } from './role.ts';

export interface Hypothesis {
  readonly type: string;
  readonly place: Place;
  readonly pattern: Pattern;
}

/** No share is certain: a trap is lost, two reads race. */
export const MOST = 0.97;
/** The same of what is read exactly and does not wander (configuration, states of ports, processes and certificates), and of what may not come at all. */
const EXACT: { readonly [feature: string]: number } = {
  cfg: 0.99999,
  // Work that is on no record is not planned.
  record: 0.99999,
  sync: 0.9995,
  oper: 0.995,
  admin: 0.995,
  port: 0.995,
  certificate: 0.995,
  clock: 0.995,
  process: 0.995,
  server: 0.995,
  sa: 0.99,
  answers: 0.99,
  // An announcement is lost, or was made before the hours that are looked back on.
  event: 0.8,
};
export const mostOf = (feature: string): number => EXACT[feature.split('.')[0] ?? ''] ?? MOST;

/** Hypotheses that are looked at in full, and promise (nats) from which one is. */
const EXAMINED = 160;

const PROMISE = 3;

export interface Item {
  readonly observation: Observation;
  readonly weight: number;
  readonly isNormal: boolean;
  readonly leak: number;
}

/** What a hypothesis says about one item: the share for its value, and the sum for others that would be wrong. */
export interface Claim {
  readonly item: number;
  readonly share: number;
  readonly other: number;
}

/** A single symptom that a hypothesis shows nearly always, and that was looked for in vain. */
export interface Absent {
  readonly feature: string;
  readonly value: string;
  /** What its absence says against the hypothesis (nats, positive). */
  readonly nats: number;
}

export interface Candidate extends Hypothesis {
  readonly claims: readonly Claim[];
  readonly absent: readonly Absent[];
  /** Log-likelihood of all that is absent. */
  readonly missing: number;
}

export interface Case {
  readonly items: readonly Item[];
  readonly byFeature: ReadonlyMap<string, readonly number[]>;
  /** The same of what is abnormal alone. */
  readonly wrongByFeature: ReadonlyMap<string, readonly number[]>;
  /** Devices that observations speak of. */
  readonly devices: ReadonlySet<string>;
  /** Role of an item at a place; worked out once for all the faults that the place can bear, and all that is seen of one thing. */
  roleAt(place: Place, item: number): string;
  readonly map: NetworkMap;
  readonly codebook: Codebook;
  /** Features that were looked at anywhere, and devices whose configuration was. */
  readonly looked: ReadonlySet<string>;
}

/** What is abnormal of the observations. */
export const isAbnormal = ({ value }: Observation): boolean => value !== NORMAL;

/** Prepares observations: many of one kind from one device weigh less than as many from different ones. */
export function createCase(
  codebook: Codebook,
  map: NetworkMap,
  observations: readonly Observation[],
  looked: ReadonlySet<string>,
): Case {
  const groups = new Map<string, number>();
  const keyOf = ({ feature, value, entity }: Observation): string =>
    `${feature}=${value} ${entity.device ?? entity.site ?? entity.host ?? ''}`;
  for (const one of observations) groups.set(keyOf(one), (groups.get(keyOf(one)) ?? 0) + 1);
  const items = observations.map((observation) => ({
    observation,
    weight: 1 / Math.sqrt(groups.get(keyOf(observation)) ?? 1),
    isNormal: observation.value === NORMAL,
    leak: codebook.leak(observation.feature, observation.value),
  }));
  const byFeature = new Map<string, number[]>();
  const wrongByFeature = new Map<string, number[]>();
  const note = (index: number, feature: string, into: Map<string, number[]>): void => {
    const known = into.get(feature);
    if (known === undefined) into.set(feature, [index]);
    else known.push(index);
  };
  items.forEach(({ observation: { feature }, isNormal }, index) => {
    note(index, feature, byFeature);
    if (!isNormal) note(index, feature, wrongByFeature);
  });
  const { things, thingOf } = tellThings(observations);
  const roles = new Map<Place, string[]>();
  const roleAt = (place: Place, index: number): string => {
    const thing = thingOf[index];
    const entity = thing === undefined ? undefined : things[thing];
    if (thing === undefined || entity === undefined) return '';
    const here = roles.get(place) ?? [];
    if (here.length === 0) roles.set(place, here);
    const known = here[thing];
    if (known !== undefined) return known;
    const found = roleOf(place, entity, map);
    here[thing] = found;
    return found;
  };
  const devices = new Set(things.flatMap(({ device, peer }) => [device, peer].flatMap((name) => name ?? [])));
  return { items, byFeature, wrongByFeature, devices, roleAt, map, codebook, looked };
}

/** The things that were looked at, and which of them each observation is of: a tunnel is seen in a dozen ways. */
function tellThings(observations: readonly Observation[]): {
  readonly things: readonly Entity[];
  readonly thingOf: readonly number[];
} {
  const things: Entity[] = [];
  const numbers = new Map<string, number>();
  const thingOf = observations.map(({ entity }) => {
    const { kind, device, port, color, peer, peerColor, site, vrf, host, application, policy } = entity;
    const key = [kind, device, port, color, peer, peerColor, site, vrf, host, application, policy].join(' ');
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, things.length);
    return things.push(entity) - 1;
  });
  return { things, thingOf };
}

const sumOf = (feature: string, shares: Shares): number =>
  Math.min(
    mostOf(feature),
    [...shares.values()].reduce((sum, one) => sum + one, 0),
  );

/** Was the place of a single symptom looked at at all? */
function wasLooked({ looked }: Case, feature: string, { device }: Place): boolean {
  if (feature !== 'cfg') return looked.has(feature);
  return device !== undefined && looked.has(`cfg ${device}`);
}

function claimsOf(one: Case, { pattern, place }: Hypothesis, onlyAbnormal: boolean, only?: RegExp): readonly Claim[] {
  const claims: Claim[] = [];
  const hasMate = sharesSite(one.map, place);
  for (const [feature, roles] of pattern.shows) {
    if (only?.test(feature) === false) continue;
    // Where two edges share a site, people may go on over the other.
    const likely = hasMate && MET.test(feature) ? 0.5 : 1;
    const single = isSingle(feature);
    for (const index of (onlyAbnormal || single ? one.wrongByFeature : one.byFeature).get(feature) ?? []) {
      const item = one.items[index];
      const shares = roles.get(one.roleAt(place, index));
      if (item === undefined) continue;
      if (shares === undefined) continue;
      const all = likely * sumOf(feature, shares);
      const shown = likely * (shares.get(item.observation.value) ?? 0);
      const share = item.isNormal ? 0 : Math.min(mostOf(feature), shown);
      const other = item.isNormal ? all : single ? 0 : Math.max(0, all - share);
      if (share > 0 || other > 0) claims.push({ item: index, share, other });
    }
  }
  return claims;
}

/** Features of which a thing shows one value or the other: a window holds, or is over. */
const ONE_OF = new Set(['record']);

type Asked = readonly (readonly [values: readonly string[], share: number])[];
const apart = (shares: Shares): Asked => [...shares].map(([value, share]) => [[value], share]);
const joined = (shares: Shares): Asked => [
  [[...shares.keys()], [...shares.values()].reduce((sum, share) => sum + share, 0)],
];

/** Single symptoms that the fault shows nearly always at its own place, and that were looked for in vain. */
function absentOf(one: Case, { pattern, place }: Hypothesis): readonly Absent[] {
  const found: Absent[] = [];
  for (const [feature, roles] of pattern.shows) {
    if (!isSingle(feature) || !wasLooked(one, feature, place)) continue;
    const here = one.byFeature.get(feature) ?? [];
    for (const [role, shares] of roles) {
      for (const [values, share] of ONE_OF.has(feature) ? joined(shares) : apart(shares)) {
        const isThere = here.some((index) => {
          const value = one.items[index]?.observation.value ?? '';
          return values.includes(value) && one.roleAt(place, index) === role;
        });
        const [value = ''] = values;
        if (!isThere) found.push({ feature, value, nats: -Math.log(1 - Math.min(mostOf(feature), share)) });
      }
    }
  }
  return found;
}

/** All that a hypothesis says about the case. */
export function toCandidate(one: Case, hypothesis: Hypothesis): Candidate {
  const absent = absentOf(one, hypothesis);
  return {
    ...hypothesis,
    claims: withCutOff(one, hypothesis, claimsOf(one, hypothesis, false), (each, only) =>
      claimsOf(one, each, false, only),
    ),
    absent,
    missing: absent.reduce((sum, { nats }) => sum - nats, 0),
  };
}

/** Hypotheses that show at least one thing that is abnormal, the most promising first. */
export function findCandidates(one: Case, places: readonly Place[]): readonly Candidate[] {
  const byKind = new Map<string, Place[]>();
  for (const place of places) byKind.set(place.kind, [...(byKind.get(place.kind) ?? []), place]);
  const found: { readonly hypothesis: Hypothesis; readonly promise: number }[] = [];
  for (const pattern of one.codebook.patterns) {
    for (const place of byKind.get(pattern.kind) ?? []) {
      const hypothesis = { type: pattern.type, place, pattern };
      let promise = 0;
      for (const { item: index, share } of claimsOf(one, hypothesis, true)) {
        const item = one.items[index];
        if (item !== undefined && share > item.leak) promise += item.weight * Math.log(share / item.leak);
      }
      if (promise > PROMISE) found.push({ hypothesis, promise });
    }
  }
  return found
    .sort((a, b) => b.promise - a.promise)
    .slice(0, EXAMINED)
    .map(({ hypothesis }) => toCandidate(one, hypothesis));
}
