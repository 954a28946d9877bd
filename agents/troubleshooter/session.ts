/** The diagnosis of one task as the conversation's state holds it: scope, sightings, features, taken back from text. */
import { z } from 'zod';
import type { Evidence } from '../../broker/contract.ts';
import type { Feature, Sighting } from '../diagnosis/feature.ts';
import { extractFeatures } from '../diagnosis/features.ts';
import type { Scope } from '../diagnosis/scope.ts';
import { createScope } from '../diagnosis/scope.ts';
import type { Inventory } from '../inventory.ts';
import { parseInventory } from '../inventory.ts';
import type { Conversation } from '../state.ts';
import { currentTask } from '../state.ts';

const sighting = z.object({
  id: z.string(),
  resource: z.string(),
  signal: z.string(),
  value: z.union([z.string(), z.number(), z.boolean()]),
  observedAt: z.string(),
});

/** Longest device text kept in a checkpoint, and most sightings of one read. */
const MAX_VALUE = 400;
const MAX_SIGHTINGS = 2_000;

/** Signals that no feature uses and that are long or plentiful. */
const UNUSED = new Set(['config', 'bfd.transitions', 'if.in_errors', 'if.out_drops', 'if.mtu', 'if.last_change']);

/** Evidence as text for a checkpoint: only what the diagnosis uses. */
export function keepSightings(evidence: readonly Evidence[]): string {
  const kept = evidence
    .filter(({ signal }) => !UNUSED.has(signal))
    .slice(0, MAX_SIGHTINGS)
    .map(({ id, resource, signal, value, observedAt }) => ({
      id,
      resource,
      signal,
      value: typeof value === 'string' ? value.slice(0, MAX_VALUE) : value,
      observedAt,
    }));
  return JSON.stringify(kept);
}

export interface Session {
  readonly inventory: Inventory;
  readonly scope: Scope;
  readonly sightings: readonly Sighting[];
  readonly features: ReadonlyMap<string, Feature>;
  /** Keys of reads that were made, answered or not. */
  readonly made: ReadonlySet<string>;
}

/** All sightings of the task at hand, in the order in which they were first read. */
export function readSightings({ reads }: Pick<Conversation, 'reads'>): readonly Sighting[] {
  return Object.values(reads).flatMap((text) => z.array(sighting).parse(JSON.parse(text)));
}

/** Takes the session back from the state; `suspect` may be set anew. */
export function openSession(state: Conversation, suspect: string = state.suspect): Session {
  const inventory = parseInventory(state.inventory);
  const scope = createScope(inventory, suspect, currentTask(state).service);
  const sightings = readSightings(state);
  return {
    inventory,
    scope,
    sightings,
    features: extractFeatures(sightings, scope),
    made: new Set([...Object.keys(state.reads), ...Object.keys(state.unread)]),
  };
}
