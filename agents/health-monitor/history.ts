/** What was measured before of what is watched over time: a course of samples for each series, from the broker's records. Pure. */
import type { Evidence } from '../../broker/contract.ts';
import type { WATCHED } from '../../tools/readings-history.ts';
import { LAST_RESORT } from '../experience-optimizer/measure.ts';
import type { Sample } from './trend.ts';

/** Signals that are watched over time, with the percentage that they should stay under. */
export const LIMITS: Readonly<Record<string, number>> = {
  'if.util_pct': 90,
  'dev.mem_pct': 90,
  'fw.session_use_pct': 90,
  'nat.port_use_pct': 80,
} satisfies Record<(typeof WATCHED)[number], number>;

/** By `resource signal`. */
export type History = Readonly<Record<string, readonly Sample[]>>;

export const seriesOf = ({ resource, signal }: Evidence): string => `${resource} ${signal}`;

/** The courses of all records that are watched, in the order of their times; a time counts once. */
export function readCourses(evidence: readonly Evidence[]): History {
  const courses: Record<string, Sample[]> = {};
  const timed = evidence.map((one) => ({ one, at: Date.parse(one.observedAt) })).sort((a, b) => a.at - b.at);
  for (const { one, at } of timed) {
    const value = Number(one.value);
    if (!Object.hasOwn(LIMITS, one.signal) || !Number.isFinite(value) || one.resource.includes(LAST_RESORT)) continue;
    const course = courses[seriesOf(one)] ?? [];
    courses[seriesOf(one)] = course;
    if (at > (course.at(-1)?.[0] ?? 0)) course.push([at, value]);
  }
  return courses;
}
