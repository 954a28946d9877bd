/**
 * Session risk: an integer 0–100 per human, agent and tenant, so that a new session inherits it. Deterministic and
 * replayable: the state is a fold over events, and the score lists what it is made of. Numbers are integers, and decay
 * is linear, so that every machine computes the same.
 */

/** What the broker saw. A `cleared` event is a human's word that a suspension may end. */
export interface RiskEvent {
  readonly kind: 'call' | 'denied' | 'not-found' | 'tainted' | 'cleared';
  /** Epoch milliseconds, not before the previous event's. */
  readonly at: number;
  /** For `cleared`: who cleared it. */
  readonly by?: string;
}

export interface Contribution {
  readonly kind: 'denied' | 'not-found' | 'tainted' | 'rate';
  /** Points that are left now. */
  readonly points: number;
  readonly at: number;
}

/** `step-up`: the next call needs a fresh confirmation; `read-only`: policy stops changes; `suspended`: nothing until a human clears it. */
export type RiskBand = 'normal' | 'step-up' | 'read-only' | 'suspended';

export interface Risk {
  readonly score: number;
  readonly band: RiskBand;
  readonly contributions: readonly Contribution[];
}

export interface RiskState {
  readonly human: string;
  readonly marks: readonly Contribution[];
  /** Calls in the minute that began at `minute`. */
  readonly minute: number;
  readonly calls: number;
  readonly suspended: boolean;
}

const MINUTE = 60_000;
/** Points of one event, how long it takes them to decay to nothing, and the most that the kind contributes in sum. */
const WEIGHTS = {
  denied: { points: 8, lifetime: 30 * MINUTE, most: 70 },
  // Names outside the tenant: the trace of somebody who tries what there is.
  'not-found': { points: 12, lifetime: 60 * MINUTE, most: 90 },
  // Text from a device that reads like an instruction; it is quarantined anyway.
  tainted: { points: 10, lifetime: 30 * MINUTE, most: 20 },
  rate: { points: 10, lifetime: 10 * MINUTE, most: 40 },
} as const;
/** A diagnosis makes some 100 calls; each full 240 in one minute is a `rate` mark. */
const UNUSUAL_RATE = 240;
/** Marks kept of each kind: fresh ones exceed every cap, and one kind cannot push out another. */
const MAX_MARKS = 16;
const BANDS = [
  { from: 90, band: 'suspended' },
  { from: 60, band: 'read-only' },
  { from: 30, band: 'step-up' },
] as const;

export const startRisk = (human: string): RiskState => ({ human, marks: [], minute: 0, calls: 0, suspended: false });

/** The next state. A suspension ends only by the word of another human, which also takes the marks. */
export function applyRiskEvent(state: RiskState, event: RiskEvent): RiskState {
  if (event.kind === 'cleared') {
    const byAnother = event.by !== undefined && event.by !== state.human;
    return byAnother ? { ...state, marks: [], suspended: false } : state;
  }
  const minute = Math.floor(event.at / MINUTE);
  const calls = (minute === state.minute ? state.calls : 0) + (event.kind === 'call' ? 1 : 0);
  const kind = event.kind === 'call' ? 'rate' : event.kind;
  const marked = kind !== 'rate' || (calls > 0 && calls % UNUSUAL_RATE === 0);
  const added: readonly Contribution[] = marked
    ? [...state.marks, { kind, at: event.at, points: WEIGHTS[kind].points }]
    : state.marks;
  const alive = added.filter((mark) => leftOf(mark, event.at) > 0);
  const marks = [
    ...alive.filter((mark) => mark.kind !== kind),
    ...alive.filter((mark) => mark.kind === kind).slice(-MAX_MARKS),
  ];
  const next = { ...state, marks, minute, calls };
  return { ...next, suspended: state.suspended || assessRisk(next, event.at).score >= BANDS[0].from };
}

/** The score at `now`: capped sums per kind, at most 100, and not below the suspension while it lasts. */
export function assessRisk(state: RiskState, now: number): Risk {
  const contributions = state.marks
    .map((mark) => ({ ...mark, points: leftOf(mark, now) }))
    .filter((mark) => mark.points > 0);
  const sums = new Map<Contribution['kind'], number>();
  for (const { kind, points } of contributions) {
    sums.set(kind, Math.min(WEIGHTS[kind].most, (sums.get(kind) ?? 0) + points));
  }
  const sum = [...sums.values()].reduce((total, points) => total + points, 0);
  const score = Math.max(Math.min(100, sum), state.suspended ? BANDS[0].from : 0);
  return { score, band: BANDS.find(({ from }) => score >= from)?.band ?? 'normal', contributions };
}

/** Points left of a mark: linear, rounded up, so that nothing vanishes early. */
function leftOf(mark: Contribution, now: number): number {
  const { points, lifetime } = WEIGHTS[mark.kind];
  const age = Math.max(0, now - mark.at);
  return age >= lifetime ? 0 : Math.ceil((points * (lifetime - age)) / lifetime);
}

/** The state after all events, in their order. */
export const replayRisk = (human: string, events: readonly RiskEvent[]): RiskState =>
  events.reduce(applyRiskEvent, startRisk(human));
