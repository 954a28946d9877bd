/** The OpenAPI 3.1 document: requests from the schemas that read them, answers from the types that they have. */
import { z } from 'zod';
import { chatEvent } from '../../agents/events.ts';
import { ERRORS } from '../../broker/errors.ts';
import { OPERATIONS, type Operation } from './operations.ts';

type Schema = { readonly [key: string]: unknown };

/** JSON schemas as they are made from `answers.ts`: a type `Answers` with a property a route, and the types that it names. */
export interface AnswerSchemas {
  readonly definitions: { readonly [name: string]: Schema };
}

const NAMED = '#/components/schemas/';

/** Throws when an operation has no answer in `answers.ts`, or an answer no operation. */
export function buildOpenApi({ definitions }: AnswerSchemas): Schema {
  const { Answers: answers, ...named } = definitions;
  const properties = z.object({ properties: z.record(z.string(), z.unknown()) }).parse(answers).properties;
  const json = Object.entries(OPERATIONS).flatMap(([route, { media }]) => (media === undefined ? [route] : []));
  const difference = differ(
    json,
    Object.keys(properties).filter((route) => !route.startsWith('TOLD ')),
  );
  if (difference.length > 0) throw new Error(`operations.ts and answers.ts differ in ${difference.join(', ')}`);
  const paths: { [path: string]: { [method: string]: unknown } } = {};
  for (const [route, operation] of Object.entries(OPERATIONS)) {
    const [method = '', path = ''] = route.split(' ');
    paths[path] = {
      ...paths[path],
      ...(/^\/(api|hooks)\//.test(path) ? {} : { servers: AGENTS }),
      // Its signature is what opens it.
      ...(path.startsWith('/hooks/') ? { parameters: SIGNATURE } : {}),
      [method.toLowerCase()]: describe(path, operation, properties[route]),
    };
  }
  return rename({
    openapi: '3.1.0',
    info: {
      title: 'Wayleave',
      version: '1',
      description:
        'What people can do, by console, command line or script. Access tokens are bound to a key: every request carries a DPoP proof (RFC 9449).',
    },
    servers: [{ url: '/', description: 'The broker' }],
    security: [{ dpop: [] }],
    paths,
    components: {
      securitySchemes: {
        worker: {
          ...{ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          description: 'An assertion signed by a worker’s key for the URL of /api/worker',
        },
        dpop: { type: 'http', scheme: 'DPoP', description: 'Audience urn:wayleave:control, or urn:wayleave:agents' },
      },
      schemas: { ...named, Problem: PROBLEM, ChatEvent: toSchema(chatEvent) },
    },
  });
}

const differ = (some: readonly string[], others: readonly string[]): readonly string[] => [
  ...some.filter((one) => !others.includes(one)),
  ...others.filter((one) => !some.includes(one)),
];

const AGENTS = [
  {
    url: '{agents}',
    description: 'The agents, who answer at an address of their own',
    variables: { agents: { default: 'http://127.0.0.1:7421' } },
  },
];

/** Standard Webhooks 1.0. */
const SIGNATURE = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
  ...{ name, in: 'header', required: true, schema: { type: 'string' } },
}));

const PROBLEM = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'hint'],
      properties: {
        code: { type: 'string', enum: Object.keys(ERRORS) },
        message: { type: 'string' },
        hint: { type: 'string' },
      },
    },
  },
};

function describe(path: string, operation: Operation, answer: unknown): Schema {
  const { summary, query, body, status = 200, media, or, by } = operation;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const fromQuery = query === undefined ? {} : toSchema(query);
  const { properties, required } = z
    .object({ properties: z.record(z.string(), z.unknown()).default({}), required: z.array(z.string()).default([]) })
    .parse(fromQuery);
  const parameters = [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...Object.entries(properties).map(([name, schema]) => ({
      ...{ name, in: 'query', required: required.includes(name) },
      schema,
    })),
  ];
  const content =
    media === undefined
      ? { 'application/json': { schema: answer } }
      : {
          [media]: { schema: media === 'text/event-stream' ? eventOf(path) : { type: 'string' } },
          ...(or === undefined ? {} : { [or]: { schema: { type: 'string' } } }),
        };
  return {
    summary,
    ...(by === undefined ? {} : { security: [{ [by]: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: toSchema(body) } } } }),
    responses: {
      [status]: { description: 'Done', content },
      default: {
        description: 'Refused, with a code that docs/errors.md explains',
        content: { 'application/json': { schema: { $ref: `${NAMED}Problem` } } },
      },
    },
  };
}

/** What the `data` of one event of the stream is. */
const eventOf = (path: string): Schema => ({ $ref: `${NAMED}${path === '/api/events' ? 'IntentStep' : 'ChatEvent'}` });

function toSchema(schema: z.ZodType): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

/** Names that are allowed in a reference, and references to where OpenAPI keeps schemas. */
function rename(document: Schema): Schema {
  const clean = (name: string): string => name.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_|_$/g, '');
  const walk = (value: unknown, isNames: boolean): unknown => {
    if (Array.isArray(value)) return value.map((item) => walk(item, false));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        if (key === '$ref' && typeof inner === 'string') {
          const name = decodeURIComponent(inner.slice(inner.lastIndexOf('/') + 1));
          return [key, `${NAMED}${clean(name)}`];
        }
        return [isNames ? clean(key) : key, walk(inner, key === 'schemas')];
      }),
    );
  };
  return walk(document, false) as Schema;
}
