/**
 * The Cedar schema of the policies, generated from the tools' own input schemas: a policy that misspells a tool, a
 * parameter or a role does not pass activation. Cedar schema JSON: https://docs.cedarpolicy.com/schema/json-schema.html
 */
import type { SchemaJson, Type, TypeOfAttribute } from '@cedar-policy/cedar-wasm/nodejs';
import { z } from 'zod';
import type { Tool } from '../../tools/tool.ts';
import { AGENTS, DOMAINS, ROLES } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { PolicyDomain } from '../ports.ts';

/** What the policy needs to know of a tool. */
export type ToolFacts = Pick<Tool, 'name' | 'effect' | 'targets' | 'input'> & { readonly domain: PolicyDomain };

/**
 * The one action for all tools of upstream MCP servers. It is in no domain of the broker's own tools: what permits those
 * permits none of theirs. A policy tells them apart by `context.input`.
 */
export const UPSTREAM_READ: ToolFacts = {
  ...{ name: 'upstream.read', domain: 'upstream', effect: 'read', targets: 'none' },
  input: z.strictObject({
    server: z.string().describe('Name of the server'),
    tool: z.string().describe('Name of the tool there'),
    domain: z.string().describe('Domain in which it is offered'),
    arguments: z.string().describe('The arguments, as canonical JSON'),
  }),
};

/** Cedar types that a tool's input can have. Cedar has no floating point numbers, no null and no open records. */
export type CedarShape =
  | { readonly type: 'String' | 'Long' | 'Boolean' }
  | { readonly type: 'Set'; readonly element: CedarShape }
  | { readonly type: 'Record'; readonly attributes: { readonly [name: string]: CedarField } };
export type CedarField = CedarShape & { readonly required: boolean };

export const EFFECTS = ['read', 'probe', 'change', 'contain'] as const;

const JsonSchemaNode: z.ZodType<JsonSchema> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    properties: z.record(z.string(), JsonSchemaNode).optional(),
    required: z.array(z.string()).optional(),
    items: JsonSchemaNode.optional(),
    additionalProperties: z.unknown().optional(),
  }),
);
interface JsonSchema {
  readonly type?: string | undefined;
  readonly properties?: { readonly [name: string]: JsonSchema } | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: JsonSchema | undefined;
  readonly additionalProperties?: unknown;
}

/**
 * The Cedar shape of a tool's input.
 * @throws WayleaveError `INTERNAL` naming the parameter, for input that Cedar cannot type (numbers with a fraction, unions, open records).
 */
export function shapeInput(tool: Pick<Tool, 'name' | 'input'>): CedarShape {
  return shapeNode(JsonSchemaNode.parse(z.toJSONSchema(tool.input)), `${tool.name}: input`);
}

function shapeNode(node: JsonSchema, path: string): CedarShape {
  switch (node.type) {
    case 'string':
      return { type: 'String' };
    case 'integer':
      return { type: 'Long' };
    case 'boolean':
      return { type: 'Boolean' };
    case 'array':
      if (node.items !== undefined) return { type: 'Set', element: shapeNode(node.items, `${path}[]`) };
      break;
    case 'object': {
      if (node.additionalProperties !== undefined && node.additionalProperties !== false) break;
      const fields = Object.entries(node.properties ?? {}).map(
        ([name, child]) =>
          [name, { ...shapeNode(child, `${path}.${name}`), required: node.required?.includes(name) ?? false }] as const,
      );
      return { type: 'Record', attributes: Object.fromEntries(fields) };
    }
    default:
  }
  throw new WayleaveError('INTERNAL', `${path} has a type that no policy can read (${node.type ?? 'a union'}).`);
}

/** Mutable copy in the form that Cedar's own types ask for. */
function toCedarType(shape: CedarShape): Type<string> {
  if (shape.type === 'Set') return { type: 'Set', element: toCedarType(shape.element) };
  if (shape.type !== 'Record') return { type: shape.type };
  return { type: 'Record', attributes: toAttributes(shape.attributes) };
}
const toAttributes = (fields: { readonly [name: string]: CedarField }): Record<string, TypeOfAttribute<string>> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, { ...toCedarType(field), required: field.required }]),
  );

const record = (attributes: Record<string, Type<string>>): Type<string> => ({ type: 'Record', attributes });
const text: Type<string> = { type: 'String' };
const long: Type<string> = { type: 'Long' };
const names: Type<string> = { type: 'Set', element: text };

/**
 * The schema of all tools: one action a tool, grouped by effect (`Action::"read"`) and domain (`Action::"wan"`).
 * Roles and agents are enumerated, so a misspelt one is refused. `context.subject` is the same in the human's and in the
 * agent's decision, and every resource has `tenant`, so that one rule keeps tenants apart. Times are epoch seconds and
 * hours of the day in UTC, weekdays from Monday, 1, to Sunday, 7.
 */
export function buildSchema(tools: readonly ToolFacts[]): SchemaJson<string> {
  const groups = Object.fromEntries([...EFFECTS, ...DOMAINS, UPSTREAM_READ.domain].map((name) => [name, {}]));
  const actions = [...tools, UPSTREAM_READ].map((tool) => [
    tool.name,
    {
      memberOf: [{ id: tool.effect }, { id: tool.domain }],
      appliesTo: {
        principalTypes: ['Human', 'Agent'],
        resourceTypes: [tool.targets === 'none' ? 'Tenant' : 'Device'],
        context: record({
          input: toCedarType(shapeInput(tool)),
          purpose: record({ id: text, kind: text, open: { type: 'Boolean' } }),
          now: long,
          hour: long,
          weekday: long,
          risk: long,
          targetCount: long,
          taint: names,
          windows: names,
          unusual: names,
          subject: record({ human: text, tenant: text, agent: text, roles: { type: 'Set', element: text } }),
        }),
      },
    },
  ]);
  return {
    '': {
      entityTypes: {
        Role: { enum: [...ROLES] },
        Human: { memberOfTypes: ['Role'] },
        Agent: { enum: [...AGENTS] },
        Device: {
          shape: record({ tenant: text, name: text, role: text, site: text, ladder: text, criticality: text }),
        },
        Tenant: { shape: record({ tenant: text }) },
      },
      actions: { ...groups, ...Object.fromEntries(actions) },
    },
  };
}
