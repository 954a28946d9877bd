/** The health monitor: incidents that come, merge and go with what is wrong, forecasts that are right, and a hand-over that brings no rights. */
import { MemorySaver } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import { createConversations } from '../../agents/conversations.ts';
import type { ChatEvent } from '../../agents/events.ts';
import { foresee } from '../../agents/health-monitor/foresee.ts';
import { deviation, findTrend, forecastRise, type Sample } from '../../agents/health-monitor/trend.ts';
import { askForWeeks, compareWithWeek, readWeeks } from '../../agents/health-monitor/usual-week.ts';
import { createIds } from '../../agents/ids.ts';
import type { Evidence } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { telemetryRead } from '../../tools/telemetry-read.ts';
import { createFakeBroker, createFaulty, TENANT } from './fake-broker.ts';

const HOUR = 3_600_000;

function open() {
  const network = createFaulty(1);
  const broker = createFakeBroker(network);
  return {
    ...{ network, broker },
    async sweep(text = 'is everything healthy?') {
      // As a schedule has it: every sweep is a conversation of its own, and remembers nothing.
      const conversations = createConversations({ saver: new MemorySaver(), ids: createIds() });
      const events: ChatEvent[] = [];
      const emit = (event: ChatEvent): void => void events.push(event);
      await conversations.chat({ human: 'op@acme', tenant: TENANT, thread: 'thr_1', broker, emit, text });
      const finding = events.find((event) => event.type === 'finding');
      return { events, because: finding?.type === 'finding' ? finding.because.map(({ text: one }) => one) : [] };
    },
    inject: (type: string, resource: string) => {
      const id = network.inject({ tenant: TENANT, type, resource });
      network.advanceTo(network.now() + 90_000);
      return id;
    },
    states: () => [...broker.incidents.values()].map(({ resources, state }) => `${resources[0]} ${state}`),
  };
}

describe('incidents', () => {
  it('are opened once for a place, resolved when it is well, opened again when it is back, closed when it stays well', async () => {
    const { broker, inject, network, states, sweep } = open();
    await sweep();
    expect(states()).toEqual([]);
    let fault = inject('bgp_asn_mismatch', 'node/br2_edge');
    await sweep();
    await sweep();
    expect(states()).toEqual(['node/br2_edge open']);
    const [incident] = broker.incidents.values();
    expect(incident).toMatchObject({ openedBy: 'health-monitor', severity: 'critical' });
    expect(incident?.title).toMatch(/^node\/br2_edge: session\/bgp\/hub\d_edge--br2_edge BGP is/);
    expect(incident?.resources.length).toBeGreaterThan(2);
    network.clear(fault);
    network.advanceTo(network.now() + 120_000);
    await sweep();
    expect(states()).toEqual(['node/br2_edge resolved']);
    fault = inject('bgp_asn_mismatch', 'node/br2_edge');
    await sweep();
    expect(states()).toEqual(['node/br2_edge open']);
    expect(incident?.notes.at(-1)).toMatch(/^It is back: /);
    network.clear(fault);
    network.advanceTo(network.now() + 120_000);
    await sweep();
    network.advanceTo(network.now() + 2 * HOUR);
    await sweep();
    expect(states()).toEqual(['node/br2_edge closed']);
    expect(broker.changes.size + broker.approvals.size).toBe(0);
  });

  it('of one place become one', async () => {
    const { broker, inject, states, sweep } = open();
    inject('bgp_asn_mismatch', 'node/br2_edge');
    await sweep();
    const [first] = broker.incidents.values();
    if (first) broker.incidents.set('inc_twin', { ...first, id: 'inc_twin', notes: [] });
    await sweep();
    expect(states()).toEqual(['node/br2_edge open', 'node/br2_edge closed']);
    expect(broker.incidents.get('inc_twin')?.notes).toEqual([`Merged into ${first?.id}.`]);
  });

  it('are not over because nobody answers, and those of others are left alone', async () => {
    const { broker, inject, states, sweep } = open();
    inject('bgp_asn_mismatch', 'node/br2_edge');
    await sweep();
    const [first] = broker.incidents.values();
    if (first) broker.incidents.set('inc_other', { ...first, id: 'inc_other', openedBy: 'op@acme', notes: [] });
    const { call } = broker;
    broker.call = (agent, domain, tool, args) =>
      domain === 'diagnostics'
        ? Promise.reject(new WayleaveError('DEVICE_UNREACHABLE'))
        : call(agent, domain, tool, args);
    const { events } = await sweep();
    expect(events).toContainEqual(expect.objectContaining({ type: 'finding', verdict: 'blind' }));
    expect(states()).toEqual(['node/br2_edge open', 'node/br2_edge open']);
  });
});

it('foresees what fills up, with its bounds, once it has seen enough of it', async () => {
  const { inject, network, sweep } = open();
  inject('memory_leak', 'node/br1_edge');
  const told: string[] = [];
  for (let turn = 0; turn < 12; turn += 1) {
    network.advanceTo(network.now() + HOUR / 3);
    const { because } = await sweep();
    told.push(...because.filter((text) => text.includes('will reach')));
    if (turn < 6) expect(told).toEqual([]);
  }
  const text = told.at(-1) ?? '';
  const [, amount, unit] =
    /^node\/br1_edge dev\.mem_pct is [\d.]+ % and will reach 90 % in (\d+) (hours|days) \(95 %: \d+ (?:hours|days) to \d+ (?:hours|days); Theil–Sen line through \d+ samples\)$/.exec(
      text,
    ) ?? [];
  expect(text).not.toBe('');
  // It comes true, give or take a fifth.
  const meant = Number(amount) * (unit === 'days' ? 24 : 1) * HOUR;
  const memoryAfter = (ms: number): number => {
    network.advanceTo(network.now() + ms);
    return network.state({ tenant: TENANT, device: 'br1_edge' }).system.memoryPct;
  };
  expect(memoryAfter(0.8 * meant)).toBeLessThan(90);
  expect(memoryAfter(0.4 * meant)).toBeGreaterThan(88);
});

describe('hands over', () => {
  it('to the troubleshooter when the person asks why, for the same person', async () => {
    const { broker, inject, sweep } = open();
    inject('bgp_asn_mismatch', 'node/br2_edge');
    const { events } = await sweep('is everything healthy? find out the cause if not');
    const findings = events.flatMap((event) => (event.type === 'finding' ? [event] : []));
    expect(findings.at(-1)?.rootCauses).toContainEqual(
      expect.objectContaining({ resource: 'node/br2_edge', faultType: 'bgp_asn_mismatch' }),
    );
    expect(new Set(broker.calls.map(({ agent }) => agent))).toEqual(
      new Set(['router', 'health-monitor', 'troubleshooter']),
    );
    // Whoever takes over asks under its own name: what the monitor may is not what it may.
    const asked = broker.calls.filter(({ tool }) => tool === 'bgp.set-local-as');
    expect(asked.map(({ agent }) => agent)).toEqual(['troubleshooter']);
  });
});

describe('trends', () => {
  const line = (slope: number, noise: (at: number) => number = () => 0): readonly Sample[] =>
    Array.from({ length: 24 }, (_, hour) => [hour * HOUR, 40 + slope * hour + noise(hour)] as const);
  it('are the slope, whatever a few samples say', () => {
    const outliers = line(1, (hour) => (hour % 8 === 3 ? 40 : 0));
    expect((findTrend(outliers)?.slope ?? 0) * HOUR).toBeCloseTo(1, 2);
    const ahead = forecastRise(outliers, 90);
    // At hour 23 it is 63: 27 to go at one an hour.
    expect((ahead?.inMs ?? 0) / HOUR).toBeCloseTo(27, 0);
    expect(ahead?.earliestMs).toBeLessThanOrEqual(ahead?.inMs ?? 0);
    expect(ahead?.latestMs).toBeGreaterThanOrEqual(ahead?.inMs ?? 0);
  });
  it('are none in what only wavers, falls, is too short, or would come true too far ahead', () => {
    expect(
      forecastRise(
        line(0, (hour) => (hour * 7) % 5),
        90,
      ),
    ).toBeUndefined();
    expect(forecastRise(line(-1), 90)).toBeUndefined();
    expect(forecastRise(line(1).slice(0, 7), 90)).toBeUndefined();
    expect(forecastRise(line(0.1), 90)).toBeUndefined();
    expect(forecastRise(line(3), 90)).toBeUndefined(); // it is past the limit already
  });
  it('tell what is out of the ordinary from what always wavers', () => {
    const steady = line(0, (hour) => hour % 3);
    expect(deviation(steady)?.score).toBeLessThan(3);
    expect(deviation([...steady.slice(0, -1), [24 * HOUR, 80]])?.score).toBeGreaterThan(6);
  });
});

describe('the usual at an hour of the week', () => {
  const LINE = 'interface/br1_edge/ge0/0';
  const monday = Date.parse('2026-03-02T09:30:00Z');
  /** Five weeks: 80 % on Mondays from 8 to 10, else 10 %, each with a little of its own. */
  const weeks = (busy: number): readonly Sample[] =>
    Array.from({ length: 5 * 168 }, (_, ago) => {
      const at = Math.floor(monday / HOUR) * HOUR - (ago + 1) * HOUR;
      const when = new Date(at);
      const isBusy = when.getUTCDay() === 1 && when.getUTCHours() >= 8 && when.getUTCHours() <= 10;
      return [at, (isBusy ? busy : 10) + (ago % 3)] as const;
    });
  const evidence = (value: number, at: number): Evidence => ({
    ...{ id: 'evd_1', tenant: TENANT, intent: 'int_1', resource: LINE, signal: 'if.util_pct', value },
    ...{ source: 'snmp', observedAt: new Date(at).toISOString(), collectedAt: new Date(at).toISOString() },
  });
  /** Every half hour of two days: far from 80, so that the course alone calls it odd. */
  const course = {
    [`${LINE} if.util_pct`]: Array.from({ length: 48 }, (_, at) => [monday - (49 - at) * HOUR, 10 + (at % 3)] as const),
  };
  course[`${LINE} if.util_pct`]?.push([monday, 81]);
  /** As the broker answers `telemetry.read`: the tool itself reads the reply. */
  const hoursOf = (samples: readonly Sample[]): readonly Evidence[] => {
    const hours = samples.map(([at, mean]) => ({
      ...{ resource: LINE, signal: 'if.util_pct', at: new Date(at).toISOString() },
      ...{ count: 6, min: mean, max: mean, mean },
    }));
    const collectedAt = new Date(monday).toISOString();
    const window = { kind: 'hours', resource: LINE, from: collectedAt, to: collectedAt } as const;
    const nothing = { tenant: TENANT, devices: [], hosts: [], addresses: [] };
    const [operation] = telemetryRead.plan(telemetryRead.input.parse(window), { devices: [] }, nothing);
    if (operation === undefined) throw new Error('telemetry.read plans nothing');
    return telemetryRead
      .read([{ ok: true, protocol: 'records', operation, json: { hours }, collectedAt } as never], nothing)
      .map((one, at) => ({ ...one, id: `evd_h${at}`, tenant: TENANT, intent: 'int_2', collectedAt }));
  };

  it('is asked for only of what is out of the ordinary, for five weeks back', () => {
    const [call] = askForWeeks('health-monitor', [evidence(81, monday)], course);
    expect(call).toMatchObject({
      tool: 'telemetry.read',
      input: { kind: 'hours', resource: LINE, signal: 'if.util_pct' },
    });
    const calm = { [`${LINE} if.util_pct`]: (course[`${LINE} if.util_pct`] ?? []).slice(0, -1) };
    expect(askForWeeks('health-monitor', [evidence(11, monday)], calm)).toEqual([]);
  });
  it('excuses a busy Monday morning, and not the same load when Mondays are quiet', () => {
    const now = [evidence(81, monday)];
    expect(foresee(now, course).map(({ text }) => text)).toEqual([`${LINE} if.util_pct is 81 %, it usually is 11 %`]);
    expect(foresee(now, course, readWeeks(hoursOf(weeks(80))))).toEqual([]);
    expect(foresee(now, course, readWeeks(hoursOf(weeks(10)))).map(({ text }) => text)).toEqual([
      `${LINE} if.util_pct is 81 %, it usually is 11 % at this hour of the week (5 weeks)`,
    ]);
  });
  it('is nothing before three weeks have told of the hour', () => {
    expect(compareWithWeek(weeks(80).slice(0, 2 * 168 + 12), 81, monday)).toBeUndefined();
    expect(compareWithWeek(weeks(80).slice(0, 3 * 168 + 12), 81, monday)).toMatchObject({ weeks: 3 });
  });
});
