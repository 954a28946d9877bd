/** All fault types and conditions of the catalogue, wherever they fit: injected, lived through and taken back. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAULT_TYPES } from '../../../simulators/faults/faults.ts';
import { createNetwork, type ModelNetwork } from '../../../simulators/model/create-network.ts';
import { EXAMPLES, loadTopology } from '../../../simulators/topologies/load-topology.ts';

const START = Date.parse('2026-01-06T10:00:00Z');
const HOUR_MS = 3_600_000;

interface Listed {
  readonly fault_type: string;
  readonly resource_kind: readonly string[];
  readonly condition?: true;
}
const CATALOGUE: readonly Listed[] = JSON.parse(
  readFileSync(new URL('../../../scenarios/catalogue/fault-types.json', import.meta.url), 'utf8'),
).fault_types;

const build = (name: string): ModelNetwork =>
  createNetwork({
    topology: loadTopology(name, { tenant: 'acme', seed: 3, tenantIndex: 0 }),
    seed: 3,
    startAt: START,
    faults: FAULT_TYPES,
  });

it('are all there, on the kinds of resource that the catalogue gives', () => {
  expect(FAULT_TYPES.map((one) => one.type).sort()).toEqual(CATALOGUE.map((one) => one.fault_type).sort());
  for (const { fault_type: type, resource_kind: kinds, condition } of CATALOGUE) {
    const ours = FAULT_TYPES.find((one) => one.type === type);
    expect([type, ours?.kinds]).toEqual([type, expect.arrayContaining([...kinds])]);
    expect([type, ours?.condition]).toEqual([type, condition]);
    expect(ours?.mechanism).toMatch(/^[A-Z].*\.$/s);
  }
});

describe.each(['refnet:m', ...EXAMPLES])('on %s', (name) => {
  const calm = build(name);
  const configs = (network: ModelNetwork) => network.devices().map((ref) => network.config(ref));
  /** Every type fits somewhere in the reference network; elsewhere those whose resources are there. */
  const fitting = FAULT_TYPES.flatMap(({ type }) => {
    const places = calm.bearers('acme', type);
    return places.length > 0 || name === 'refnet:m' ? [{ type, places }] : [];
  });

  it.each(fitting)('$type breaks and mends', ({ type, places }) => {
    expect(places.length).toBeGreaterThan(0);
    const chosen = name === 'refnet:m' ? [places[0], places.at(-1)] : [places[Math.floor(places.length / 2)]];
    for (const resource of new Set(chosen)) {
      const network = build(name);
      const id = network.inject({ tenant: 'acme', type, resource: resource ?? '', startAt: START + 60_000 });
      expect(network.events('acme', 0, 1)).toEqual([]);
      network.advanceTo(START + HOUR_MS);
      for (const ref of network.devices()) network.state(ref);
      // Nothing that a device says gives the answer away.
      const events = network.events('acme', 0, 100_000).map(({ name: _, ...event }) => event);
      expect(JSON.stringify([events, network.records('acme')])).not.toContain(type);
      network.clear(id);
      network.advanceTo(START + 26 * HOUR_MS);
      expect(network.conditions()).toEqual([]);
      expect(configs(network)).toEqual(configs(calm));
      for (const ref of network.devices()) {
        const { tunnels, bgp, control, ospf } = network.state(ref);
        expect(tunnels.filter((one) => one.bfd !== 'up' || one.ipsec !== 'established')).toEqual([]);
        expect(bgp.filter((one) => one.state !== 'established')).toEqual([]);
        expect(control.filter((one) => one.state !== 'up')).toEqual([]);
        expect(ospf.filter((one) => one.state !== 'full')).toEqual([]);
      }
    }
  });
});

it('can all happen at once, and all be mended', () => {
  const network = build('refnet:m');
  const ids = FAULT_TYPES.map(({ type }, at) => {
    const places = network.bearers('acme', type);
    return network.inject({ tenant: 'acme', type, resource: places[at % places.length] ?? '' });
  });
  network.advanceTo(START + HOUR_MS);
  for (const ref of network.devices()) network.state(ref);
  for (const id of ids.toReversed()) network.clear(id);
  expect(network.conditions()).toEqual([]);
  expect(configsOf(network)).toEqual(configsOf(build('refnet:m')));
});

const configsOf = (network: ModelNetwork) => network.devices().map((ref) => network.config(ref));

it('are not where they would change nothing: preferences are swapped of whoever has two', () => {
  for (const name of EXAMPLES) {
    const network = build(name);
    for (const resource of network.bearers('acme', 'route_policy_misconfig')) {
      const before = configsOf(network);
      const id = network.inject({ tenant: 'acme', type: 'route_policy_misconfig', resource });
      expect([name, resource, configsOf(network)]).not.toEqual([name, resource, before]);
      network.clear(id);
    }
  }
  expect(build('two-regions').bearers('acme', 'route_policy_misconfig')).toEqual(['policy/dxb_edge/overlay-in']);
});

describe('a degree', () => {
  const graded = FAULT_TYPES.filter((one) => one.graded === true).map((one) => one.type);
  it('is taken where a fault has one, and refused elsewhere and out of range', () => {
    expect(graded.length).toBeGreaterThan(10);
    const network = build('refnet:m');
    const inject = (type: string, intensity: number) => () =>
      network.inject({ tenant: 'acme', type, resource: network.bearers('acme', type)[0] ?? '', intensity });
    for (const type of graded) expect(inject(type, 0.5)).not.toThrow();
    for (const wrong of [0, -1, 11, Number.NaN])
      expect(inject(graded[0] ?? '', wrong)).toThrowError(expect.objectContaining({ code: 'INTENSITY_UNFIT' }));
    expect(inject('link_down', 2)).toThrowError(expect.objectContaining({ code: 'INTENSITY_UNFIT' }));
  });
});
