/** Checks a story against the networks it may be played in: everything that it names must be in one of them, or it tells of nothing. */
import { WayleaveError } from '../broker/errors.ts';
import { FAULT_TYPES } from '../simulators/faults/faults.ts';
import { createNetwork } from '../simulators/model/create-network.ts';
import { ModelError, type Network, type Topology } from '../simulators/model/network.ts';
import { loadTopology } from '../simulators/topologies/load-topology.ts';
import { refnet } from '../simulators/topologies/refnet.ts';
import { findTool } from '../tools/registry.ts';
import type { Assertion } from './assert.ts';
import type { Place } from './read-yaml.ts';
import { SIGNALS } from './signals/signals.ts';
import { readStory, type Story } from './story.ts';

const TENANT = 'acme';
/** Branches of the network that it is held against, unless the story is about a higher one. */
const BRANCHES = 8;

/** Checks one story. Throws `SCENARIO_INVALID` with line and field for what is malformed, contradictory or not there. */
export type CheckStory = (name: string, root?: string) => Story;

/** Against the reference network alone. */
export const checkStory: CheckStory = (name, root) => createStoryCheck([])(name, root);

/**
 * Against the reference network and `networks` (as `--topology` names them). A name of the reference network is mapped where
 * a network lacks it; one that is in none of them is a mistake. Throws `TOPOLOGY_INVALID` for a network that there is not.
 */
export function createStoryCheck(networks: readonly string[]): CheckStory {
  const built = new Map<string, Network>();
  const networkOf = (name: string, load: () => Topology): Network => {
    const known = built.get(name);
    if (known !== undefined) return known;
    const created = build(load);
    built.set(name, created);
    return created;
  };
  const others = (): readonly Network[] =>
    networks.map((name) => networkOf(name, () => loadTopology(name, { tenant: TENANT, seed: 1, tenantIndex: 0 })));
  return (name, root) => {
    const read = readStory(name, undefined, root);
    const branches = Math.max(BRANCHES, read.value.branch);
    const reference = networkOf(`refnet:${branches}`, () =>
      refnet({ tenant: TENANT, branches, seed: 1, tenantIndex: 0 }),
    );
    return checkAgainst(read, reference, others);
  };
}

function build(load: () => Topology): Network {
  try {
    return createNetwork({ topology: load(), seed: 1, startAt: 0, faults: FAULT_TYPES });
  } catch (error) {
    if (error instanceof ModelError) throw new WayleaveError('TOPOLOGY_INVALID', error.message);
    throw error;
  }
}

/** `others` are looked at only for what the reference network lacks. */
function checkAgainst(
  { value: story, refuse }: ReturnType<typeof readStory>,
  reference: Network,
  others: () => readonly Network[],
): Story {
  checkSignals(story, refuse);
  const strikes = [
    ...story.faults.map((one, at) => ({ ...one, path: ['faults', at, 'resource'] })),
    ...story.maintenance.map((one, at) => ({
      type: one.work,
      resource: one.resource,
      path: ['maintenance', at, 'resource'],
    })),
    ...story.noise.map((one, at) => ({ ...one, path: ['noise', at, 'resource'] })),
    ...story.script.flatMap((one, at) =>
      'breaks' in one ? [{ type: one.breaks, resource: one.resource, path: ['script', at, 'resource'] }] : [],
    ),
  ];
  for (const { type, resource, path } of strikes) {
    const why = whyNot(reference, type, resource);
    if (why !== undefined && others().every((network) => whyNot(network, type, resource) !== undefined))
      throw refuse(path, why);
  }
  for (const [at, one] of story.planted.entries()) {
    const device = [reference, ...others()]
      .flatMap((network) => network.topology().devices)
      .find((each) => each.device === one.device);
    if (device === undefined) throw refuse(['planted', at, 'device'], `there is no device ${one.device}`);
    if (!device.config.interfaces.some((port) => port.name === one.interface))
      throw refuse(['planted', at, 'interface'], `${one.device} has no port ${one.interface}`);
  }
  for (const [at, one] of story.script.entries())
    if ('tool' in one && findTool(one.tool) === undefined)
      throw refuse(['script', at, 'tool'], `there is no tool ${one.tool}; \`wayleave tools list\` shows them`);
  return story;
}

/** What keeps the network from bearing the fault, in words. */
function whyNot(network: Network, type: string, resource: string): string | undefined {
  try {
    network.clear(network.inject({ tenant: TENANT, type, resource, startAt: network.now() + 1 }));
    return undefined;
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
}

function checkSignals(story: Story, refuse: (path: Place, says: string) => WayleaveError): void {
  for (const part of ['symptoms', 'stays_healthy'] as const) {
    const asks: readonly Assertion[] = story[part];
    const at = asks.findIndex(({ signal }) => !Object.hasOwn(SIGNALS, signal));
    if (at >= 0)
      throw refuse([part, at, 'signal'], `there is no signal ${asks[at]?.signal}; docs/signals.md lists them`);
  }
}
