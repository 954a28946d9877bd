/**
 * Explains a case by as few faults as do it well: noisy-OR of what each fault shows at each role (Pearl, 1988, §4.3.2),
 * chosen greedily by gain in log-likelihood (weighted set cover), then thinned out again.
 */
import { type Candidate, type Case, findCandidates, type Hypothesis, type Item, isAbnormal, mostOf } from './case.ts';
import type { Observation } from './observation.ts';
import type { Place } from './places.ts';

export interface Explained extends Candidate {
  /** Gain in log-likelihood when it was chosen. */
  readonly gain: number;
  /** Lead over the best other hypothesis that would have explained the same (nats). */
  readonly lead: number;
  /** Abnormal observations that it shows. */
  readonly shown: readonly Observation[];
  /** Others that explain nearly as much, best first. */
  readonly rivals: readonly (Hypothesis & { readonly gain: number })[];
}

/** A fault must be worth so much more than chance (nats) to be believed: a prior of about one in 700 places. */
const WORTH = 6.5;
/** A further fault beside others must be worth more: what one fault does to others is never known in full. */
const FURTHER = 8;
/** And more yet on the same device, and on the same port, where it is most likely a part of the first. */
const SAME_DEVICE = 3;
const SAME_PORT = 10;
/** Faults of one incident. */
const MAX_FAULTS = 4;
/** A share from which a fault is said to show something. */
const SHOWS = 0.3;

/** What a set of chosen faults leaves: for each item the chance that none shows its value, and that none contradicts it. */
export interface Standing {
  readonly none: Float64Array;
  readonly fits: Float64Array;
}

export function likelihood({ isNormal, leak, weight, observation }: Item, none: number, fits: number): number {
  const floor = Math.max(1 - mostOf(observation.feature), fits);
  return weight * (isNormal ? Math.log(floor) : Math.log(1 - (1 - leak) * none) + Math.log(floor));
}

export function gainOf({ items }: Case, { none, fits }: Standing, { claims, missing }: Candidate): number {
  let gain = missing;
  for (const { item: index, share, other } of claims) {
    const item = items[index];
    if (item === undefined) continue;
    const a = none[index] ?? 1;
    const b = fits[index] ?? 1;
    gain += likelihood(item, a * (1 - share), b * (1 - other)) - likelihood(item, a, b);
  }
  return gain;
}

export function stand({ items }: Case, chosen: readonly Candidate[]): Standing {
  const none = new Float64Array(items.length).fill(1);
  const fits = new Float64Array(items.length).fill(1);
  for (const { claims } of chosen) {
    for (const { item, share, other } of claims) {
      none[item] = (none[item] ?? 1) * (1 - share);
      fits[item] = (fits[item] ?? 1) * (1 - other);
    }
  }
  return { none, fits };
}

/** What follows from a fault where the load allows: at whatever its traffic meets, or in the device itself. No fault of its own beside it. */
const SEQUELS: {
  readonly [type: string]: { readonly types: readonly string[]; readonly where: 'device' | 'anywhere' };
} = {
  syn_flood: { types: ['server_overload', 'fw_session_table_full'], where: 'anywhere' },
  config_push_failed: { types: ['qos_misqueue'], where: 'device' },
};
/** What a fault and its sequel cost more than the fault alone (nats). */
const SEQUEL = 2;

/** Whether `one` follows from `origin`. */
function followsFrom(one: Hypothesis, origin: Hypothesis): boolean {
  const found = SEQUELS[origin.type];
  if (found === undefined || !found.types.includes(one.type)) return false;
  return found.where === 'anywhere' || one.place.device === origin.place.device;
}

/** What a fault must be worth beside those already chosen. */
function priceOf(one: Hypothesis, chosen: readonly Hypothesis[]): number {
  if (chosen.length === 0) return WORTH;
  if (chosen.some((other) => followsFrom(one, other) || followsFrom(other, one))) return SEQUEL;
  const { place } = one;
  const near = chosen.filter((one) => place.device !== undefined && one.place.device === place.device);
  if (near.length === 0) return FURTHER;
  const isPort = near.some((one) => one.place.port === place.port || one.place.color === place.color);
  return FURTHER + (isPort && place.port !== undefined ? SAME_PORT : SAME_DEVICE);
}

/** Worth of a set of faults: likelihood over nothing being wrong, less what each costs. */
function worthOf(one: Case, chosen: readonly Candidate[]): number {
  let worth = 0;
  for (let at = 0; at < chosen.length; at += 1) {
    const candidate = chosen[at];
    if (candidate === undefined) continue;
    const before = chosen.slice(0, at);
    worth += gainOf(one, stand(one, before), candidate) - priceOf(candidate, before);
  }
  return worth;
}

/** Candidates that are tried in the place of several. */
const TRIED = 40;

/** One fault in the place of one or more, when it explains the whole better. */
function replace(one: Case, candidates: readonly Candidate[], chosen: readonly Candidate[]): readonly Candidate[] {
  let best = chosen;
  let worth = worthOf(one, chosen);
  for (const candidate of candidates.slice(0, TRIED)) {
    if (chosen.includes(candidate)) continue;
    let set: readonly Candidate[] = [candidate];
    for (const other of chosen) {
      if (gainOf(one, stand(one, set), other) > priceOf(other, set)) set = [...set, other];
    }
    const now = worthOf(one, set);
    if (now > worth + 0.01) {
      best = set;
      worth = now;
    }
  }
  return best;
}

/** A hypothesis that would explain more, and what it is short of being believed (nats, zero or less). */
export interface Lead extends Hypothesis {
  readonly short: number;
}

export interface Explanation {
  /** The faults that explain the case, the most telling first; none when nothing is worth believing. */
  readonly explained: readonly Explained[];
  /** What is not believed yet and may be when more is known, the nearest first. */
  readonly leads: readonly Lead[];
}

/** Leads that are followed, and how far from belief. */
const MAX_LEADS = 8;
const FAR = 6;

export function explain(one: Case, places: readonly Place[]): Explanation {
  const candidates = findCandidates(one, places);
  let chosen: readonly Candidate[] = [];
  while (chosen.length < MAX_FAULTS) {
    const standing = stand(one, chosen);
    const best = rank(one, standing, candidates, chosen)
      .map((each) => ({ ...each, rest: each.gain - priceOf(each.candidate, chosen) }))
      .sort((a, b) => b.rest - a.rest)[0];
    if (best === undefined || best.rest < 0) break;
    const set = [...chosen, best.candidate];
    // A fault chosen early may be nothing but a part of what a later one explains better.
    chosen = set.filter((each) => {
      const others = set.filter((other) => other !== each);
      return gainOf(one, stand(one, others), each) >= priceOf(each, others) / 2;
    });
    chosen = replace(one, candidates, chosen);
  }
  const whole = joinSequels(chosen);
  return {
    explained: whole.map((candidate) => tell(one, candidates, whole, candidate)),
    leads: rank(one, stand(one, chosen), candidates, chosen)
      .map(({ candidate: { type, place, pattern }, gain }) => {
        return { type, place, pattern, short: Math.min(0, gain - priceOf({ type, place, pattern }, chosen)) };
      })
      .filter(({ short }) => short > -FAR)
      .slice(0, MAX_LEADS),
  };
}

/** What follows from another fault is a part of that, and not named. */
const joinSequels = (chosen: readonly Candidate[]): readonly Candidate[] =>
  chosen
    .filter((each) => !chosen.some((origin) => followsFrom(each, origin)))
    .map((origin) => {
      const parts = [origin, ...chosen.filter((each) => followsFrom(each, origin))];
      const missing = parts.reduce((sum, each) => sum + each.missing, 0);
      return {
        ...origin,
        missing,
        claims: parts.flatMap(({ claims }) => claims),
        absent: parts.flatMap(({ absent }) => absent),
      };
    });

function rank(one: Case, standing: Standing, candidates: readonly Candidate[], chosen: readonly Candidate[]) {
  return candidates
    .filter((candidate) => !chosen.some((each) => isSame(each, candidate)))
    .map((candidate) => ({ candidate, gain: gainOf(one, standing, candidate) }))
    .sort((a, b) => b.gain - a.gain);
}

/** A candidate with its sequels is another object than the candidate alone. */
const isSame = (a: Hypothesis, b: Hypothesis): boolean => a.type === b.type && a.place === b.place;

function tell(
  one: Case,
  candidates: readonly Candidate[],
  chosen: readonly Candidate[],
  candidate: Candidate,
): Explained {
  const rest = stand(
    one,
    chosen.filter((other) => other !== candidate),
  );
  const gain = gainOf(one, rest, candidate);
  const rivals = rank(one, rest, candidates, chosen)
    .filter((each) => !isSame(each.candidate, candidate) && !followsFrom(each.candidate, candidate))
    .slice(0, 6);
  return {
    ...candidate,
    gain,
    lead: gain - (rivals[0]?.gain ?? 0),
    shown: candidate.claims.flatMap(({ item, share }) => {
      const observation = one.items[item]?.observation;
      return observation !== undefined && isAbnormal(observation) && share >= SHOWS ? [observation] : [];
    }),
    rivals: rivals.map(({ candidate: { type: rival, place: at, pattern: shape }, gain: worth }) => ({
      type: rival,
      place: at,
      pattern: shape,
      gain: worth,
    })),
  };
}
