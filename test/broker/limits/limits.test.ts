/** Rates, change counts and the blast radius, on a clock that the test moves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDistinctWindow } from '../../../broker/limits/distinct-window.ts';
import { blastLimit, createLimits, type LimitedCall } from '../../../broker/limits/limits.ts';
import { createTokenBuckets } from '../../../broker/limits/token-bucket.ts';

function manualClock(now = 1_000_000) {
  return {
    now: () => now,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

const HOUR = 3_600_000;
const call = (changes: Partial<LimitedCall> = {}): LimitedCall => ({
  tenant: 'acme',
  session: 'ses_1',
  effect: 'read',
  intent: 'int_1',
  devices: ['br1_edge'],
  fleetSize: 10,
  ...changes,
});

describe('token bucket', () => {
  it('gives the burst, then the rate, and says when to come again', () => {
    const clock = manualClock();
    const buckets = createTokenBuckets({ clock, burst: 3, perSecond: 2, maxKeys: 10 });
    expect([1, 2, 3].map(() => buckets.take('a').ok)).toEqual([true, true, true]);
    expect(buckets.take('a')).toEqual({ ok: false, retryAfterMs: 500 });
    clock.advance(500);
    expect(buckets.take('a').ok).toBe(true);
    expect(buckets.take('b', 4).ok).toBe(false);
  });

  it('never gives more than burst + rate × time, whatever the clock does', () => {
    const steps = fc.array(
      fc.record({ wait: fc.integer({ min: -2_000, max: 2_000 }), cost: fc.integer({ min: 1, max: 4 }) }),
    );
    fc.assert(
      fc.property(steps, (list) => {
        const clock = manualClock();
        const buckets = createTokenBuckets({ clock, burst: 5, perSecond: 2, maxKeys: 1 });
        let given = 0;
        let earliest = Number.POSITIVE_INFINITY;
        let latest = 0;
        for (const { wait, cost } of list) {
          clock.advance(wait);
          earliest = Math.min(earliest, clock.now());
          latest = Math.max(latest, clock.now());
          if (buckets.take('a', cost).ok) given += cost;
        }
        if (list.length > 0) expect(given).toBeLessThanOrEqual(5 + ((latest - earliest) / 1000) * 2 + 1e-6);
      }),
    );
  });

  it('refuses new keys rather than forget a used one', () => {
    const clock = manualClock();
    const buckets = createTokenBuckets({ clock, burst: 1, perSecond: 1, maxKeys: 2 });
    buckets.take('a');
    buckets.take('b');
    expect(buckets.take('c').ok).toBe(false);
    expect(buckets.take('a').ok).toBe(false);
    clock.advance(1_000);
    expect(buckets.take('c').ok).toBe(true);
  });
});

describe('distinct window', () => {
  it('counts an item once, and forgets it after the window', () => {
    const clock = manualClock();
    const window = createDistinctWindow({ clock, windowMs: 1_000, maxKeys: 10 });
    window.add('t', ['a', 'b']);
    expect(window.fits('t', ['a'], 2)).toBe(true);
    expect(window.fits('t', ['c'], 2)).toBe(false);
    clock.advance(1_000);
    expect(window.fits('t', ['c', 'd'], 2)).toBe(true);
  });

  it('has room for a bounded number of keys', () => {
    const clock = manualClock();
    const window = createDistinctWindow({ clock, windowMs: 1_000, maxKeys: 1 });
    window.add('t', ['a']);
    expect(window.fits('u', ['a'], 5)).toBe(false);
    clock.advance(1_000);
    expect(window.fits('u', ['a'], 5)).toBe(true);
  });
});

describe('limits', () => {
  it('admits 200 reads at once in a session, then refuses; another session of the tenant goes on', () => {
    const limits = createLimits(manualClock());
    const admitted = Array.from({ length: 201 }, () => limits.admit(call()).ok);
    expect(admitted.filter(Boolean)).toHaveLength(200);
    expect(limits.admit(call({ session: 'ses_2' })).ok).toBe(true);
  });

  it('counts every device of a read, and holds the tenant as a whole', () => {
    const limits = createLimits(manualClock());
    const many = Array.from({ length: 200 }, (_, n) => `br${n}_edge`);
    const admitted = Array.from({ length: 6 }, (_, n) => limits.admit(call({ session: `ses_${n}`, devices: many })).ok);
    expect(admitted).toEqual([true, true, true, true, true, false]);
    expect(limits.admit(call({ tenant: 'globex', devices: many })).ok).toBe(true);
  });

  it('admits ten changes an hour, the same intent once', () => {
    const clock = manualClock();
    const limits = createLimits(clock);
    const change = (n: number) => limits.admit(call({ effect: 'change', intent: `int_${n}` })).ok;
    expect([1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].every(change)).toBe(true);
    expect(change(11)).toBe(false);
    expect(change(1)).toBe(true);
    clock.advance(HOUR);
    expect(change(11)).toBe(true);
  });

  it('holds the blast radius over all sessions of a tenant, and a refused change uses nothing up', () => {
    const limits = createLimits(manualClock());
    const change = (device: string, n: number) =>
      limits.admit(call({ effect: 'change', session: `ses_${n}`, intent: `int_${n}`, devices: [device] }));
    expect(change('br1_edge', 1).ok).toBe(true);
    expect(change('br2_edge', 2).ok).toBe(true);
    for (let n = 3; n < 30; n += 1)
      expect(change('br3_edge', n)).toMatchObject({ ok: false, reason: /2 of 10 devices/ });
    expect(change('br1_edge', 30).ok).toBe(true);
  });

  it.each([
    [1, 2],
    [10, 2],
    [14, 2],
    [15, 3],
    [100, 20],
  ])('a fleet of %i may lose at most %i an hour', (fleet, limit) => {
    expect(blastLimit(fleet)).toBe(limit);
  });
});
