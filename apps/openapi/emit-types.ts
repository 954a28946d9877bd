/** TypeScript types of the OpenAPI document for the console, which may import nothing else of this repository. */
import { z } from 'zod';

const media = z.record(z.string(), z.object({ schema: z.unknown() }));
const operation = z.object({
  requestBody: z.object({ content: media }).optional(),
  responses: z.record(z.string(), z.object({ content: media })),
});
const openApi = z.object({
  paths: z.record(z.string(), z.looseObject({ get: operation.optional(), post: operation.optional() })),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});
const schemaForm = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  items: z.union([z.array(z.unknown()), z.unknown()]).optional(),
  prefixItems: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
  description: z.string().optional(),
});

/** The whole file. */
export function emitTypes(document: unknown): string {
  const { paths, components } = openApi.parse(document);
  const types = Object.entries(components.schemas).map(
    ([name, schema]) => `${comment(schema)}export type ${name} = ${typeOf(schema)};`,
  );
  const routes = Object.entries(paths);
  const gets = routes.flatMap(([path, { get }]) => {
    const answer = get && answerOf(get);
    return answer === undefined ? [] : [`  '${path}': ${answer};`];
  });
  const posts = routes.flatMap(([path, { post }]) => {
    const answer = post && answerOf(post);
    const body = post?.requestBody?.content['application/json']?.schema;
    const sent = body === undefined ? 'Record<string, never>' : typeOf(body);
    return answer === undefined ? [] : [`  '${path}': { readonly body: ${sent}; readonly answer: ${answer} };`];
  });
  return `/**
 * Types of the HTTP API, made from broker/http/openapi.json by \`npm run openapi\`; not to be edited.
 * Over 300 lines because it is all of the API.
 */
${types.join('\n\n')}

/** What each GET route answers. */
export interface Answers {
${gets.join('\n')}
}
export type Gettable = keyof Answers;

/** What each POST route takes and answers. */
export interface Deeds {
${posts.join('\n')}
}
export type Postable = keyof Deeds;
`;
}

function answerOf({ responses }: z.infer<typeof operation>): string | undefined {
  const success = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
  const schema = success?.content['application/json']?.schema;
  return schema === undefined ? undefined : typeOf(schema);
}

const comment = (schema: unknown): string => {
  const said = schemaForm.safeParse(schema).data?.description;
  return said === undefined ? '' : `/** ${said.replaceAll('*/', '* /').replace(/\s+/g, ' ')} */\n`;
};

const PLAIN: { readonly [type: string]: string } = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
};

/** The type of a schema as TypeScript writes it. */
function typeOf(value: unknown): string {
  if (typeof value === 'boolean') return 'unknown';
  const schema = schemaForm.parse(value);
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  const united = schema.anyOf ?? schema.oneOf;
  if (united !== undefined) return `(${[...new Set(united.map(typeOf))].join(' | ')})`;
  if (schema.allOf !== undefined) return `(${schema.allOf.map(typeOf).join(' & ')})`;
  const { type } = schema;
  if (Array.isArray(type)) return type.map((one) => typeOf({ ...schema, type: one })).join(' | ');
  if (type === 'array') return arrayOf(schema);
  if (type === 'object' || schema.properties !== undefined) return objectOf(schema);
  return type === undefined ? 'unknown' : (PLAIN[type] ?? 'unknown');
}

function arrayOf({ items, prefixItems }: z.infer<typeof schemaForm>): string {
  const tuple = prefixItems ?? (Array.isArray(items) ? items : undefined);
  if (tuple !== undefined) return `readonly [${tuple.map(typeOf).join(', ')}]`;
  return items === undefined ? 'readonly unknown[]' : `readonly (${typeOf(items)})[]`;
}

function objectOf({ properties = {}, required = [], additionalProperties }: z.infer<typeof schemaForm>): string {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
    return `${comment(schema)}readonly ${key}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};`;
  });
  if (fields.length > 0) return `{ ${fields.join(' ')} }`;
  const open = additionalProperties === undefined || additionalProperties === false;
  return open ? 'Record<string, never>' : `{ readonly [name: string]: ${typeOf(additionalProperties)} }`;
}
