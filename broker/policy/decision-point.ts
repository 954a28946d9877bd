/**
 * The policy decision point: permission is the intersection of what the human and what the acting agent may, for every
 * target; obligations are the strictest union. Whatever goes wrong is a deny with its reason.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Decision, Obligation } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { DecisionPoint, DecisionRequest } from '../ports.ts';
import { parseObligations, uniteObligations } from './obligations.ts';
import { buildQuestions } from './questions.ts';
import type { Referee } from './referee/client.ts';
import type { ActivePolicy, PolicyBundle, PolicyFile, Question, RefereeAnswer } from './referee/messages.ts';
import { buildSchema, type ToolFacts } from './schema.ts';

export interface DecisionPointOptions {
  readonly referee: Referee;
  readonly tools: readonly ToolFacts[];
  readonly policies: readonly PolicyFile[];
}

/** A policy that decides now, with its obligations understood. */
interface Rule extends ActivePolicy {
  readonly duties: readonly Obligation[];
}

/**
 * Activates the policies and returns the decision point.
 * @throws WayleaveError `CONFIG_INVALID` with every finding, when the set is empty, does not parse, does not validate
 * strictly against the tools' schema, or obliges to something unknown.
 */
export async function createDecisionPoint({ referee, tools, policies }: DecisionPointOptions): Promise<DecisionPoint> {
  const bundle = { policies, schema: buildSchema(tools) };
  const revision = computeRevision(bundle);
  const activated = await referee.activate(bundle);
  if (!activated.ok) {
    throw new WayleaveError('CONFIG_INVALID', `The policies are not activated: ${activated.errors.join('; ')}`);
  }
  const rules = new Map(activated.policies.map((policy) => [policy.id, readRule(policy)]));

  return {
    async decide(request) {
      const verdict = await judge(request, rules, referee).catch((error: unknown) => deny(describe(error)));
      return { ...verdict, id: nameDecision(request, revision), advice: [], revision };
    },
    revision: () => revision,
    close: () => referee.close(),
  };
}

/** SHA-256 (hex) over the RFC 8785 form of the sorted policy texts and the schema: it names what was decided under. */
export function computeRevision(bundle: PolicyBundle): string {
  const texts = bundle.policies.map((policy) => policy.text).sort();
  return digest({ texts, schema: bundle.schema });
}

const digest = (value: unknown): string =>
  createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest('hex');

/** The same question under the same revision has the same decision, so it has the same id: no randomness is needed here. */
const nameDecision = (request: DecisionRequest, revision: string): string =>
  `dec_${digest({ request, revision }).slice(0, 32)}`;

function readRule(policy: ActivePolicy): Rule {
  try {
    return { ...policy, duties: policy.obligations === undefined ? [] : parseObligations(policy.obligations) };
  } catch (error) {
    throw new WayleaveError('CONFIG_INVALID', `The policies are not activated: ${policy.id}: ${describe(error)}`);
  }
}

type Verdict = Pick<Decision, 'effect' | 'policies' | 'reasons' | 'obligations'>;

async function judge(request: DecisionRequest, rules: ReadonlyMap<string, Rule>, referee: Referee): Promise<Verdict> {
  const questions = buildQuestions(request);
  const decided = await referee.decide(questions);
  if (!decided.ok) return deny(...decided.errors);
  const errors = decided.answers.flatMap((answer) => answer.errors);
  if (errors.length > 0) return deny(...errors);

  const denied = decided.answers.flatMap((answer, n) => (answer.decision === 'permit' ? [] : [{ answer, n }]));
  const determining = denied.length > 0 ? denied.map((each) => each.answer) : decided.answers;
  const cited = citeRules(determining, rules);
  if (cited === undefined || decided.answers.length !== questions.length) return deny('an unknown policy decided');
  const policies = cited.map((rule) => rule.id);
  const reasons = cited.map((rule) => rule.because);
  if (denied.length > 0) {
    const silent = denied.filter(({ answer }) => answer.policies.length === 0);
    const defaults = silent.map(({ n }) => `No policy grants ${request.tool.name} to ${namePrincipal(questions[n])}.`);
    return { effect: 'deny', policies, reasons: [...new Set([...reasons, ...defaults])], obligations: [] };
  }
  return { effect: 'permit', policies, reasons, obligations: uniteObligations(cited.flatMap((rule) => rule.duties)) };
}

/** The policies behind the answers, each once, sorted by id; undefined when one is not of this bundle. */
function citeRules(answers: readonly RefereeAnswer[], rules: ReadonlyMap<string, Rule>): readonly Rule[] | undefined {
  const ids = [...new Set(answers.flatMap((answer) => answer.policies))].sort();
  const cited = ids.flatMap((id) => rules.get(id) ?? []);
  return cited.length === ids.length ? cited : undefined;
}

const deny = (...reasons: string[]): Verdict => ({ effect: 'deny', policies: [], reasons, obligations: [] });
const describe = (error: unknown): string => (error instanceof Error ? error.message : 'the decision failed');
const namePrincipal = (question: Question | undefined): string => question?.principal.id ?? 'nobody';
