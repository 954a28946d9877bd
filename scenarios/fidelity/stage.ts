/** Where a story is played: a network of a size and seed, with the story's branch mapped onto one that is there. */

import { FAULT_TYPES } from '../../simulators/faults/faults.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import { ModelError, type Network, type Topology } from '../../simulators/model/network.ts';
import { REFNET_SIZES, refnet } from '../../simulators/topologies/refnet.ts';
import { directorOf } from '../answer.ts';
import type { Story } from '../story.ts';
import { createSurface, type Surface } from '../surface.ts';

export type Size = keyof typeof REFNET_SIZES;

/** The only tenant of the stage. */
export const TENANT = 'acme';
/** The network has been watched for so long when the incident begins. */
const BEFORE_MS = 600_000;

/**
 * The branch that stands for a story's: itself where the network has it, else one of the same role, counted around.
 * Fidelity and replay share this rule.
 */
export const mapBranch = (branch: number, branches: number): number =>
  branch <= branches ? branch : ((branch - 1) % branches) + 1;

export const topologyOf = (size: Size, seed: number): Topology =>
  refnet({ tenant: TENANT, branches: REFNET_SIZES[size], seed, tenantIndex: 0 });

export interface Stage {
  readonly network: Network;
  readonly surface: Surface;
  /** Virtual time of the onset; the network is there. */
  readonly onset: number;
}

/** A healthy network just before the onset of a story. */
export function setStage(topology: Topology, seed: number, story: Pick<Story, 'starts'>): Stage {
  // Seeds also move the onset against polls, renewals and rekeys.
  const onset = Date.parse(story.starts) + ((seed * 7_919) % 600) * 1_000;
  const network = createNetwork({ topology, seed, startAt: onset - BEFORE_MS, faults: FAULT_TYPES });
  // What the director knew before is part of what it shows afterwards.
  directorOf(network, TENANT);
  network.advanceTo(onset);
  return { network, surface: createSurface(network, TENANT), onset };
}

/** Lets the incident begin. Returns why it cannot happen in this network, or undefined. */
export function strike({ network, onset }: Stage, story: Story): string | undefined {
  const missing = story.needs.find((name) => !hasResource(network, name));
  if (missing !== undefined) return `there is no ${missing}`;
  try {
    for (const { type, resource, intensity, after } of story.faults) {
      const request = { tenant: TENANT, type, resource, ...(intensity === undefined ? {} : { intensity }) };
      network.inject(after === 0 ? request : { ...request, startAt: onset + after * 1_000 });
    }
    return undefined;
  } catch (error) {
    if (error instanceof ModelError && UNFIT.has(error.code)) {
      return error.message.slice(0, 200);
    }
    throw error;
  }
}

const UNFIT: ReadonlySet<string> = new Set(['RESOURCE_UNKNOWN', 'KIND_UNFIT']);

const hasResource = (network: Network, name: string): boolean =>
  network.devices().some((ref) => ref.tenant === TENANT && name === `node/${ref.device}`);
