/** Which readings are kept as samples of a course, how dense, for how long, and how a course is thinned. Pure. */
import { WATCHED } from '../../tools/readings-history.ts';
import type { Evidence } from '../contract.ts';

/** One sample in ten minutes, which is how often devices and controllers sum up their statistics; for two weeks. */
export const SLOT_MS = 600_000;
export const KEPT_SLOTS = (14 * 24 * 3_600_000) / SLOT_MS;
/** Samples of one course that are told, and observations of one answer. */
export const MOST_SAMPLES = 48;
export const MOST_TOLD = 15_000;

const NAMES: ReadonlySet<string> = new Set(WATCHED);

/** The slot of a record that is watched over time; undefined for all others. */
export function slotOf({ signal, value, observedAt }: Evidence): number | undefined {
  const at = Date.parse(observedAt);
  return NAMES.has(signal) && Number.isFinite(at) && value !== '' && Number.isFinite(Number(value))
    ? Math.floor(at / SLOT_MS)
    : undefined;
}

/** The last of each of `MOST_SAMPLES` equal parts, as SQL's `ntile` parts them: the first and the last times stay in sight. */
export function thin<Item>(inOrder: readonly Item[]): readonly Item[] {
  const parts = Math.min(MOST_SAMPLES, inOrder.length);
  const short = Math.floor(inOrder.length / Math.max(1, parts));
  const longer = inOrder.length % Math.max(1, parts);
  return Array.from({ length: parts }, (_, at) => (at + 1) * short + Math.min(at + 1, longer) - 1).flatMap(
    (at) => inOrder[at] ?? [],
  );
}
