/** The imperfections of telemetry: none without a knob, all with one, and the same for the same seed. */
import { describe, expect, it } from 'vitest';
import { imperfect, ORDINARY, PERFECT } from '../../../simulators/model/imperfection.ts';

const send = (knobs: typeof PERFECT, seed = 1, count = 10_000) =>
  Array.from({ length: count }, (_, n) =>
    imperfect({ channel: 'trap', key: `acme/${n}`, at: n * 10 }, knobs, seed).map(({ at, copy }) => ({ n, at, copy })),
  );

describe('imperfect', () => {
  it('leaves a perfect way alone', () => {
    expect(send(PERFECT, 1, 100)).toEqual(Array.from({ length: 100 }, (_, n) => [{ n, at: n * 10, copy: 0 }]));
  });

  it('loses, doubles, delays and reorders in the shares that the knobs say', () => {
    const sent = send(ORDINARY);
    const arrivals = sent.flat();
    const share = (count: number) => count / sent.length;
    expect(share(sent.filter((one) => one.length === 0).length)).toBeCloseTo(ORDINARY.lost, 2);
    expect(share(sent.filter((one) => one.length === 2).length)).toBeCloseTo(ORDINARY.duplicated, 2);
    expect(share(arrivals.filter(({ n, at }) => at - n * 10 > ORDINARY.spreadMs).length)).toBeCloseTo(ORDINARY.late, 2);
    const order = [...arrivals].sort((a, b) => a.at - b.at).map(({ n }) => n);
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
    expect(Math.min(...arrivals.map(({ n, at }) => at - n * 10))).toBeGreaterThanOrEqual(0);
  });

  it('is the same for the same seed and another for another', () => {
    expect(send(ORDINARY, 7, 500)).toEqual(send(ORDINARY, 7, 500));
    expect(send(ORDINARY, 7, 500)).not.toEqual(send(ORDINARY, 8, 500));
  });

  it.each([{ lost: 1.1 }, { late: Number.NaN }, { spreadMs: -1 }])('refuses %o', (wrong) => {
    expect(() => imperfect({ channel: 'trap', key: '1', at: 0 }, { ...PERFECT, ...wrong }, 1)).toThrow(RangeError);
  });
});
