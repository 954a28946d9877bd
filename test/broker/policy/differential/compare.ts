/** Decides one question with cedar-wasm and with the closures and says how they differ. */
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { Scene } from '../../../../broker/policy/cedar/expression.ts';
import type { PolicySet } from '../../../../broker/policy/cedar/policy-set.ts';
import type { AskedQuestion } from '../../../../broker/policy/cedar/schema-reader.ts';
import { EvaluationError } from '../../../../broker/policy/cedar/value.ts';

/** What an evaluator said, as one text; a question that it refused is `refused`. */
export type Said = string;

const say = (decision: string, policies: readonly string[], errors: readonly string[]): Said =>
  `${decision} because of [${[...policies].sort().join()}] with errors in [${[...errors].sort().join()}]`;

export interface Difference {
  readonly where: string;
  readonly cedar: Said;
  readonly closures: Said;
  readonly question: unknown;
  readonly policies: unknown;
}

/** The active set of cedar-wasm; always the same id, because its cache never forgets one. */
export const SLOT = 'differential';

export function sayCedar(question: AskedQuestion): Said {
  const answer = cedar.statefulIsAuthorized({ ...(question as CedarCall), preparsedPolicySetId: SLOT });
  return sayAnswer(answer);
}
type CedarCall = Omit<Parameters<typeof cedar.statefulIsAuthorized>[0], 'preparsedPolicySetId'>;

export function sayAnswer(answer: cedar.AuthorizationAnswer): Said {
  if (answer.type === 'failure') return 'refused';
  const { decision, diagnostics } = answer.response;
  const errors = diagnostics.errors.map(({ policyId }) => policyId);
  return say(decision === 'allow' ? 'permit' : 'deny', diagnostics.reason, errors);
}

export function sayClosures(set: PolicySet, read: (question: AskedQuestion) => Scene, question: AskedQuestion): Said {
  try {
    const { decision, policies, errors } = set.decide(read(question));
    return say(
      decision,
      policies,
      errors.map(({ policy }) => policy),
    );
  } catch (error) {
    if (error instanceof EvaluationError) return 'refused';
    throw error;
  }
}
