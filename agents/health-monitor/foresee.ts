/** What will be wrong: certificates by the day they end, capacities by the line through what was measured. Pure. */
import type { Evidence } from '../../broker/contract.ts';
import type { Statement } from '../events.ts';
import type { History } from './history.ts';
import { LIMITS, seriesOf } from './history.ts';
import { deviation, forecastRise } from './trend.ts';
import { compareWithWeek } from './usual-week.ts';

/** Days before its end that a certificate is told of; the last week is a complaint. */
const CERTIFICATE_DAYS = 30;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** So many deviations from the usual, and so many percent at least, are out of the ordinary. */
const UNUSUAL = 6;
const LEAST_PERCENT = 15;

/** `9 days`, `5 hours` */
const say = (ms: number): string =>
  ms >= 2 * DAY_MS ? `${Math.round(ms / DAY_MS)} days` : `${Math.max(1, Math.round(ms / HOUR_MS))} hours`;

/** Of what a sweep says, what is about the time to come: certificates and capacities, also those whose time is over. */
export const isForesight = (line: string): boolean => /certificate|will reach/.test(line);

/** One statement for each thing that is on its way, or out of the ordinary for what it usually is: at this hour of the week, where `weeks` tell. */
export function foresee(evidence: readonly Evidence[], history: History, weeks: History = {}): readonly Statement[] {
  const seen = new Set<string>();
  return evidence.flatMap((one): readonly Statement[] => {
    const key = seriesOf(one);
    if (seen.has(key)) return [];
    seen.add(key);
    if (one.signal === 'dev.cert_days') {
      const days = Number(one.value);
      if (!(days > 7 && days < CERTIFICATE_DAYS)) return [];
      return [{ text: `${one.resource}: its certificate ends in ${days} days`, evidence: [one.id] }];
    }
    const limit = LIMITS[one.signal];
    const samples = history[key];
    if (limit === undefined || samples === undefined || Number(one.value) >= limit) return [];
    const ahead = forecastRise(samples, limit);
    if (ahead !== undefined) {
      const latest = ahead.latestMs === undefined ? 'later' : say(ahead.latestMs);
      return [
        {
          text: `${one.resource} ${one.signal} is ${one.value} % and will reach ${limit} % in ${say(ahead.inMs)} (95 %: ${say(ahead.earliestMs)} to ${latest}; Theil–Sen line through ${ahead.samples} samples)`,
          evidence: [one.id],
        },
      ];
    }
    const week = compareWithWeek(weeks[key] ?? [], Number(one.value), Date.parse(one.observedAt));
    const off = week ?? deviation(samples);
    if (off === undefined || off.score < UNUSUAL || Math.abs(Number(one.value) - off.usual) < LEAST_PERCENT) return [];
    const when = week === undefined ? '' : ` at this hour of the week (${week.weeks} weeks)`;
    return [
      {
        text: `${one.resource} ${one.signal} is ${one.value} %, it usually is ${off.usual} %${when}`,
        evidence: [one.id],
      },
    ];
  });
}
