/** The risk score: what raises it, how it decays, that it can be replayed, and that a suspension holds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assessRisk, BANDS, type RiskEvent, type RiskState, replayRisk, WEIGHTS } from '../../../broker/risk/risk.ts';

const MINUTE = 60_000;
type Sign = 'denied' | 'not-found' | 'limited' | 'tainted' | 'unusual' | 'novel';
const times = (count: number, kind: Sign | 'call', at = 0): readonly RiskEvent[] =>
  Array.from({ length: count }, () => ({ kind, at }));
const scoreOf = (events: readonly RiskEvent[], now = 0) => assessRisk(replayRisk('ann', events), now);

const sign = fc.constantFrom<Sign>('denied', 'not-found', 'limited', 'tainted', 'unusual', 'novel');
const step = fc.record({
  event: fc.oneof(
    fc.record({ kind: sign }),
    fc.record({ kind: sign, of: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ kind: fc.constant('call' as const), matches: fc.boolean() }),
    fc.record({ kind: fc.constant('cleared' as const), by: fc.constant('ann') }),
  ),
  wait: fc.integer({ min: 0, max: 5 * MINUTE }),
});
const history = fc.array(step, { maxLength: 200 });
const timed = (steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): readonly RiskEvent[] => {
  let at = 0;
  return steps.map(({ event, wait }) => {
    at += wait;
    return { ...event, at };
  });
};

describe('risk', () => {
  it('is 0 for somebody who works as usual', () => {
    expect(scoreOf(times(239, 'call'))).toEqual({ score: 0, band: 'normal', contributions: [] });
  });

  it.each([
    ['denied', 1, 8, 'normal'],
    ['denied', 4, 32, 'step-up'],
    ['denied', 50, 70, 'read-only'],
    ['not-found', 10, 60, 'read-only'],
    ['not-found', 14, 84, 'read-only'],
    ['not-found', 15, 90, 'suspended'],
    ['limited', 50, 20, 'normal'],
    ['tainted', 50, 30, 'step-up'],
    ['unusual', 50, 40, 'step-up'],
    ['novel', 50, 8, 'normal'],
    ['call', 480, 20, 'normal'],
  ] as const)('%s × %i is %i: %s', (kind, count, score, band) => {
    expect(scoreOf(times(count, kind))).toMatchObject({ score, band });
  });

  it('does not count the same thing twice while its mark lasts', () => {
    const typo = (at: number): RiskEvent => ({ kind: 'not-found', at, of: 'br9_edge' });
    expect(scoreOf(Array.from({ length: 50 }, () => typo(0))).score).toBe(6);
    expect(scoreOf([typo(0), typo(60 * MINUTE)], 60 * MINUTE).score).toBe(6);
  });

  it('lists what it is made of, and of which entry, and decays to nothing', () => {
    const events: readonly RiskEvent[] = [0, 1].map((entry) => ({ kind: 'denied', at: 0, entry, why: 'no' }));
    expect(scoreOf(events, 15 * MINUTE)).toMatchObject({
      score: 8,
      contributions: [
        { kind: 'denied', points: 4, entry: 0, why: 'no' },
        { points: 4, entry: 1 },
      ],
    });
    expect(scoreOf(events, 30 * MINUTE)).toMatchObject({ score: 0, contributions: [] });
  });

  it('falls with behaviour that matches the baseline, once a minute at most and twice as fast at most', () => {
    const good = (count: number): readonly RiskEvent[] =>
      Array.from({ length: count }, (_, n) => ({ kind: 'call', matches: true, at: (n + 1) * 6_000 }));
    const scoreAfter = (events: readonly RiskEvent[]) => scoreOf([...times(4, 'denied'), ...events], 10 * MINUTE).score;
    expect(scoreAfter([])).toBe(24);
    expect(scoreAfter(good(100))).toBe(12);
    expect(scoreAfter(good(100).map((event) => ({ ...event, at: 6_000 })))).toBe(24);
  });

  it('is not washed out by harmless events', () => {
    const probing = times(5, 'not-found');
    expect(scoreOf([...probing, ...times(500, 'tainted')]).score).toBeGreaterThanOrEqual(scoreOf(probing).score);
  });

  it('stays suspended until another human clears it', () => {
    const suspended = times(15, 'not-found');
    const day = 24 * 60 * MINUTE;
    expect(scoreOf(suspended, day)).toMatchObject({ score: 90, band: 'suspended' });
    expect(scoreOf([...suspended, { kind: 'cleared', at: 1, by: 'ann' }], day).band).toBe('suspended');
    expect(scoreOf([...suspended, { kind: 'cleared', at: 1 }], day).band).toBe('suspended');
    expect(scoreOf([...suspended, { kind: 'cleared', at: 1, by: 'bea' }], day).band).toBe('normal');
  });

  it('never falls while suspended, whatever happens and however long it takes', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const start: readonly RiskEvent[] = times(15, 'not-found');
        let before = scoreOf(start).score;
        const events = timed(steps);
        events.forEach((event, n) => {
          const state = replayRisk('ann', [...start, ...events.slice(0, n + 1)]);
          const { score, band } = assessRisk(state, event.at);
          expect(band).toBe('suspended');
          expect(score).toBeGreaterThanOrEqual(before);
          before = score;
        });
      }),
      { numRuns: 30 },
    );
  });

  it('is an integer of 0–100, bounded in memory, and the same from stored JSON as from the beginning', () => {
    fc.assert(
      fc.property(history, fc.nat(), (steps, cut) => {
        const events = timed(steps);
        const state = replayRisk('ann', events);
        const now = events.at(-1)?.at ?? 0;
        const { score } = assessRisk(state, now);
        expect(Number.isInteger(score) && score >= 0 && score <= 100).toBe(true);
        expect(state.marks.length).toBeLessThanOrEqual(16 * Object.keys(WEIGHTS).length);
        const at = events.length === 0 ? 0 : cut % events.length;
        const stored: RiskState = JSON.parse(JSON.stringify(replayRisk('ann', events.slice(0, at))));
        expect(replayRisk('ann', events.slice(at), stored)).toEqual(state);
      }),
      { numRuns: 50 },
    );
  });

  it('has bands of which each is reached before the next', () => {
    expect(BANDS.map(({ band, from }) => [band, from])).toEqual([
      ['suspended', 90],
      ['read-only', 60],
      ['step-up', 30],
    ]);
  });
});
