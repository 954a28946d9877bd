/** The risk score: what raises it, how it decays, that it can be replayed, and that a suspension holds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assessRisk, type RiskEvent, replayRisk } from '../../../broker/limits/risk.ts';
import { createRiskLedger } from '../../../broker/limits/risk-ledger.ts';

const MINUTE = 60_000;
const times = (count: number, kind: RiskEvent['kind'], at = 0): readonly RiskEvent[] =>
  Array.from({ length: count }, () => ({ kind, at }));
const scoreOf = (events: readonly RiskEvent[], now = 0) => assessRisk(replayRisk('ann', events), now);

describe('risk', () => {
  it('is 0 for somebody who works as usual', () => {
    expect(scoreOf(times(239, 'call'))).toEqual({ score: 0, band: 'normal', contributions: [] });
  });

  it.each([
    ['denied', 1, 8, 'normal'],
    ['denied', 4, 32, 'step-up'],
    ['denied', 50, 70, 'read-only'],
    ['not-found', 5, 60, 'read-only'],
    ['not-found', 8, 90, 'suspended'],
    ['tainted', 50, 20, 'normal'],
    ['call', 480, 20, 'normal'],
  ] as const)('%s × %i is %i: %s', (kind, count, score, band) => {
    expect(scoreOf(times(count, kind))).toMatchObject({ score, band });
  });

  it('lists what it is made of and decays to nothing', () => {
    const events = times(2, 'denied');
    expect(scoreOf(events, 15 * MINUTE)).toMatchObject({ score: 8, contributions: [{ points: 4 }, { points: 4 }] });
    expect(scoreOf(events, 30 * MINUTE)).toMatchObject({ score: 0, contributions: [] });
  });

  it('is not washed out by harmless events', () => {
    const probing = times(5, 'not-found');
    expect(scoreOf([...probing, ...times(500, 'tainted')]).score).toBeGreaterThanOrEqual(scoreOf(probing).score);
  });

  it('stays suspended until another human clears it', () => {
    const suspended = times(8, 'not-found');
    const day = 24 * 60 * MINUTE;
    expect(scoreOf(suspended, day)).toMatchObject({ score: 90, band: 'suspended' });
    expect(scoreOf([...suspended, { kind: 'cleared', at: 1, by: 'ann' }], day).band).toBe('suspended');
    expect(scoreOf([...suspended, { kind: 'cleared', at: 1 }], day).band).toBe('suspended');
    expect(scoreOf([...suspended, { kind: 'cleared', at: 1, by: 'bea' }], day).band).toBe('normal');
  });

  it('is an integer of 0–100, never falls at an event that is not a clearance, and is bounded in memory', () => {
    const event = fc.record({
      kind: fc.constantFrom('call' as const, 'denied' as const, 'not-found' as const, 'tainted' as const),
      wait: fc.integer({ min: 0, max: 5 * MINUTE }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (list) => {
        const events: RiskEvent[] = [];
        let now = 0;
        for (const { kind, wait } of list) {
          now += wait;
          const before = scoreOf(events, now).score;
          events.push({ kind, at: now });
          const { score } = scoreOf(events, now);
          expect(Number.isInteger(score) && score >= before && score <= 100).toBe(true);
        }
        expect(replayRisk('ann', events).marks.length).toBeLessThanOrEqual(64);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the ledger', () => {
  it('keeps humans, agents and tenants apart, and a new session inherits', () => {
    const ledger = createRiskLedger({ now: () => 0 });
    const key = { human: 'ann', agent: 'troubleshooter', tenant: 'acme' };
    for (let n = 0; n < 8; n += 1) ledger.record(key, 'not-found');
    expect(ledger.assess({ ...key }).band).toBe('suspended');
    expect(ledger.assess({ human: 'ann', tenant: 'acme' }).score).toBe(0);
    expect(ledger.assess({ ...key, tenant: 'globex' }).score).toBe(0);
    expect(ledger.clear(key, 'ann').band).toBe('suspended');
    expect(ledger.clear(key, 'bea').band).toBe('normal');
  });
});
