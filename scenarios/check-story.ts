/** Checks a story against the reference network: everything that it names must be there, or it tells of nothing. */
import type { WayleaveError } from '../broker/errors.ts';
import { FAULT_TYPES } from '../simulators/faults/faults.ts';
import { createNetwork } from '../simulators/model/create-network.ts';
import { ModelError } from '../simulators/model/network.ts';
import { refnet } from '../simulators/topologies/refnet.ts';
import { findTool } from '../tools/registry.ts';
import type { Assertion } from './assert.ts';
import type { Place } from './read-yaml.ts';
import { SIGNALS } from './signals/signals.ts';
import { readStory, type Story } from './story.ts';

const TENANT = 'acme';
/** Branches of the network that it is held against, unless the story is about a higher one. */
const BRANCHES = 8;

/** Throws `SCENARIO_INVALID` with line and field for what is malformed, contradictory or not there. */
export function checkStory(name: string): Story {
  const { value: story, refuse } = readStory(name);
  checkSignals(story, refuse);
  const topology = refnet({ tenant: TENANT, branches: Math.max(BRANCHES, story.branch), seed: 1, tenantIndex: 0 });
  const network = createNetwork({ topology, seed: 1, startAt: Date.parse(story.starts), faults: FAULT_TYPES });
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
    try {
      network.clear(network.inject({ tenant: TENANT, type, resource, startAt: network.now() + 1 }));
    } catch (error) {
      if (error instanceof ModelError) throw refuse(path, error.message);
      throw error;
    }
  }
  for (const [at, one] of story.planted.entries()) {
    const device = topology.devices.find((each) => each.device === one.device);
    if (device === undefined) throw refuse(['planted', at, 'device'], `there is no device ${one.device}`);
    if (!device.config.interfaces.some((port) => port.name === one.interface))
      throw refuse(['planted', at, 'interface'], `${one.device} has no port ${one.interface}`);
  }
  for (const [at, one] of story.script.entries())
    if ('tool' in one && findTool(one.tool) === undefined)
      throw refuse(['script', at, 'tool'], `there is no tool ${one.tool}; \`wayleave tools list\` shows them`);
  return story;
}

function checkSignals(story: Story, refuse: (path: Place, says: string) => WayleaveError): void {
  for (const part of ['symptoms', 'stays_healthy'] as const) {
    const asks: readonly Assertion[] = story[part];
    const at = asks.findIndex(({ signal }) => !Object.hasOwn(SIGNALS, signal));
    if (at >= 0)
      throw refuse([part, at, 'signal'], `there is no signal ${asks[at]?.signal}; docs/signals.md lists them`);
  }
}
