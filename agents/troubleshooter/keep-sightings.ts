/** Records as text for a checkpoint, and back: what came from a device is a string in there, cut and counted. */
import { z } from 'zod';
import type { Sighting } from '../diagnosis/observation.ts';

const sightings = z.array(
  z.object({
    id: z.string(),
    resource: z.string(),
    signal: z.string(),
    value: z.union([z.string(), z.number(), z.boolean()]),
    observedAt: z.string(),
    source: z.string(),
  }),
);

/** Longest device text, and most records. */
const MAX_VALUE = 400;
const MAX_SIGHTINGS = 500;

export const keepSightings = (seen: readonly Sighting[]): string =>
  JSON.stringify(
    seen.slice(0, MAX_SIGHTINGS).map(({ id, resource, signal, value, observedAt, source }) => ({
      ...{ id, resource, signal, observedAt, source },
      value: typeof value === 'string' ? value.slice(0, MAX_VALUE) : value,
    })),
  );

export const readSightings = (text: string): readonly Sighting[] =>
  text === '' ? [] : sightings.parse(JSON.parse(text));
