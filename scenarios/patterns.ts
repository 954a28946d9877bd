/**
 * Generates the codebook of the diagnosis: injects every fault type into the network model at places of each kind, in
 * several networks and at several ages, reads what the tools read, and counts how often each role shows what.
 */
import { leavesDark } from '../agents/diagnosis/cut-off.ts';
import { createMap, type NetworkMap } from '../agents/diagnosis/network-map.ts';
import { NORMAL, type Observation } from '../agents/diagnosis/observation.ts';
import { type Made, observe } from '../agents/diagnosis/observe/observe.ts';
import { isSingle, OUTAGE_OVER, type Patterns } from '../agents/diagnosis/patterns.ts';
import { placeOf } from '../agents/diagnosis/places.ts';
import { planReads } from '../agents/diagnosis/plan.ts';
import { roleOf } from '../agents/diagnosis/role.ts';
import { readInventory } from '../agents/inventory.ts';
import { FAULT_TYPES } from '../simulators/faults/faults.ts';
import { createNetwork } from '../simulators/model/create-network.ts';
import { ModelError, type Network, type Topology } from '../simulators/model/network.ts';
import { loadTopology } from '../simulators/topologies/load-topology.ts';
import { directorOf } from './answer.ts';
import { createReads } from './diagnosis-port.ts';

const TENANT = 'codebook';
const START = Date.parse('2026-01-06T10:00:00Z');
const LEAD_IN_MS = 600_000;
/** Ages of an incident at which it is looked at (minutes). */
const AGES = [2, 22] as const;
/** An outage that is over lasted so long, and was over so long before the first look (minutes). */
const OUTAGE = 4;
/**
 * Networks, each with the places of each kind that a fault is injected at: of tunnels of servers more, since few carry what
 * people use. The second network has other names, ports and ways: what only the first shows is an accident of it.
 */
const NETWORKS: readonly { readonly name: string; readonly seed: number; readonly places: number }[] = [
  { name: 'refnet:4', seed: 1, places: 2 },
  { name: 'shops', seed: 2, places: 1 },
];
const TUNNELS = 3;

const build = (topology: Topology, seed: number): Network => {
  const network = createNetwork({ topology, seed, startAt: START - LEAD_IN_MS, faults: FAULT_TYPES });
  // What the director knew before is part of what it shows afterwards.
  directorOf(network, TENANT);
  network.advanceTo(START + ((seed * 7_919) % 600) * 1_000);
  return network;
};

/** The dependency graph, as the broker's records tell it. */
export function mapNetwork(network: Network, tenant: string): NetworkMap {
  const read = createReads(network, tenant);
  const tell = (tool: string) => read({ tool, devices: [], input: {} }).evidence;
  return createMap(readInventory([...tell('inventory.devices'), ...tell('inventory.topology')]));
}

/** Everything that can be read now. */
export function lookAtAll(network: Network, tenant: string, map: NetworkMap): readonly Observation[] {
  const read = createReads(network, tenant);
  const devices = map.inventory.devices.map(({ name }) => name);
  const made: Made[] = planReads(map, devices, network.now()).map((planned) => ({
    tool: planned.tool,
    devices: planned.devices,
    sightings: read(planned).evidence,
  }));
  return observe(map, made);
}

/** Sums of shares by key, and of cases by role and feature. */
type Sums = Map<string, number>;
const add = (sums: Sums, key: string, value: number): void => void sums.set(key, (sums.get(key) ?? 0) + value);

interface Tally {
  cases: number;
  readonly shares: Sums;
  /** Cases in which a role had something of a feature to look at. */
  readonly seen: Sums;
}

/** Counts one look at one incident. */
function count(tally: Tally, observations: readonly Observation[], roleAt: (one: Observation) => string): void {
  const totals = new Map<string, number>();
  const values = new Map<string, number>();
  for (const one of observations) {
    const at = `${roleAt(one)} ${one.feature}`;
    totals.set(at, (totals.get(at) ?? 0) + 1);
    if (one.value !== NORMAL) values.set(`${at}=${one.value}`, (values.get(`${at}=${one.value}`) ?? 0) + 1);
  }
  tally.cases += 1;
  for (const at of totals.keys()) add(tally.seen, at, 1);
  for (const [key, times] of values) {
    const at = key.slice(0, key.indexOf('='));
    const feature = at.slice(at.indexOf(' ') + 1);
    add(tally.shares, key, isSingle(feature) ? 1 : times / (totals.get(at) ?? 1));
  }
}

const rounded = (value: number): number => Math.round(20 * value) / 20;
/** Shares below this are accidents of the cases that were looked at. */
const LEAST = 0.15;

function toShows({ cases, shares, seen }: Tally, normal: Sums): Record<string, number> {
  const found: [string, number][] = [];
  for (const [key, sum] of shares) {
    const at = key.slice(0, key.indexOf('='));
    const [, feature = '', value = ''] = /^\S* ([^=]+)=(.+)$/.exec(key) ?? [];
    const share = rounded(sum / (isSingle(feature) ? cases : (seen.get(at) ?? cases)));
    if (share >= LEAST && share > 2 * (normal.get(`${feature}=${value}`) ?? 0)) found.push([key, Math.min(1, share)]);
  }
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Types of which a link inside a provider is another matter than a port of ours. */
const APART = new Set(['path_mtu_only', 'path_mtu_blackhole']);

/** Where a type is injected: at a port or at its circuit, where that is the same; on tunnels of one site too. */
function bearersOf(network: Network, map: NetworkMap, type: string): readonly string[] {
  const all = network.bearers(TENANT, type);
  const hasPorts = all.some((resource) => resource.startsWith('interface/') || resource.startsWith('link/'));
  const ours = hasPorts && !APART.has(type) ? all.filter((resource) => !resource.startsWith('circuit/')) : all;
  if (type !== 'dscp_remark') return ours;
  const sites = map.inventory.devices.filter(({ role }) => role === 'edge').map(({ site }) => site);
  return [...ours, ...map.hubs.flatMap((hub) => sites.map((site) => `interface/${hub}/tun-${site}`))];
}

let counted: Sums | undefined;

/** What a healthy network shows too: share by `feature=value`. Counted once. */
function countNormal(): Sums {
  if (counted !== undefined) return counted;
  const healthy: Tally = { cases: 0, shares: new Map(), seen: new Map() };
  for (const { name, seed } of NETWORKS) {
    const calm = build(loadTopology(name, { tenant: TENANT, seed, tenantIndex: 0 }), seed);
    const map = mapNetwork(calm, TENANT);
    for (const age of AGES) {
      calm.advanceTo(START + 600_000 + age * 60_000);
      count(healthy, lookAtAll(calm, TENANT, map), () => '');
    }
  }
  counted = new Map(Object.entries(toShows(healthy, new Map())).map(([key, share]) => [key.slice(1), share]));
  return counted;
}

interface Stage {
  readonly topology: Topology;
  readonly seed: number;
  readonly map: NetworkMap;
}

/** Injects the type at the place, and counts what is seen at each age; nothing where the model does not take it. */
function strike({ topology, seed, map }: Stage, type: string, resource: string, tallyOf: () => Tally): void {
  const network = build(topology, seed);
  const place = placeOf(map, resource);
  if (place === undefined || leavesDark(map, type, place)) return;
  const onset = network.now();
  const over = type === OUTAGE_OVER ? { endAt: onset + OUTAGE * 60_000 } : {};
  try {
    network.inject({ tenant: TENANT, type: injected(type), resource, ...over });
  } catch (error) {
    // A site that the hub has no tunnels to.
    if (error instanceof ModelError) return;
    throw error;
  }
  const tally = tallyOf();
  for (const age of AGES) {
    network.advanceTo(onset + ((type === OUTAGE_OVER ? 2 * OUTAGE : 0) + age) * 60_000);
    count(tally, lookAtAll(network, TENANT, map), ({ entity }) => roleOf(place, entity, map));
  }
}

/** An outage that is over is a cut line that came back. */
const injected = (type: string): string => (type === OUTAGE_OVER ? 'link_down' : type);

/** All that the codebook knows: the fault types, and what an outage leaves behind. */
export const PATTERN_TYPES: readonly string[] = [...FAULT_TYPES.map(({ type }) => type), OUTAGE_OVER];

/** Types, or all. Deterministic: each type is what it is, whichever others are generated with it. */
export function generatePatterns(types: readonly string[] = PATTERN_TYPES): Patterns {
  const tallies = new Map<string, Map<string, Tally>>();
  for (const { name, seed, places } of NETWORKS) {
    const topology = loadTopology(name, { tenant: TENANT, seed, tenantIndex: 0 });
    const calm = build(topology, seed);
    const map = mapNetwork(calm, TENANT);
    for (const type of types) {
      const byKind = new Map<string, string[]>();
      for (const resource of bearersOf(calm, map, injected(type))) {
        const kind = placeOf(map, resource)?.kind;
        if (kind !== undefined) byKind.set(kind, [...(byKind.get(kind) ?? []), resource]);
      }
      for (const [kind, resources] of byKind) {
        const kinds = tallies.get(type) ?? new Map<string, Tally>();
        const tallyOf = (): Tally => {
          const tally = kinds.get(kind) ?? { cases: 0, shares: new Map(), seen: new Map() };
          tallies.set(type, kinds.set(kind, tally));
          return tally;
        };
        const many = /^tunnel\..+-servers$/.test(kind) ? TUNNELS * places : places;
        for (const resource of spread(resources, many, seed)) strike({ topology, seed, map }, type, resource, tallyOf);
      }
    }
  }
  const normal = countNormal();
  return {
    normal: Object.fromEntries(normal),
    faults: sortKeys(
      Object.fromEntries(
        [...tallies].map(([type, kinds]) => [
          type,
          sortKeys(Object.fromEntries([...kinds].map(([kind, tally]) => [kind, toShows(tally, normal)]))),
        ]),
      ),
    ),
  };
}

/** The same with its keys in order, so that a change is a readable difference. */
export const sortKeys = <Value>(all: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));

/** `many` of the resources, evenly spread, beginning with another one for each seed. */
function spread(resources: readonly string[], many: number, seed: number): readonly string[] {
  if (resources.length <= many) return resources;
  return Array.from(
    { length: many },
    (_, at) => resources[(seed * 5 + Math.floor((at * resources.length) / many)) % resources.length] ?? '',
  );
}

/** Text of the committed file: one line a kind of place, so that a change is a readable difference. */
export function writePatterns({ normal, faults }: Patterns): string {
  const line = (shows: Readonly<Record<string, number>>): string => JSON.stringify(shows).replaceAll(',"', ', "');
  const types = Object.entries(faults).map(
    ([type, kinds]) =>
      `    ${JSON.stringify(type)}: {\n${Object.entries(kinds)
        .map(([kind, shows]) => `      ${JSON.stringify(kind)}: ${line(shows)}`)
        .join(',\n')}\n    }`,
  );
  return `{\n  "normal": ${line(normal)},\n  "faults": {\n${types.join(',\n')}\n  }\n}\n`;
}
