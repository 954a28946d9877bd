/** `readings.history`: what was measured before of the few signals that are watched over time, evenly thinned. */
import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import { storedObservations } from './evidence-get.ts';
import { jsonOf } from './replies.ts';

/** Percentages whose course says when something will be full. */
export const WATCHED = ['if.util_pct', 'dev.mem_pct', 'fw.session_use_pct', 'nat.port_use_pct'] as const;

/** Devices of one call: 48 samples of each of their series stay below what one call may read. */
export const MOST_WATCHED = 20;

export const readingsHistory = defineTool({
  name: 'readings.history',
  domain: 'inventory',
  effect: 'read',
  description:
    'Returns what was measured of the devices in the past two weeks (utilisation, memory, sessions, address translation): up to 48 samples of each, spread evenly.',
  targets: 'none',
  input: z.strictObject({
    devices: z
      .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/))
      .min(1)
      .max(MOST_WATCHED)
      .describe('Names of devices; those that are not of the tenant have no history'),
    signals: z
      .array(z.enum(WATCHED))
      .min(1)
      .max(WATCHED.length)
      .default([...WATCHED]),
  }),
  plan: ({ devices, signals }) => [{ protocol: 'records', kind: 'history', query: { devices, signals } }],
  read: (replies) => replies.flatMap((reply) => storedObservations.safeParse(jsonOf(reply)).data ?? []),
});
