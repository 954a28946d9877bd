/** Scores of what people feel: a call by its MOS, a page and a name by how long they take, a path by the class of service it is good for. Pure. */

/** What a path does to packets. */
export interface PathQuality {
  readonly lossPct: number;
  /** Round trip. */
  readonly latencyMs: number;
  readonly jitterMs: number;
}

/** Default rating of ITU-T G.107 §7.7: no impairment but those of a good telephone. */
const R0 = 93.2;
/** One-way delay from which conversation suffers (G.107, simplified by Cole and Rosenbluth, 2001). Milliseconds. */
const KNEE_MS = 177.3;
/** Packet loss robustness of G.711 with concealment (G.113 Appendix I). */
const BPL = 25.1;
/** A receiver waits for late packets: twice the jitter. */
const BUFFER = 2;

/** Mean opinion score of a G.711 call, 1 to 4.4 (ITU-T G.107 Annex B), rounded to two digits. */
export function scoreCall({ lossPct, latencyMs, jitterMs }: PathQuality): number {
  const delay = latencyMs / 2 + BUFFER * jitterMs;
  const delayed = 0.024 * delay + (delay > KNEE_MS ? 0.11 * (delay - KNEE_MS) : 0);
  const lost = (95 * lossPct) / (lossPct + BPL);
  const r = Math.max(0, Math.min(100, R0 - delayed - lost));
  const mos = 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
  return Math.round(100 * Math.max(1, mos)) / 100;
}

export interface SlaClass extends PathQuality {
  readonly name: string;
}

/** Classes of service of the reference network, the strictest first: for where no controller says its own. */
export const SLA_CLASSES: readonly SlaClass[] = [
  { name: 'voice', lossPct: 1, latencyMs: 150, jitterMs: 30 },
  { name: 'video', lossPct: 1, latencyMs: 200, jitterMs: 50 },
  { name: 'critical', lossPct: 2, latencyMs: 300, jitterMs: 100 },
  { name: 'bulk', lossPct: 5, latencyMs: 500, jitterMs: Number.POSITIVE_INFINITY },
];

/** Classes that the path is too bad for. */
export const missedClasses = (path: PathQuality, classes: readonly SlaClass[] = SLA_CLASSES): readonly string[] =>
  classes
    .filter((one) => path.lossPct > one.lossPct || path.latencyMs > one.latencyMs || path.jitterMs > one.jitterMs)
    .map(({ name }) => name);

/** 100 up to `good`, 0 from `bad` on, straight between. */
const grade = (value: number, good: number, bad: number): number =>
  Math.round(100 * Math.max(0, Math.min(1, (bad - value) / (bad - good))));

/** A call with a MOS of 4 satisfies, one of 2.6 nobody (G.107 Annex B, table B.1). */
export const gradeCall = (mos: number): number => grade(mos, 4, 2.6);
/** A page within a second keeps the thought, ten lose the attention (Nielsen, 1993). Milliseconds. */
export const gradePage = (ms: number): number => grade(ms, 1_000, 10_000);
/** A name is asked for many times a page: a tenth of a second is not felt, two seconds are a time-out. Milliseconds. */
export const gradeName = (ms: number): number => grade(ms, 100, 2_000);

/** Below this people complain. */
export const GOOD = 70;
