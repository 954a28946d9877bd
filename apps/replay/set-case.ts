/** Sets the stage of a case: its network after a quiet lead-in, with everything that it names moved to where it is there. */
import { WayleaveError } from '../../broker/errors.ts';
import { directorOf } from '../../scenarios/answer.ts';
import type { CaseFault, Pair, ReplayCase } from '../../scenarios/replay/case.ts';
import { type Placement, placeCase, type Wanted } from '../../scenarios/replay/place.ts';
import { FAULT_TYPES } from '../../simulators/faults/faults.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import { ModelError, type Network, type Topology } from '../../simulators/model/network.ts';
import { noise } from '../../simulators/model/seeded-noise.ts';
import { mergeTopologies } from '../../simulators/topologies/blueprint.ts';
import { loadTopology } from '../../simulators/topologies/load-topology.ts';
import { refnet } from '../../simulators/topologies/refnet.ts';
import { createModelClock, type ModelClock } from '../compose/model-clock.ts';

/** Whose network is asked about. */
export const TENANT = 'acme';
/** The network is watched for so long before the onset: two full windows of statistics. */
const LEAD_IN_MS = 2 * 3_600_000;

export interface SetCase {
  /** Virtual time; the network is there. */
  readonly onset: number;
  readonly network: Network;
  readonly clock: ModelClock;
  /** What will strike, in names of this network. */
  readonly strikes: readonly CaseFault[];
  readonly expect: ReplayCase['expect'];
  readonly script: ReplayCase['script'];
  readonly question: string;
}

/** Or why the case has no counterpart in the network. */
export function setCase(given: ReplayCase): SetCase | string {
  if (given.too_small !== undefined) return given.too_small;
  const onset = Date.parse(given.onset);
  const network = buildNetwork(given, onset - LEAD_IN_MS);
  const clock = createModelClock(network);
  const placement = placeCase(network, TENANT, wantedBy(network, given));
  if (typeof placement === 'string') return placement;
  plant(network, given, placement);
  clock.advanceTo(onset);
  return {
    ...{ onset, network, clock },
    strikes: moveStrikes(network, given, placement),
    expect: moveExpectation(given, placement),
    script: moveScript(given.script, placement, foreignNames(network)),
    question: placement.retell(given.question),
  };
}

/** All tenants in one; a further tenant has the reference network, with a branch that the first has not. Throws `TOPOLOGY_INVALID`. */
export function loadNetwork({ network, seed, tenants }: Pick<ReplayCase, 'network' | 'seed' | 'tenants'>): Topology {
  try {
    const own = loadTopology(network, { tenant: TENANT, seed, tenantIndex: 0 });
    const sites = new Set(own.devices.flatMap(({ config }) => (config.role === 'edge' ? [config.site] : [])));
    const others = tenants
      .slice(1)
      .map((tenant, at) => refnet({ tenant, branches: sites.size + 1, seed, tenantIndex: at + 1 }));
    return others.length === 0 ? own : mergeTopologies([own, ...others]);
  } catch (error) {
    if (error instanceof ModelError) throw new WayleaveError('TOPOLOGY_INVALID', error.message);
    throw error;
  }
}

function buildNetwork(given: ReplayCase, startAt: number): Network {
  const topology = loadNetwork(given);
  const { seed } = given;
  try {
    const network = createNetwork({ topology, seed, startAt, faults: FAULT_TYPES });
    // What the director knew before is part of what it shows afterwards.
    for (const tenant of given.tenants) directorOf(network, tenant);
    return network;
  } catch (error) {
    if (error instanceof ModelError) throw new WayleaveError('TOPOLOGY_INVALID', error.message);
    throw error;
  }
}

const wantedBy = (network: Network, { faults, needs, condition }: ReplayCase): readonly Wanted[] => [
  ...faults.map(({ type, resource }) => ({ type, resource })),
  ...needs.map((resource) => ({ resource })),
  ...(condition === undefined
    ? []
    : placesFor(network, condition)
        .slice(0, 1)
        .map((resource) => ({ resource, type: condition }))),
];

/** Where a condition without a place may be: at branches, so that work at a hub does not hide behind it. */
function placesFor(network: Network, condition: string): readonly string[] {
  const all = network.bearers(TENANT, condition);
  const { devices } = network.topology();
  const edges = new Set(devices.filter(({ config }) => config.role === 'edge').map(({ device }) => `node/${device}`));
  const atBranches = all.filter((name) => edges.has(name));
  return atBranches.length > 0 ? atBranches : all;
}

function moveStrikes(
  network: Network,
  { faults, condition, id, seed }: ReplayCase,
  placement: Placement,
): readonly CaseFault[] {
  const placed = faults.map((fault) => ({ ...fault, resource: placement.rename(fault.resource) }));
  if (condition === undefined) return placed;
  const places = placesFor(network, condition);
  const resource = places[Math.floor(noise(seed, 'condition', id) * places.length)];
  return resource === undefined ? placed : [...placed, { type: condition, resource, after: 0 }];
}

function moveExpectation({ expect }: ReplayCase, { rename }: Placement): ReplayCase['expect'] {
  const move = (one: Pair): Pair => ({ ...one, resource: rename(one.resource) });
  return {
    verdicts: expect.verdicts,
    causes: expect.causes.map(move),
    equivalent: expect.equivalent.map(rename),
    neutral: expect.neutral.map(move),
    repair: expect.repair,
  };
}

/** Somebody once wrote these texts into devices: they were there before anything happened. */
function plant(network: Network, { planted }: ReplayCase, { rename }: Placement): void {
  for (const { device: name, interface: port, text } of planted) {
    const ref = { tenant: TENANT, device: rename(`node/${name}`).slice('node/'.length) };
    const config = network.config(ref);
    const interfaces = config.interfaces.map((one) => (one.name === port ? { ...one, description: text } : one));
    network.commit(ref, { ...config, interfaces }, 'netops');
  }
}

/** Stands in a script for a device that only another tenant has. */
const FOREIGN = 'foreign_edge';

/** The script on the devices that stand for those it names. */
const moveScript = (
  script: ReplayCase['script'],
  { rename }: Placement,
  foreign: readonly string[],
): ReplayCase['script'] =>
  script.map((step) => {
    const stranger = foreign.find((name) => name.endsWith('_edge')) ?? FOREIGN;
    const move = (device: string): string =>
      device === FOREIGN ? stranger : rename(`node/${device}`).slice('node/'.length);
    if ('tool' in step) return { ...step, devices: step.devices.map(move) };
    if ('breaks' in step) return { ...step, resource: rename(step.resource) };
    if ('running' in step && step.running !== undefined)
      return { ...step, running: { ...step.running, device: move(step.running.device) } };
    return step;
  });

/** Names that only another tenant has: whoever hears one has heard too much. */
export function foreignNames(network: Network): readonly string[] {
  const { devices, hosts } = network.topology();
  const all = [
    ...devices.map(({ tenant, device }) => [tenant, device] as const),
    ...hosts.map(({ tenant, name }) => [tenant, name] as const),
  ];
  const own = new Set(all.flatMap(([tenant, name]) => (tenant === TENANT ? [name] : [])));
  return all.flatMap(([tenant, name]) => (tenant === TENANT || own.has(name) ? [] : [name]));
}
