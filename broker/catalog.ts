/** How a tool appears to a caller: its listing, with the JSON schema of the call envelope around its own input. */
import { z } from 'zod';
import type { Tool } from '../tools/tool.ts';
import type { Json, Subject, ToolListing } from './contract.ts';

/** Names are at most 64 ASCII characters, as the models allow. */
const deviceName = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/);

/** Form of the arguments of a call. */
export type CallSchema = z.ZodType<{
  readonly target?: { readonly devices: readonly string[] } | undefined;
  readonly input: unknown;
  readonly purpose: string;
  readonly evidence?: readonly string[] | undefined;
  readonly intent?: string | undefined;
}>;

/** A schema is compiled when it parses for the first time, which costs more than the rest of a call: once a tool. */
const schemas = new WeakMap<Tool, CallSchema>();

/** The envelope of every call (`CallArguments`), with the tool's own input schema inside; unknown keys are refused. */
export function callSchema(tool: Tool): CallSchema {
  const known = schemas.get(tool) ?? buildCallSchema(tool);
  schemas.set(tool, known);
  return known;
}

function buildCallSchema(tool: Tool): CallSchema {
  const count = tool.targets === 'one' ? 1 : 500;
  const target = z.strictObject({ devices: z.array(deviceName).min(1).max(count) });
  return z.strictObject({
    target: tool.targets === 'none' ? z.undefined().optional() : target.describe('Device names, never empty'),
    input: tool.input,
    purpose: z
      .string()
      .regex(/^(inc_|sch_|chat:)[A-Za-z0-9_.:@-]{1,120}$/)
      .describe('Incident (inc_…), schedule (sch_…) or chat turn (chat:…) that the call serves'),
    evidence: z
      .array(z.string().regex(/^evd_[a-z0-9]{1,64}$/))
      .max(500)
      .optional(),
    intent: z
      .string()
      .regex(/^int_[a-z0-9]{8,64}$/)
      .optional()
      .describe('Idempotency key: the same key is never executed twice'),
  });
}

/** The listing of a tool for MCP `tools/list`. What others wrote about a tool of theirs is kept from agents. */
export function toolSchema(tool: Tool, { agent }: Pick<Subject, 'agent'> = {}): ToolListing {
  const { name, domain, effect, upstream } = tool;
  const schema = z.toJSONSchema(callSchema(tool), { unrepresentable: 'any' });
  const bare = agent !== undefined;
  if (upstream !== undefined && schema.properties !== undefined)
    schema.properties['input'] = JSON.parse(JSON.stringify(bare ? upstream.bareSchema : upstream.inputSchema));
  return {
    ...{ name, domain, effect },
    description: upstream !== undefined && bare ? upstream.bareDescription : tool.description,
    inputSchema: JSON.parse(JSON.stringify(schema)) as Json,
  };
}
