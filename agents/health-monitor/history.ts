/** What sweeps of one conversation measured before: a few series, each short, as text for the checkpoint. Pure. */
import { z } from 'zod';
import type { Evidence } from '../../broker/contract.ts';
import { LAST_RESORT } from '../experience-optimizer/measure.ts';
import type { Sample } from './trend.ts';

/** Signals that are watched over time, with the percentage that they should stay under. */
export const LIMITS: Readonly<Record<string, number>> = {
  'if.util_pct': 90,
  'dev.mem_pct': 90,
  'fw.session_use_pct': 90,
  'nat.port_use_pct': 80,
};
/** Samples of one series, the newest; and series of one conversation. */
const MAX_SAMPLES = 48;
const MAX_SERIES = 2_000;

const form = z.record(z.string(), z.array(z.tuple([z.number(), z.number()])));
/** By `resource signal`. */
export type History = Readonly<Record<string, readonly Sample[]>>;

/** Empty for text of another form. */
export function readHistory(text: string): History {
  try {
    return form.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

export const seriesOf = ({ resource, signal }: Evidence): string => `${resource} ${signal}`;

/** The history with what was read now. A sample of a time that is known already is not new. */
export function addSamples(history: History, evidence: readonly Evidence[]): History {
  const next: Record<string, readonly Sample[]> = { ...history };
  for (const one of evidence) {
    const value = Number(one.value);
    if (!Object.hasOwn(LIMITS, one.signal) || !Number.isFinite(value) || one.resource.includes(LAST_RESORT)) continue;
    const key = seriesOf(one);
    const known = next[key] ?? [];
    const at = Date.parse(one.observedAt);
    if (!(at > (known.at(-1)?.[0] ?? 0)) || (known.length === 0 && Object.keys(next).length >= MAX_SERIES)) continue;
    next[key] = [...known, [at, value] as const].slice(-MAX_SAMPLES);
  }
  return next;
}
