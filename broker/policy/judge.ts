/**
 * Turns the answers to the questions of a request into one verdict, with its reasons and duties: the human and the acting
 * agent must both be permitted, for every target. Without the referee it lists, tests, replays and explains.
 */
import type { Decision, Obligation } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { DecisionRequest } from '../ports.ts';
import { answerAll, type Closures, compileClosures } from './closures.ts';
import { parseObligations, raiseApprovals, uniteObligations } from './obligations.ts';
import { buildQuestions } from './questions.ts';
import type { ActivePolicy, PolicyBundle, Question, RefereeAnswer } from './referee/messages.ts';

export type Verdict = Pick<Decision, 'effect' | 'policies' | 'reasons' | 'obligations' | 'byDefault'>;

/** Never throws. */
export type Judge = (request: DecisionRequest) => Verdict;

/** Policies that decide, with their obligations understood. */
export interface Law {
  readonly rules: ReadonlyMap<string, Rule>;
  readonly closures: Closures;
  /** Fewest people who approve anything that needs approval at all. */
  readonly leastApprovals: number;
}

interface Rule extends ActivePolicy {
  readonly duties: readonly Obligation[];
}

/** @throws WayleaveError `CONFIG_INVALID` for what cannot be activated. */
export function readLaw(policies: readonly ActivePolicy[], schema: PolicyBundle['schema'], leastApprovals = 1): Law {
  const rules = new Map(policies.map((policy) => [policy.id, readRule(policy)]));
  return { rules, closures: compile(policies, schema), leastApprovals };
}

/** @throws WayleaveError `CONFIG_INVALID` for what cannot be activated. */
export function createJudge(
  policies: readonly ActivePolicy[],
  schema: PolicyBundle['schema'],
  leastApprovals?: number,
): Judge {
  const law = readLaw(policies, schema, leastApprovals);
  return (request) => {
    try {
      const questions = buildQuestions(request);
      return conclude(request, questions, answerAll(law.closures, questions), law);
    } catch (error) {
      return deny(describe(error));
    }
  };
}

function compile(policies: readonly ActivePolicy[], schema: PolicyBundle['schema']): Closures {
  try {
    return compileClosures(policies, schema);
  } catch (error) {
    throw new WayleaveError('CONFIG_INVALID', `The policies are not activated: ${describe(error)}`);
  }
}

function readRule(policy: ActivePolicy): Rule {
  try {
    return { ...policy, duties: policy.obligations === undefined ? [] : parseObligations(policy.obligations) };
  } catch (error) {
    throw new WayleaveError('CONFIG_INVALID', `The policies are not activated: ${policy.id}: ${describe(error)}`);
  }
}

export function conclude(
  request: DecisionRequest,
  questions: readonly Question[],
  answers: readonly RefereeAnswer[],
  { rules, leastApprovals }: Law,
): Verdict {
  const errors = answers.flatMap((answer) => answer.errors);
  if (errors.length > 0) return deny(...errors);

  const denied = answers.flatMap((answer, n) => (answer.decision === 'permit' ? [] : [{ answer, n }]));
  const determining = denied.length > 0 ? denied.map((each) => each.answer) : answers;
  const cited = citeRules(determining, rules);
  if (cited === undefined || answers.length !== questions.length) return deny('an unknown policy decided');
  const policies = cited.map((rule) => rule.id);
  const reasons = cited.map((rule) => rule.because);
  if (denied.length > 0) {
    const silent = denied.filter(({ answer }) => answer.policies.length === 0);
    const defaults = silent.map(({ n }) => `No policy grants ${request.tool.name} to ${namePrincipal(questions[n])}.`);
    const verdict: Verdict = {
      effect: 'deny',
      policies,
      reasons: [...new Set([...reasons, ...defaults])],
      obligations: [],
    };
    return silent.length === denied.length ? { ...verdict, byDefault: true } : verdict;
  }
  const obligations = raiseApprovals(uniteObligations(cited.flatMap((rule) => rule.duties)), leastApprovals);
  return { effect: 'permit', policies, reasons, obligations };
}

/** The policies behind the answers, each once, sorted by id; undefined when one is not of this bundle. */
function citeRules(answers: readonly RefereeAnswer[], rules: ReadonlyMap<string, Rule>): readonly Rule[] | undefined {
  const ids = [...new Set(answers.flatMap((answer) => answer.policies))].sort();
  const cited = ids.flatMap((id) => rules.get(id) ?? []);
  return cited.length === ids.length ? cited : undefined;
}

export const deny = (...reasons: string[]): Verdict => ({ effect: 'deny', policies: [], reasons, obligations: [] });
export const describe = (error: unknown): string => (error instanceof Error ? error.message : 'the decision failed');
export const namePrincipal = (question: Question | undefined): string => question?.principal.id ?? 'nobody';
