/** Rates, costs of reads and the blast radius, on a clock that the test moves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, Operation } from '../../../broker/contract.ts';
import { BLAST, blastLimit, CHANGES } from '../../../broker/limits/blast.ts';
import { createLimits, type LimitedCall, type Limits } from '../../../broker/limits/limits.ts';
import { MOST } from '../../../broker/limits/read-cost.ts';
import { createShed, SHED } from '../../../broker/limits/shed.ts';
import { createTokenBuckets } from '../../../broker/limits/token-bucket.ts';
import { createStanding, type Standing } from '../../../broker/risk/standing.ts';

function manualClock(now = 1_000_000) {
  return {
    now: () => now,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

const HOUR = 3_600_000;
const fleetOf = (size: number): LimitedCall['fleet'] =>
  new Map(Array.from({ length: size }, (_, n) => [`br${n}_edge`, { site: `br${n}`, role: 'edge' }]));
const reads = (devices: readonly string[]): readonly Operation[] =>
  devices.map((device) => ({ protocol: 'netconf', kind: 'get', device, filter: '' }));
const call = (changes: Partial<LimitedCall> = {}): LimitedCall => {
  const devices = changes.devices ?? ['br1_edge'];
  return {
    ...{ tenant: 'acme', session: 'ses_1', tool: 'bgp.read', effect: 'read', intent: 'int_1' },
    ...{ devices, operations: reads(devices), fleet: fleetOf(10) },
    ...changes,
  };
};

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

  it('never gives more than burst + rate × time and is never negative, whatever the clock and the corrections do', () => {
    const steps = fc.array(
      fc.record({
        wait: fc.integer({ min: -2_000, max: 2_000 }),
        cost: fc.integer({ min: 1, max: 4 }),
        truth: fc.integer({ min: 0, max: 9 }),
      }),
    );
    fc.assert(
      fc.property(steps, fc.boolean(), (list, settles) => {
        const clock = manualClock();
        const buckets = createTokenBuckets({ clock, burst: 5, perSecond: 2, maxKeys: 1 });
        let given = 0;
        let earliest = Number.POSITIVE_INFINITY;
        let latest = 0;
        for (const { wait, cost, truth } of list) {
          clock.advance(wait);
          earliest = Math.min(earliest, clock.now());
          latest = Math.max(latest, clock.now());
          if (buckets.take('a', cost).ok) given += cost;
          if (settles) buckets.settle('a', cost, truth);
          expect(buckets.level('a')).toBeGreaterThanOrEqual(0);
          expect(buckets.level('a')).toBeLessThanOrEqual(5);
        }
        if (list.length > 0 && !settles) expect(given).toBeLessThanOrEqual(5 + ((latest - earliest) / 1000) * 2 + 1e-6);
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

const open = (clock = manualClock(), standing = createStanding()): { limits: Limits; standing: Standing } => ({
  limits: createLimits({ clock, standing }),
  standing,
});

describe('reads', () => {
  it('are 200 at once in a session, then refused with a time; another session of the tenant goes on', () => {
    const { limits } = open();
    const answers = Array.from({ length: 201 }, () => limits.admit(call()));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(200);
    expect(answers.at(-1)).toMatchObject({ ok: false, code: 'LIMITED', retryAfterMs: 50, reason: /this session/ });
    expect(limits.admit(call({ session: 'ses_2' })).ok).toBe(true);
  });

  it('count every device, and hold a tool of a tenant as a whole', () => {
    const { limits } = open();
    const devices = [...fleetOf(200).keys()];
    const many = (n: number) => limits.admit(call({ session: `ses_${n}`, devices, fleet: fleetOf(200) })).ok;
    expect([0, 1, 2, 3, 4].map(many)).toEqual([true, true, true, true, false]);
    expect(limits.admit(call({ tenant: 'globex', devices })).ok).toBe(true);
  });

  it('of controllers are fewer than those of edges, whoever asks', () => {
    const { limits } = open();
    const operations: readonly Operation[] = [
      { protocol: 'rest', kind: 'get', device: 'director', path: '/', query: {} },
    ];
    const fleet = new Map([...fleetOf(1), ['director', { site: 'dc', role: 'controller' as const }]]);
    const ask = (n: number) => limits.admit(call({ session: `ses_${n}`, devices: [], operations, fleet }));
    const refused = Array.from({ length: 301 }, (_, n) => ask(n)).filter(({ ok }) => !ok);
    expect(refused).toMatchObject([{ reason: /controllers/ }]);
  });

  it('that would be too large are refused before they run, by what the tool cost before', () => {
    const { limits } = open();
    const small = call({ devices: ['br1_edge'] });
    const first = limits.admit(small);
    if (!first.ok || first.estimate === undefined) throw new Error('not admitted');
    limits.settle(small, first.estimate, { rows: 5000, bytes: 900_000 });
    const devices = [...fleetOf(10).keys()];
    expect(limits.admit(call({ devices }))).toMatchObject({ ok: false, code: 'TOO_LARGE', reason: /50000/ });
    expect(limits.admit(call({ tool: 'other', devices })).ok).toBe(true);
    expect(MOST.rows).toBeLessThan(50_000);
  });
});

/** As the pipeline ends a change: its last entry, then the release of its ticket. */
let index = 0;
function end(standing: Standing, kind: string, one: LimitedCall, at: number, more: { [key: string]: Json } = {}): void {
  const content = { effect: 'change', target: [...one.devices], ...more };
  const entry = { index: index++, at: new Date(at).toISOString(), tenant: one.tenant, kind, content };
  standing.apply({ ...entry, session: one.session, intent: one.intent, tool: one.tool });
}

describe('the blast radius', () => {
  const change = (n: number, device: string, more: Partial<LimitedCall> = {}) =>
    call({ effect: 'change', session: `ses_${n}`, intent: `int_${n}`, devices: [device], ...more });

  it('is held over all sessions of a tenant, and charged only by what is executed', () => {
    const clock = manualClock();
    const { limits, standing } = open(clock);
    const propose = (one: LimitedCall, last: 'execute' | 'refused' | 'pending') => {
      const verdict = limits.admit(one);
      if (!verdict.ok) return verdict;
      end(standing, last, one, clock.now());
      if (verdict.ticket !== undefined) limits.release(verdict.ticket, last === 'pending');
      return verdict;
    };
    for (let n = 1; n < 30; n += 1) expect(propose(change(n, `br${n % 10}_edge`), 'refused').ok).toBe(true);
    clock.advance(60_000);
    expect(propose(change(31, 'br1_edge'), 'execute').ok).toBe(true);
    expect(propose(change(32, 'br2_edge'), 'pending').ok).toBe(true);
    expect(propose(change(33, 'br3_edge'), 'execute')).toMatchObject({ ok: false, reason: /tenant may touch 2 of 10/ });
    // The one that waits goes on, and when it is rejected there is room again.
    expect(propose(change(32, 'br2_edge'), 'pending').ok).toBe(true);
    end(standing, 'approval.vote', change(32, 'br2_edge'), clock.now(), { verdict: 'reject' });
    expect(propose(change(33, 'br3_edge'), 'execute').ok).toBe(true);
    clock.advance(HOUR);
    expect(propose(change(34, 'br4_edge'), 'execute').ok).toBe(true);
  });

  it('counts sites, and a session may touch half of what the tenant may', () => {
    const { limits } = open();
    const fleet = fleetOf(40);
    const one = (n: number) => limits.admit(change(n, `br${n}_edge`, { session: 'ses_1', fleet })).ok;
    expect([1, 2, 3, 4, 5].map(one)).toEqual([true, true, true, true, false]);
    expect(blastLimit(40, BLAST.session)).toBe(4);
    const stacked = new Map([...fleetOf(3).keys()].map((name) => [name, { site: name, role: 'edge' as const }]));
    const big = new Map([
      ...stacked,
      ...[...fleetOf(40).keys()].slice(3).map((n) => [n, { site: 'dc', role: 'edge' as const }] as const),
    ]);
    const devices = [...stacked.keys()];
    const wide = limits.admit(change(9, 'br0_edge', { tenant: 'globex', devices, fleet: big }));
    expect(wide).toMatchObject({ ok: false, reason: /2 of 4 sites/ });
  });

  it.each([
    [1, 2],
    [10, 2],
    [14, 2],
    [15, 3],
    [100, 20],
  ])('a fleet of %i may lose at most %i an hour', (fleet, limit) => {
    expect(blastLimit(fleet, BLAST.tenant)).toBe(limit);
  });

  it('is never exceeded across sessions, however proposals, refusals and executions interleave', () => {
    const step = fc.record({
      session: fc.integer({ min: 1, max: 4 }),
      device: fc.integer({ min: 0, max: 19 }),
      last: fc.constantFrom('execute' as const, 'refused' as const, 'pending' as const, 'under way' as const),
      wait: fc.integer({ min: 0, max: 20 * 60_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = manualClock();
        const { limits, standing } = open(clock);
        const done: { readonly at: number; readonly device: string; readonly session: number }[] = [];
        const later: (() => void)[] = [];
        steps.forEach(({ session, device, last, wait }, n) => {
          clock.advance(wait);
          const one = change(n, `br${device}_edge`, { session: `ses_${session}`, fleet: fleetOf(20) });
          const verdict = limits.admit(one);
          if (verdict.ok && verdict.ticket !== undefined) {
            const { ticket } = verdict;
            const finish = (kind: 'execute' | 'refused' | 'pending') => {
              end(standing, kind, one, clock.now());
              limits.release(ticket, kind === 'pending');
              if (kind === 'execute') done.push({ at: clock.now(), device: one.devices[0] ?? '', session });
            };
            if (last === 'under way') later.push(() => finish('execute'));
            else finish(last);
          }
          if (later.length > 2) later.shift()?.();
          const recent = done.filter(({ at }) => at > clock.now() - HOUR);
          expect(new Set(recent.map((x) => x.device)).size).toBeLessThanOrEqual(blastLimit(20, BLAST.tenant));
          expect(recent.length).toBeLessThanOrEqual(CHANGES.tenant);
          for (const who of [1, 2, 3, 4]) {
            const own = recent.filter((x) => x.session === who);
            expect(new Set(own.map((x) => x.device)).size).toBeLessThanOrEqual(blastLimit(20, BLAST.session));
          }
        });
      }),
    );
  });
});

describe('overload', () => {
  it('sheds reads first, then probes, with a time for another try, and never a change', async () => {
    let lag = 0;
    const shed = createShed({ lagMs: () => lag });
    const work = async () => 'done';
    const outcome = (effect: 'read' | 'probe' | 'change' | 'unknown') =>
      shed.run(effect, work).catch((error: unknown) => JSON.parse(JSON.stringify(error)).error);
    expect(await outcome('read')).toBe('done');
    lag = SHED.read.lagMs;
    expect(await outcome('read')).toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: 1 });
    expect(await outcome('unknown')).toMatchObject({ code: 'OVERLOADED' });
    expect(await outcome('probe')).toBe('done');
    lag = SHED.probe.lagMs;
    expect(await outcome('probe')).toMatchObject({ code: 'OVERLOADED' });
    expect(await outcome('change')).toBe('done');
  });

  it('counts calls that are under way, and lets them go when they end', async () => {
    const shed = createShed({ lagMs: () => 0 });
    let finish = (): void => undefined;
    const wait = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const calls = Array.from({ length: SHED.read.calls }, () => shed.run('read', () => wait));
    await expect(shed.run('read', () => wait)).rejects.toMatchObject({ code: 'OVERLOADED' });
    finish();
    await Promise.all(calls);
    await expect(shed.run('read', async () => 'again')).resolves.toBe('again');
  });
});
