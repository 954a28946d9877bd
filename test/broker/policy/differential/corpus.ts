/**
 * Compares the evaluators over a folder of tests in the form of Cedar's own integration tests: JSON files that name their
 * policies, entities and schema and list requests with the answers that Cedar must give. Paths in them are looked up from
 * the file's folder upwards. Form: https://github.com/cedar-policy/cedar-integration-tests
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { z } from 'zod';
import { CompileError } from '../../../../broker/policy/cedar/compile-error.ts';
import { compilePolicySet } from '../../../../broker/policy/cedar/policy-set.ts';
import { createSceneReader, readUntyped } from '../../../../broker/policy/cedar/schema-reader.ts';
import { type Difference, sayAnswer, sayClosures } from './compare.ts';

const uid = z.object({ type: z.string(), id: z.string() });
const Requests = z.array(
  z.object({
    principal: uid,
    action: uid,
    resource: uid,
    context: z.record(z.string(), z.json()),
    decision: z.string(),
    reason: z.array(z.string()).optional(),
    reasons: z.array(z.string()).optional(),
    errors: z.array(z.string()),
    validateRequest: z.boolean().default(true),
    description: z.string().default(''),
  }),
);
const TestFile = z.object({
  policies: z.string(),
  entities: z.string(),
  schema: z.string(),
  shouldValidate: z.boolean().default(true),
  requests: Requests.optional(),
  queries: Requests.optional(),
});
const Entities = z.array(
  z.object({
    uid: z.union([uid, z.object({ __entity: uid })]),
    attrs: z.record(z.string(), z.json()),
    parents: z.array(z.union([uid, z.object({ __entity: uid })])),
    tags: z.record(z.string(), z.json()).optional(),
  }),
);

export interface CorpusResult {
  readonly file: string;
  readonly compared: number;
  readonly differences: readonly Difference[];
  /** Why the file was not compared. */
  readonly skipped?: string;
}

/** Every JSON file of the folder, also in folders below, that has the form of a test. */
export function* compareCorpus(folder: string): Generator<CorpusResult> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const file = path.join(folder, name);
    const test = TestFile.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (!test.success) continue;
    try {
      yield compareFile(file, test.data);
    } catch (error) {
      if (!(error instanceof CompileError || error instanceof Unsupported)) throw error;
      yield { file, compared: 0, differences: [], skipped: error.message };
    }
  }
}

class Unsupported extends Error {
  override readonly name = 'Unsupported';
}

function find(from: string, name: string): string {
  for (let folder = path.dirname(from); ; folder = path.dirname(folder)) {
    const found = path.join(folder, name);
    if (existsSync(found)) return found;
    if (folder === path.dirname(folder)) throw new Error(`${from} names ${name}, which is nowhere above it`);
  }
}

function compareFile(file: string, test: z.infer<typeof TestFile>): CorpusResult {
  const text = readFileSync(find(file, test.policies), 'utf8');
  const entities = Entities.parse(JSON.parse(readFileSync(find(file, test.entities), 'utf8')));
  const schemaText = readFileSync(find(file, test.schema), 'utf8');
  const schema = readSchema(schemaText);
  const set = compilePolicySet(readPolicies(text));
  const differences: Difference[] = [];
  const requests = test.requests ?? test.queries ?? [];
  for (const request of requests) {
    const question = { ...request, entities };
    const { principal, action, resource, context } = request;
    const answer = cedar.isAuthorized({
      ...{ principal, action, resource, context, validateRequest: request.validateRequest, schema },
      policies: { staticPolicies: text },
      entities: entities as cedar.Entities,
    });
    const theirs = sayAnswer(answer);
    const ours = sayClosures(
      set,
      test.shouldValidate && isPlain(schema) ? createSceneReader(schema) : readUntyped,
      question,
    );
    const wanted = request.decision.toLowerCase() === 'allow' ? 'permit' : 'deny';
    const expected = `${wanted} because of [${[...(request.reason ?? request.reasons ?? [])].sort().join()}] with errors in [${[...request.errors].sort().join()}]`;
    if (ours !== theirs || ours !== expected) {
      differences.push({
        where: `${file}: ${request.description}`,
        cedar: `${theirs}; the file says ${expected}`,
        closures: ours,
        question: { principal, action, resource, context },
        policies: text,
      });
    }
  }
  return { file, compared: requests.length, differences };
}

function readSchema(text: string): cedar.SchemaJson<string> {
  if (text.trimStart().startsWith('{') && text.includes('"entityTypes"'))
    return JSON.parse(text) as cedar.SchemaJson<string>;
  const read = cedar.schemaToJsonWithResolvedTypes(text);
  if (read.type === 'failure') throw new Unsupported(`its schema cannot be read: ${read.errors[0]?.message ?? ''}`);
  return read.json;
}

/** One namespace without a name and no common types: what the broker's own reader reads. */
function isPlain(schema: cedar.SchemaJson<string>): boolean {
  const [name, ...more] = Object.keys(schema);
  if (name !== '' || more.length > 0 || Object.keys(schema['']?.commonTypes ?? {}).length > 0)
    throw new Unsupported('its schema has namespaces or common types, which the broker does not use');
  return true;
}

/** Cedar names policies of a text `policy0`, `policy1`, … and returns the parts sorted by these names. */
function readPolicies(text: string): readonly { readonly id: string; readonly json: unknown }[] {
  const parts = cedar.policySetTextToParts(text);
  if (parts.type === 'failure') throw new Unsupported(`its policies cannot be read: ${parts.errors[0]?.message ?? ''}`);
  if (parts.policy_templates.length > 0) throw new Unsupported('it has templates, which activation refuses');
  const ids = parts.policies.map((_, n) => `policy${n}`).sort();
  return parts.policies.map((policy, n) => {
    const read = cedar.policyToJson(policy);
    if (read.type === 'failure') throw new Unsupported(`a policy cannot be read: ${read.errors[0]?.message ?? ''}`);
    return { id: ids[n] ?? '', json: read.json };
  });
}
