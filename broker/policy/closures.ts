/**
 * Decides questions in this process: the parsed policies as closures, the schema as a reader that refuses what does not fit.
 * Deciding takes about a microsecond, where Cedar itself takes some hundred (`npm run bench -- broker`).
 */
import { compilePolicySet } from './cedar/policy-set.ts';
import { createSceneReader, type SharedReading, startReading } from './cedar/schema-reader.ts';
import { EvaluationError } from './cedar/value.ts';
import type { ActivePolicy, PolicyBundle, Question, RefereeAnswer } from './referee/messages.ts';

/** Answers one question in the form in which the referee answers it. Never throws for a question. */
export type Closures = (question: Question, shared?: SharedReading) => RefereeAnswer;

const NONE: readonly string[] = [];

/** @throws CompileError naming the policy, for what the compiler does not cover. */
export function compileClosures(policies: readonly ActivePolicy[], schema: PolicyBundle['schema']): Closures {
  const read = createSceneReader(schema);
  const set = compilePolicySet(policies.map(({ id, parsed }) => ({ id, json: parsed })));
  return (question, shared) => {
    try {
      const answer = set.decide(read(question, shared));
      if (answer.errors.length === 0)
        return { decision: answer.decision, policies: answer.policies, errors: NONE, erring: NONE };
      const errors = answer.errors.map(({ policy, message }) => `${policy}: ${message}`);
      return { decision: 'deny', policies: answer.policies, errors, erring: answer.errors.map(({ policy }) => policy) };
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      return { decision: 'deny', policies: [], errors: [error.message], erring: [] };
    }
  };
}

/** Answers all questions of one request; what they share is read once. */
export function answerAll(closures: Closures, questions: readonly Question[]): readonly RefereeAnswer[] {
  const shared = startReading();
  return questions.map((question) => closures(question, shared));
}

/** Whether two evaluators say the same: decision, determining policies, policies that erred, and whether anything erred at all. */
export function agree(a: RefereeAnswer, b: RefereeAnswer): boolean {
  return (
    a.decision === b.decision &&
    a.errors.length > 0 === b.errors.length > 0 &&
    sameNames(a.policies, b.policies) &&
    sameNames(a.erring, b.erring)
  );
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  if (a.length < 2) return a[0] === b[0];
  return [...a].sort().join('\n') === [...b].sort().join('\n');
}
