/** What a line does to classes of traffic, what a call sounds like, and how fast a transfer goes: against known figures. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrafficClass } from '../../../../protocols/device/config.ts';
import type { ClassLoad } from '../../../../simulators/model/traffic/load.ts';
import { queueBucket, queueLine } from '../../../../simulators/model/traffic/queue.ts';
import { fetchTime, transferRate } from '../../../../simulators/model/traffic/transfer.ts';
import { meanOpinionScore } from '../../../../simulators/model/traffic/voice.ts';
import { WAN_QOS } from '../../../../simulators/topologies/site-policy.ts';

const LINE = 50_000_000;
const loads = (parts: Partial<Record<TrafficClass, number>>, elastic: readonly TrafficClass[] = []) =>
  new Map(
    Object.entries(parts).map(([name, bps]): [TrafficClass, ClassLoad] => [
      name as TrafficClass,
      { bps, elasticBps: elastic.includes(name as TrafficClass) ? bps : 0, packets: bps / 8_000 },
    ]),
  );
const rate = fc.integer({ min: 0, max: 2 * LINE });

describe('queues of a line', () => {
  it('drop nothing of a class within its share, however full the line is', () => {
    fc.assert(
      fc.property(rate, rate, (bulk, web) => {
        const queues = queueLine(
          loads({ voice: 9_000_000, bulk, 'best-effort': web }, ['bulk', 'best-effort']),
          LINE,
          WAN_QOS,
        );
        return (
          queues.get('voice')?.drop === 0 && queues.get('voice')?.delayMs === 0 && queues.get('control')?.drop === 0
        );
      }),
    );
  });

  it('drop more of a class, the more it has beyond its share and the busier the line is', () => {
    const drop = (web: number, video: number): number =>
      queueLine(loads({ 'best-effort': web, video }), LINE, WAN_QOS).get('best-effort')?.drop ?? 0;
    expect(drop(7_000_000, 5_000_000)).toBe(0);
    expect(drop(9_000_000, 5_000_000)).toBeGreaterThan(0);
    expect(drop(20_000_000, 5_000_000)).toBeGreaterThan(drop(9_000_000, 5_000_000));
    expect(drop(9_000_000, 9_000_000)).toBeGreaterThan(drop(9_000_000, 1_000_000));
  });

  it('carry no more than the line does when nothing yields', () => {
    fc.assert(
      fc.property(rate, rate, (video, web) => {
        const demand = loads({ video, 'best-effort': web });
        const queues = queueLine(demand, LINE, WAN_QOS);
        let carried = 0;
        for (const [name, { bps }] of demand) carried += bps * (1 - (queues.get(name)?.drop ?? 0));
        return carried <= LINE * 1.000001;
      }),
    );
    const alone = queueLine(loads({ 'best-effort': 2 * LINE }), LINE, undefined).get('best-effort')?.drop;
    expect(alone).toBeCloseTo(0.5);
  });

  it('of a provider press everybody alike once demand is near the bucket, and nobody before', () => {
    expect(queueBucket(5_000_000, 5_000_000, 10_000_000)).toEqual({ drop: 0, delayMs: 0, jitterMs: 0 });
    const pressed = queueBucket(20_000_000, 20_000_000, 10_000_000);
    expect(pressed.drop).toBeCloseTo(0.03);
    expect(pressed.delayMs).toBeGreaterThan(50);
    expect(queueBucket(20_000_000, 0, 10_000_000).drop).toBeCloseTo(0.5);
  });
});

describe('calls', () => {
  it('score as the E-model says', () => {
    // G.107 §B: R 93.2 is a MOS of 4.41; no delay but the buffer's costs next to nothing.
    expect(meanOpinionScore(0, 0, 0)).toBeCloseTo(4.4, 1);
    // A fixed 140 ms hardly hurts (about 0.05 below 40 ms); jitter of 45 to 70 ms costs about a point.
    expect(meanOpinionScore(0, 40, 1) - meanOpinionScore(0, 140, 1)).toBeCloseTo(0.05, 1);
    expect(meanOpinionScore(0, 140, 1)).toBeCloseTo(4.35, 1);
    for (const jitter of [45, 57, 70]) {
      expect(meanOpinionScore(0, 40, jitter)).toBeGreaterThan(3.0);
      expect(meanOpinionScore(0, 40, jitter)).toBeLessThan(3.55);
    }
    // Bpl 25.1: a quarter of the packets lost halves what is left of R.
    expect(meanOpinionScore(0.251, 40, 0)).toBeLessThan(2.4);
    expect(meanOpinionScore(1, 40, 0)).toBeGreaterThanOrEqual(1);
  });

  it('never sound better when more is lost, late or slow', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const ms = fc.double({ min: 0, max: 400, noNaN: true });
    fc.assert(
      fc.property(share, ms, ms, share, ms, ms, (loss, delay, jitter, moreLoss, moreDelay, moreJitter) => {
        const worse = meanOpinionScore(Math.min(1, loss + moreLoss), delay + moreDelay, jitter + moreJitter);
        return worse <= meanOpinionScore(loss, delay, jitter) + 1e-9;
      }),
    );
  });
});

describe('transfers', () => {
  const path = { rttMs: 80, loss: 0, roomBps: 30_000_000, windowBytes: 4_194_304 };

  it('are held by the line, by the window per round trip, or by loss', () => {
    expect(transferRate(path)).toBe(30_000_000);
    expect(transferRate({ ...path, windowBytes: 16_384 })).toBeCloseTo((8 * 16_384) / 0.08);
    // Mathis: 1,360 bytes / 80 ms × √1.5 / √0.08.
    expect(transferRate({ ...path, loss: 0.08 })).toBeCloseTo(588_900, -3);
  });

  it('take a handshake and a request for little, slow start and the rate for much', () => {
    expect(fetchTime(path, 200, 15)).toBeCloseTo(175, 0);
    const large = fetchTime(path, 10_000_000, 15);
    expect(large).toBeGreaterThan((8_000 * 10_000_000) / 30_000_000);
    expect(large).toBeLessThan(4_000);
    expect(fetchTime({ ...path, loss: 0.08 }, 10_000_000, 15)).toBeGreaterThan(60_000);
  });
});
