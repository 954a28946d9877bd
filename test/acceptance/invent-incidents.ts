/** Incidents that stand in no catalogue: every fault type at a place that a seed draws, two at once, and calm days. */
import { loadNetwork, TENANT } from '../../apps/replay/set-case.ts';
import { canonicalText } from '../../protocols/canonical-json.ts';
import faultTypes from '../../scenarios/catalogue/fault-types.json' with { type: 'json' };
import type { Catalogue } from '../../scenarios/catalogue.ts';
import { FAULT_TYPES } from '../../simulators/faults/faults.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import type { Network, Topology } from '../../simulators/model/network.ts';
import { noise } from '../../simulators/model/seeded-noise.ts';

type Incident = Catalogue['incidents'][number];
/** A family, and never an answer (notes of the catalogue). */
const FAMILY = 'far_end_slow';
const TYPES = FAULT_TYPES.filter(({ condition, type }) => condition !== true && type !== FAMILY).map(
  ({ type }) => type,
);
const CONDITIONS = FAULT_TYPES.filter(({ condition }) => condition === true).map(({ type }) => type);
/** Pairs of independent faults of one draw. */
const PAIRS = 20;

const incident = (id: string, title: string, causes: Incident['root_causes'], more: Partial<Incident>): Incident => ({
  ...{ id, title, domain: 'invented', severity: 'unknown', fault_type: causes[0]?.fault_type ?? 'healthy' },
  ...{ root_causes: causes, accept_equivalent: [], neutral_pairs: [], min_size: 's' },
  ...more,
});

const number = (at: number): string => String(at + 1).padStart(2, '0');

/** Nothing is broken: each condition somewhere, and a day without any. */
export const calmIncidents = (): Catalogue => ({
  fault_types: [],
  incidents: CONDITIONS.map((type, at) => incident(`N${number(at)}`, `calm: ${type}`, [], { fault_type: type })),
});

/** Each fault type once, at a place of the network that can bear it. */
export function typeIncidents(network: string, seed: number): Catalogue {
  const { draw, same } = open(network, seed);
  const incidents = TYPES.flatMap((type, at) => {
    const resource = draw(type, 'place');
    if (resource === undefined) return [];
    const more = { accept_equivalent: same(type, resource) };
    return [incident(`F${number(at)}`, `${type} somewhere`, [{ resource, fault_type: type }], more)];
  });
  return { fault_types: [], incidents };
}

/** Two faults that have nothing to do with each other, at once. */
export function pairIncidents(network: string, seed: number): Catalogue {
  const { draw, same } = open(network, seed);
  const incidents = Array.from({ length: PAIRS }, (_, at) => {
    const pick = (what: string): string =>
      TYPES[Math.floor(noise(seed, 'pair', at, what) * TYPES.length)] ?? 'link_down';
    const causes = [pick('first'), pick('second')].flatMap((type, which) => {
      const resource = draw(type, `pair ${at} ${which}`);
      return resource === undefined ? [] : [{ resource, fault_type: type }];
    });
    const more = { accept_equivalent: causes.flatMap(({ resource, fault_type }) => same(fault_type, resource)) };
    return incident(`D${number(at)}`, causes.map((one) => one.fault_type).join(' and '), causes, more);
  });
  return { fault_types: [], incidents };
}

function open(network: string, seed: number) {
  const topology = loadNetwork({ network, seed, tenants: [TENANT] });
  const model = createNetwork({ topology, seed, startAt: Date.parse('2026-01-05T00:00:00Z'), faults: FAULT_TYPES });
  const draw = (type: string, what: string): string | undefined => {
    const places = model.bearers(TENANT, type).filter((name) => isWrittenOn(type, name));
    return places[Math.floor(noise(seed, 'invented', type, what) * places.length)];
  };
  const same = (type: string, resource: string): string[] => [
    ...sameAccess(topology, resource),
    ...sameChange(model, type, resource),
    ...sameTrouble(model, type, resource),
    ...sameRadio(topology, type, resource),
  ];
  return { draw, same };
}

const KINDS = new Map<string, readonly string[]>(
  Object.values(faultTypes.fault_types).map(({ fault_type: type, resource_kind: kinds }) => [type, kinds]),
);

/** The catalogue says on which kinds of resource a type is written; the model can bear some on others too. */
const isWrittenOn = (type: string, resource: string): boolean =>
  KINDS.get(type)?.includes(resource.split('/')[0] ?? '') ?? true;

/** A bad radio is the access point's: whoever hangs on it suffers alike, and inventories do not tell which of them it is. */
function sameRadio({ hosts }: Topology, type: string, resource: string): readonly string[] {
  if (type !== 'lan_wifi_problem') return [];
  const struck = hosts.find(({ name }) => resource === `host/${name}`);
  const point = struck?.accessPoint ?? struck?.name;
  return hosts.flatMap(({ name, accessPoint }) => (name === point || accessPoint === point ? [`host/${name}`] : []));
}

/** Names at which the type does the very same to the configurations: a port, a policy, a session or a controller, and its device. */
function sameChange(model: Network, type: string, resource: string): readonly string[] {
  const device = /^(?:(?:interface|policy|controller|node)\/|session\/bgp\/.+?--)([^/]+)/.exec(resource)?.[1];
  if (device === undefined) return [];
  const read = (): string =>
    canonicalText(model.devices().map((ref) => (ref.tenant === TENANT ? model.config(ref) : null)));
  const before = read();
  const after = (name: string): string => {
    const fault = model.inject({ tenant: TENANT, type, resource: name });
    const changed = read();
    model.clear(fault);
    return changed;
  };
  const others = model
    .bearers(TENANT, type)
    .filter((name) => name !== resource && new RegExp(`^(\\w+/|session/.+--)${device}(/|$)`).test(name));
  const isOne = (name: string): boolean =>
    name === resource.replace(/^(controller|node)\//, (kind) => (kind === 'node/' ? 'controller/' : 'node/'));
  const changed = others.length === 0 ? before : after(resource);
  const found = others.filter((name) => isOne(name) || (changed !== before && after(name) === changed));
  return found.length === 0 ? [] : [resource, ...found];
}

/** Two devices that point at each other are in it together: whoever is named first, the other is no wrong answer. */
function sameTrouble(model: Network, type: string, resource: string): readonly string[] {
  if (type !== 'routing_loop') return [];
  const own = model.devices().filter(({ tenant }) => tenant === TENANT);
  const before = own.map((ref) => canonicalText(model.config(ref)));
  const fault = model.inject({ tenant: TENANT, type, resource });
  const changed = own.filter((ref, at) => canonicalText(model.config(ref)) !== before[at]);
  model.clear(fault);
  return changed.map(({ device }) => `node/${device}`);
}

/** Link, port and circuit of one access are as good an answer as each other, as in the catalogue. */
function sameAccess({ circuits, devices }: Topology, resource: string): string[] {
  const found = circuits.find(({ device, interface: port, color }) => {
    const site = devices.find((one) => one.device === device)?.config.site;
    return (
      resource.startsWith(`link/${device}:${port}--`) ||
      resource === `interface/${device}/${port}` ||
      resource === `circuit/${site}/${color}`
    );
  });
  if (found === undefined) return [];
  const { device, interface: port, color, provider } = found;
  const site = devices.find((one) => one.device === device)?.config.site;
  return [
    resource,
    `link/${device}:${port}--${provider}:${site}`,
    `interface/${device}/${port}`,
    `circuit/${site}/${color}`,
  ];
}
