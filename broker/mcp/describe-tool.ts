/** How a tool appears to an MCP client: schemas of what goes in and comes out, and hints made from its effect. */
import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { ToolListing } from '../contract.ts';

const schemaOfObject = z.looseObject({
  type: z.literal('object'),
  properties: z.record(z.string(), z.looseObject({})).optional(),
  required: z.array(z.string()).optional(),
});

const evidence = z.looseObject({
  id: z.string(),
  resource: z.string(),
  signal: z.string(),
  value: z.union([z.string(), z.number(), z.boolean()]),
  observedAt: z.string(),
});
const refusal = z.object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string() }) });
const answer = z.union([
  z.looseObject({
    status: z.literal('done'),
    intent: z.string(),
    evidence: z.array(evidence),
    receipt: z.looseObject({ outcome: z.enum(['succeeded', 'failed', 'reverted', 'unknown']) }).optional(),
  }),
  z.looseObject({
    status: z.literal('pending'),
    intent: z.string(),
    approval: z.string(),
    summary: z.looseObject({ diff: z.string(), expiresAt: z.string() }),
  }),
  refusal, // clients hold refusals against the schema, too
]);

/** `structuredContent` of every tool: `Answer` of the contract, or a refusal. */
export const ANSWER_SCHEMA = asOutputSchema(answer);

/** A schema for `outputSchema`, whose top must say `object` (MCP, tools); a refusal is always among what may come. */
export function asOutputSchema(schema: z.ZodType): NonNullable<Tool['outputSchema']> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema);
  return JSON.parse(JSON.stringify({ ...rest, type: 'object' }));
}

export const orRefusal = <T extends z.ZodType>(schema: T) => z.union([schema, refusal]);

/** Annotations are hints for the client's user interface; policy never reads them. */
export function describeTool(listing: ToolListing): Tool {
  const { properties, required, ...rest } = schemaOfObject.parse(listing.inputSchema);
  return {
    name: listing.name,
    description: listing.description,
    inputSchema: {
      ...rest,
      ...(properties === undefined ? {} : { properties }),
      ...(required === undefined ? {} : { required }),
    },
    outputSchema: ANSWER_SCHEMA,
    annotations: {
      readOnlyHint: listing.effect === 'read',
      destructiveHint: listing.effect === 'change' || listing.effect === 'contain',
      // A change is an edit of the configuration: the same one again leaves it as it is. Probes and end times repeat.
      idempotentHint: listing.effect === 'read' || listing.effect === 'change',
      openWorldHint: false,
    },
  };
}
