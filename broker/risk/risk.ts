/**
 * Risk: an integer 0–100 per human, agent and tenant, so that a new session inherits it. Deterministic and replayable: the
 * state is a fold over what the audit log says, and the score lists what it is made of. Numbers are integers, and decay
 * is linear, so that every machine computes the same.
 */
import { canonicalText } from '../../protocols/canonical-json.ts';
import { sha256 } from '../digest.ts';

/** What counts: refusals, names that do not exist, limits, text of others in parameters, behaviour off the profile. */
export type MarkKind = 'denied' | 'not-found' | 'limited' | 'tainted' | 'unusual' | 'novel' | 'rate';

/** What the broker saw. A `cleared` event is a human's word that a suspension may end. */
export type RiskEvent =
  | {
      readonly kind: 'call';
      readonly at: number;
      /** It is what the baseline shows: old marks fade faster. */
      readonly matches?: boolean;
      readonly entry?: number;
    }
  | {
      readonly kind: Exclude<MarkKind, 'rate'>;
      /** Epoch milliseconds. */
      readonly at: number;
      /** What it is about: the same thing again, while its mark lasts, is no second mark. */
      readonly of?: string;
      /** A sentence for people. */
      readonly why?: string;
      /** Index of the audit entry. */
      readonly entry?: number;
    }
  | { readonly kind: 'cleared'; readonly at: number; readonly by?: string };

export interface Contribution {
  readonly kind: MarkKind;
  /** Points that are left now. */
  readonly points: number;
  readonly at: number;
  readonly why: string;
  readonly entry?: number;
}

/** `step-up`: what does more than look needs a fresh second factor; `read-only`: no changes; `suspended`: nothing until a human clears it. */
export type RiskBand = 'normal' | 'step-up' | 'read-only' | 'suspended';

export interface Risk {
  readonly score: number;
  readonly band: RiskBand;
  readonly contributions: readonly Contribution[];
}

interface Mark {
  readonly kind: MarkKind;
  readonly at: number;
  readonly of?: string;
  readonly why: string;
  readonly entry?: number;
  /** Milliseconds by which good behaviour made it older. */
  readonly credit: number;
}

export interface RiskState {
  readonly human: string;
  readonly marks: readonly Mark[];
  /** Calls in the minute that began at `minute`. */
  readonly minute: number;
  readonly calls: number;
  /** The last minute that made the marks older. */
  readonly credited: number;
  /** While suspended, the highest score there was; else 0. */
  readonly floor: number;
  /** At the last event. */
  readonly band: RiskBand;
}

const MINUTE = 60_000;
/** Points of one mark, how long it takes them to decay to nothing, and the most that the kind contributes in sum. */
export const WEIGHTS = {
  denied: { points: 8, lifetime: 30 * MINUTE, most: 70 },
  // Different names that do not exist are the trace of somebody who tries what there is; one typo, however often, is not.
  'not-found': { points: 6, lifetime: 60 * MINUTE, most: 90 },
  limited: { points: 2, lifetime: 10 * MINUTE, most: 20 },
  tainted: { points: 10, lifetime: 30 * MINUTE, most: 30 },
  unusual: { points: 10, lifetime: 30 * MINUTE, most: 40 },
  // A tool or device that this agent never used: most of them are honest.
  novel: { points: 1, lifetime: 60 * MINUTE, most: 8 },
  rate: { points: 10, lifetime: 10 * MINUTE, most: 40 },
} as const satisfies Record<MarkKind, { readonly points: number; readonly lifetime: number; readonly most: number }>;
/** A diagnosis makes some 100 calls; each full 240 in one minute is a `rate` mark. */
export const UNUSUAL_RATE = 240;
/** Marks kept of each kind: fresh ones exceed every cap, and one kind cannot push out another. */
const MAX_MARKS = 16;
export const BANDS = [
  { from: 90, band: 'suspended' },
  { from: 60, band: 'read-only' },
  { from: 30, band: 'step-up' },
] as const;
const SUSPENDED_FROM = BANDS[0].from;
const WHY_RATE = `${UNUSUAL_RATE} calls within one minute`;

/** Changes with the numbers above: what was computed under others is computed anew from the log. */
export const RISK_RULES = sha256(canonicalText([WEIGHTS, UNUSUAL_RATE, MAX_MARKS, BANDS, 1]));

export const startRisk = (human: string): RiskState => ({
  ...{ human, marks: [], minute: 0, calls: 0, credited: 0, floor: 0, band: 'normal' },
});

/** The next state. A suspension ends only by the word of another human, which also takes the marks. */
export function applyRiskEvent(state: RiskState, event: RiskEvent): RiskState {
  if (event.kind === 'cleared') {
    const byAnother = event.by !== undefined && event.by !== state.human;
    return byAnother ? { ...state, marks: [], floor: 0, band: 'normal' } : state;
  }
  const next = event.kind === 'call' ? countCall(state, event) : addMark(state, event);
  const { score } = assessRisk(next, event.at);
  const floor = state.floor > 0 || score >= SUSPENDED_FROM ? Math.max(state.floor, score) : 0;
  return { ...next, floor, band: bandOf(Math.max(score, floor)) };
}

function countCall(state: RiskState, { at, matches = false, entry }: RiskEvent & { kind: 'call' }): RiskState {
  const minute = Math.floor(at / MINUTE);
  const calls = (minute === state.minute ? state.calls : 0) + 1;
  const counted = { ...state, minute, calls };
  if (calls % UNUSUAL_RATE === 0) return pushMark(counted, 'rate', at, { why: WHY_RATE, entry });
  // Once a minute at most: harmless calls in any number wash out nothing.
  if (!matches || minute <= state.credited) return counted;
  return {
    ...counted,
    credited: minute,
    marks: state.marks.map((mark) => ({ ...mark, credit: mark.credit + MINUTE })),
  };
}

function addMark(state: RiskState, event: Exclude<RiskEvent, { kind: 'call' | 'cleared' }>): RiskState {
  const { kind, at, of, why = kind, entry } = event;
  const same = (mark: Mark): boolean => mark.kind === kind && mark.of === of && leftOf(mark, at) > 0;
  if (of !== undefined && state.marks.some(same)) return state;
  return pushMark(state, kind, at, { why, of, entry });
}

function pushMark(
  state: RiskState,
  kind: MarkKind,
  at: number,
  { why, of, entry }: { readonly why: string; readonly of?: string | undefined; readonly entry?: number | undefined },
): RiskState {
  const mark: Mark = {
    ...{ kind, at, why, credit: 0 },
    ...(of === undefined ? {} : { of }),
    ...(entry === undefined ? {} : { entry }),
  };
  const alive = [...state.marks, mark].filter((one) => leftOf(one, at) > 0);
  const kept = [
    ...alive.filter((one) => one.kind !== kind),
    ...alive.filter((one) => one.kind === kind).slice(-MAX_MARKS),
  ];
  return { ...state, marks: kept };
}

const bandOf = (score: number): RiskBand => BANDS.find(({ from }) => score >= from)?.band ?? 'normal';

/** The score at `now`: capped sums per kind, at most 100, and while suspended never below what it was. */
export function assessRisk(state: RiskState, now: number): Risk {
  const contributions = state.marks
    .map((mark): Contribution => {
      const { kind, at, why, entry } = mark;
      return { kind, points: leftOf(mark, now), at, why, ...(entry === undefined ? {} : { entry }) };
    })
    .filter((mark) => mark.points > 0);
  const sums = new Map<MarkKind, number>();
  for (const { kind, points } of contributions) {
    sums.set(kind, Math.min(WEIGHTS[kind].most, (sums.get(kind) ?? 0) + points));
  }
  const sum = [...sums.values()].reduce((total, points) => total + points, 0);
  const score = Math.max(Math.min(100, sum), state.floor);
  return { score, band: bandOf(score), contributions };
}

/** Points left of a mark: linear, rounded up, so that nothing vanishes early. */
function leftOf(mark: Mark, now: number): number {
  const { points, lifetime } = WEIGHTS[mark.kind];
  const age = Math.max(0, now - mark.at) + mark.credit;
  return age >= lifetime ? 0 : Math.ceil((points * (lifetime - age)) / lifetime);
}

/** The state after all events, in their order. */
export const replayRisk = (human: string, events: readonly RiskEvent[], from = startRisk(human)): RiskState =>
  events.reduce(applyRiskEvent, from);
