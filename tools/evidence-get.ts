/** `evidence.get`: stored observations again, by their ids. */
import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import { jsonOf } from './replies.ts';

/** Observations as the broker keeps them. */
export const storedObservations = z.array(
  z.object({
    resource: z.string(),
    signal: z.string(),
    value: z.union([z.string(), z.number(), z.boolean()]),
    observedAt: z.string(),
    source: z.string(),
  }),
);

export const evidenceGet = defineTool({
  name: 'evidence.get',
  domain: 'inventory',
  effect: 'read',
  description: 'Returns stored observations by their ids; ids that do not resolve in the tenant are left out.',
  targets: 'none',
  input: z.strictObject({
    ids: z
      .array(z.string().regex(/^evd_[A-Za-z0-9]{1,64}$/))
      .min(1)
      .max(500)
      .describe('Evidence ids, evd_…'),
  }),
  plan: ({ ids }) => [{ protocol: 'records', kind: 'evidence', query: { ids } }],
  read: (replies) => replies.flatMap((reply) => storedObservations.safeParse(jsonOf(reply)).data ?? []),
});
