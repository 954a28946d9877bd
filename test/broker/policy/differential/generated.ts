/** Compares the evaluators over policies that nobody wrote: the grammar's, with entities and questions made to hit their constants. */
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { compilePolicySet, type ParsedPolicy, type PolicySet } from '../../../../broker/policy/cedar/policy-set.ts';
import { readUntyped } from '../../../../broker/policy/cedar/schema-reader.ts';
import { type Difference, SLOT, sayCedar, sayClosures } from './compare.ts';
import { writePolicy } from './grammar.ts';
import type { Random } from './random.ts';
import { findConstants, writeEntities, writeQuestion } from './requests.ts';

const QUESTIONS_A_SET = 40;

export interface Progress {
  readonly compared: number;
  readonly difference?: Difference;
  /** How the compared answer came out, for the tally. */
  readonly said: string;
}

/** Comes to an end after `requests` comparisons; `compile` is replaced by tests that plant a mistake. */
export function* compareGenerated(
  requests: number,
  random: Random,
  compile: (policies: readonly ParsedPolicy[]) => PolicySet = compilePolicySet,
): Generator<Progress> {
  let compared = 0;
  while (compared < requests) {
    const policies = writeSet(random);
    const set = compile(policies);
    const known = findConstants(policies);
    for (let n = 0; n < QUESTIONS_A_SET && compared < requests; n += 10) {
      const entities = writeEntities(known, random);
      for (let m = 0; m < 10 && compared < requests; m += 1) {
        const question = writeQuestion(known, entities, random);
        const theirs = sayCedar(question);
        const ours = sayClosures(set, readUntyped, question);
        compared += 1;
        const difference = { where: 'generated', cedar: theirs, closures: ours, question, policies };
        yield ours === theirs ? { compared, said: ours } : { compared, said: ours, difference };
      }
    }
  }
}

/** One to five policies that Cedar takes, in the form in which Cedar gives them back. */
function writeSet(random: Random): readonly { readonly id: string; readonly json: cedar.PolicyJson }[] {
  for (;;) {
    const written = Array.from(
      { length: 1 + random.below(5) },
      () => writePolicy(random) as unknown as cedar.PolicyJson,
    );
    const read = written.flatMap((json, n) => {
      const text = cedar.policyToText(json);
      const parsed = text.type === 'success' ? cedar.policyToJson(text.text) : undefined;
      return parsed?.type === 'success' ? [{ id: `p${n}`, json: parsed.json }] : [];
    });
    const taken = read.filter(({ json }) => isExact(json));
    const staticPolicies = Object.fromEntries(taken.map(({ id, json }) => [id, json]));
    if (taken.length > 0 && cedar.preparsePolicySet(SLOT, { staticPolicies }).type === 'success') return taken;
  }
}

/** Integers beyond 2^53 come back rounded; the compiler refuses them, which has a test of its own. */
function isExact(node: unknown): boolean {
  if (typeof node === 'number') return Number.isSafeInteger(node);
  return typeof node !== 'object' || node === null || Object.values(node).every(isExact);
}
