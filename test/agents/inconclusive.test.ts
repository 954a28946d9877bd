/** What a diagnosis must not say with certainty: work that is on no record, a fault without what it cannot be without, a seat that only carries the trouble. */
import { describe, expect, it } from 'vitest';
import { createCase } from '../../agents/diagnosis/case.ts';
import { concernOf } from '../../agents/diagnosis/concern.ts';
import { conclude } from '../../agents/diagnosis/conclusion.ts';
import { explain } from '../../agents/diagnosis/explain.ts';
import { createMap } from '../../agents/diagnosis/network-map.ts';
import { type Entity, NORMAL, type Observation } from '../../agents/diagnosis/observation.ts';
import { observe } from '../../agents/diagnosis/observe/observe.ts';
import { createCodebook, type Patterns } from '../../agents/diagnosis/patterns.ts';
import { findPlaces } from '../../agents/diagnosis/places.ts';

const map = createMap({
  devices: [
    { name: 'a_hub', role: 'hub', site: 'a' },
    { name: 'b_hub', role: 'hub', site: 'b' },
    ...['x', 'y', 'z'].map((site) => ({ name: `${site}_edge`, role: 'edge' as const, site })),
  ],
  circuits: [],
  hosts: ['one', 'two'].map((name, at) => ({
    ...{ name: `x_${name}`, site: 'x', vrf: 10, address: `10.9.0.${at + 1}`, services: [] },
  })),
});

let count = 0;
const see = (feature: string, value: string, resource: string, entity: Entity): Observation => {
  count += 1;
  return { feature, value, resource, entity, evidence: [`evd_${count}`], shown: value, observedAt: '' };
};
const ofDevice = (feature: string, value: string, device: string): Observation =>
  see(feature, value, `node/${device}`, { kind: 'device', device });
const dark = (device: string): readonly Observation[] =>
  ['answers=silent', 'reach=lost', 'lte=no-data'].map((one) => {
    const [feature = '', value = ''] = one.split('=');
    return ofDevice(feature, value, device);
  });

function judge(faults: Patterns['faults'], observations: readonly Observation[], looked: readonly string[] = []) {
  const seen = new Set([...observations.map(({ feature }) => feature), ...looked]);
  const weighed = createCase(createCodebook({ normal: {}, faults }), map, observations, seen);
  return conclude(weighed, explain(weighed, findPlaces(map, observations)).explained, concernOf(map, {}));
}
const named = ({ causes }: ReturnType<typeof judge>) => causes.map((one) => `${one.fault_type} ${one.resource}`);

const DARK = { 'self answers=silent': 1, 'self reach=lost': 1, 'self lte=no-data': 1 };
const work = { planned_maintenance: { 'node.edge': { ...DARK, 'self record=window': 1 } } };
const upgrade = {
  upgrade_failed: { 'node.edge': { ...DARK, 'self record=window': 0.5, 'self record=window-over': 0.5 } },
};
const window = (value: string): Observation => ofDevice('record', value, 'x_edge');

describe('work', () => {
  it('is planned where a window stands for it', () => {
    expect(judge(work, [...dark('x_edge'), window('window')]).verdict).toBe('planned');
  });

  it('is not planned where the records have none, nor where they could not be read', () => {
    for (const looked of [['record'], []]) {
      const found = judge(work, dark('x_edge'), looked);
      expect(found.verdict).toBe('inconclusive');
      expect(named(found)).toEqual(['unknown node/x_edge']);
    }
  });
});

describe('a fault that stands on record in one way or another', () => {
  it.each(['window', 'window-over'])('is concluded where there is one: %s', (value) => {
    const found = judge(upgrade, [...dark('x_edge'), window(value)]);
    expect([found.verdict, ...named(found)]).toEqual(['root-cause', 'upgrade_failed node/x_edge']);
  });

  it('is doubted where there is none', () => {
    const found = judge(upgrade, dark('x_edge'), ['record']);
    expect(found.verdict).toBe('inconclusive');
    expect(found.causes.every(({ resource }) => resource === 'node/x_edge')).toBe(true);
  });
});

describe('the seat of what has no name', () => {
  const host = (name: string): Entity => ({ kind: 'host', host: name, site: 'x', vrf: 10 });

  it('of a flood is the host, and not the router that carries it', () => {
    const found = judge({}, [
      see('traffic', 'flood', 'address/10.9.0.1', host('x_one')),
      see('traffic', NORMAL, 'address/10.9.0.2', host('x_two')),
      ofDevice('half-open', 'many', 'x_edge'),
      ofDevice('half-open', NORMAL, 'y_edge'),
    ]);
    expect(found.verdict).toBe('inconclusive');
    expect(named(found)[0]).toBe('unknown host/x_one');
  });

  it('of a policy is the policy, though others of the device are well', () => {
    const pool = (policy: string, value: string): Observation =>
      see('nat', value, `policy/x_edge/${policy}`, { kind: 'device', device: 'x_edge', policy });
    const found = judge({}, [pool('nat-guest', 'full'), pool('nat-staff', NORMAL), pool('nat-camera', NORMAL)]);
    expect(named(found)).toEqual(['unknown policy/x_edge/nat-guest']);
  });
});

describe('prefixes', () => {
  const received = (pairs: readonly (readonly [hub: string, edge: string, from: string, count: number])[]) =>
    observe(map, [
      {
        tool: 'bgp.read',
        devices: [],
        sightings: pairs.map(([hub, edge, from, value], at) => ({
          ...{ id: `evd_p${at}`, resource: `session/bgp/${hub}--${edge}`, signal: 'bgp.prefixes_rx', value },
          ...{ observedAt: '2026-01-07T10:00:00.000Z', source: `netconf:${from}` },
        })),
      },
    ]).flatMap(({ feature, value, entity }) => (feature === 'prefixes' ? [`${entity.device} ${value}`] : []));

  it('that hubs tell each other are those of the whole network, and no flood', () => {
    const edges = ['x', 'y', 'z'].flatMap((site) => [
      ['a_hub', `${site}_edge`, 'a_hub', 3] as const,
      ['a_hub', `${site}_edge`, `${site}_edge`, 1_900] as const,
    ]);
    const hubs = [['a_hub', 'b_hub', 'a_hub', 2_000] as const, ['a_hub', 'b_hub', 'b_hub', 2_000] as const];
    expect(received([...edges, ...hubs]).filter((one) => one.endsWith('flood'))).toEqual([]);
  });

  it('of one edge that are far more than those of its like are one', () => {
    const told = received([
      ['a_hub', 'x_edge', 'a_hub', 3],
      ['a_hub', 'y_edge', 'a_hub', 3],
      ['a_hub', 'z_edge', 'a_hub', 400],
    ]);
    expect(told).toEqual(['a_hub normal', 'a_hub normal', 'a_hub flood']);
  });
});
