/** What a course usually is at this hour of the week, from the broker's hourly summaries: a busy Monday morning is nothing new. Pure. */
import type { Evidence } from '../../broker/contract.ts';
import type { Call } from '../talk.ts';
import { type History, LIMITS, seriesOf } from './history.ts';
import { deviation, median, type Sample } from './trend.ts';

const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;
/** Weeks that are looked back; and how many of them must have told, for anything to be usual. */
export const WEEKS = 5;
const LEAST_WEEKS = 3;
/** Hours of one course that are asked for: all of the weeks. */
const HOURS = WEEKS * WEEK_HOURS;
/** Courses of one sweep whose weeks are read, those that are furthest from their usual value first. */
const MOST_COURSES = 6;
/** Deviations from which a course is worth the look. */
const WORTH = 3;
const MEAN = '.mean';

export interface UsualHour {
  readonly usual: number;
  /** How far `value` is from it, in median absolute deviations (scaled to a standard deviation), one percent at least. */
  readonly score: number;
  readonly weeks: number;
}

/** `hours`: beginnings of hours with their mean. The same hour of the week and its two neighbours count; undefined for too few weeks. */
export function compareWithWeek(hours: readonly Sample[], value: number, now: number): UsualHour | undefined {
  const here = Math.floor(now / HOUR_MS);
  const alike = hours.flatMap(([at, mean]) => {
    const ago = here - Math.floor(at / HOUR_MS);
    const week = Math.round(ago / WEEK_HOURS);
    return week >= 1 && week <= WEEKS && Math.abs(ago - week * WEEK_HOURS) <= 1 ? [{ week, mean }] : [];
  });
  const weeks = new Set(alike.map(({ week }) => week)).size;
  if (weeks < LEAST_WEEKS) return undefined;
  const usual = median(alike.map(({ mean }) => mean).sort((a, b) => a - b));
  const spread = 1.4826 * median(alike.map(({ mean }) => Math.abs(mean - usual)).sort((a, b) => a - b));
  return { usual: Math.round(10 * usual) / 10, score: Math.abs(value - usual) / Math.max(1, spread), weeks };
}

/** Calls for the weeks of what is out of the ordinary now. `agent` reads in its own name. */
export function askForWeeks(agent: Call['agent'], evidence: readonly Evidence[], history: History): readonly Call[] {
  const watched = evidence.filter(({ signal }) => Object.hasOwn(LIMITS, signal));
  const odd = watched
    .map((one) => ({ one, score: deviation(history[seriesOf(one)] ?? [])?.score ?? 0 }))
    .filter(({ score }) => score >= WORTH)
    .sort((a, b) => b.score - a.score);
  return odd.slice(0, MOST_COURSES).map(({ one: { resource, signal, collectedAt } }): Call => {
    const to = Date.parse(collectedAt);
    const from = to - (HOURS + 1) * HOUR_MS;
    const window = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    const input = { kind: 'hours', resource, signal, ...window, last: HOURS };
    return { agent, domain: 'diagnostics', tool: 'telemetry.read', input };
  });
}

/** The hourly means among what was read, by series, as `seriesOf` names them. */
export function readWeeks(evidence: readonly Evidence[]): History {
  const weeks: Record<string, Sample[]> = {};
  for (const { resource, signal, value, observedAt, source } of evidence) {
    if (!source.startsWith('history:hour') || !signal.endsWith(MEAN)) continue;
    const key = `${resource} ${signal.slice(0, -MEAN.length)}`;
    weeks[key] = [...(weeks[key] ?? []), [Date.parse(observedAt), Number(value)]];
  }
  return weeks;
}
