/**
 * The policy decision point: permission is the intersection of what the human and what the acting agent may, for every
 * target; obligations are the strictest union. Whatever goes wrong is a deny with its reason.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Decision, Obligation } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { DecisionPoint, DecisionRequest } from '../ports.ts';
import { type Brake, createBrake } from './brake.ts';
import { agree, type Closures, compileClosures } from './closures.ts';
import { parseObligations, uniteObligations } from './obligations.ts';
import { buildQuestions } from './questions.ts';
import type { Referee } from './referee/client.ts';
import type { ActivePolicy, PolicyBundle, PolicyFile, Question, RefereeAnswer } from './referee/messages.ts';
import { buildSchema, type ToolFacts } from './schema.ts';

export interface DecisionPointOptions {
  readonly referee: Referee;
  readonly tools: readonly ToolFacts[];
  readonly policies: readonly PolicyFile[];
  /** Pulled when the two evaluators disagree or one has no answer; in memory when none is given. */
  readonly brake?: Brake;
}

/** Who decides. */
interface Court {
  readonly rules: ReadonlyMap<string, Rule>;
  readonly closures: Closures;
  readonly referee: Referee;
  readonly brake: Brake;
}

/** A policy that decides now, with its obligations understood. */
interface Rule extends ActivePolicy {
  readonly duties: readonly Obligation[];
}

/**
 * Activates the policies and returns the decision point. The referee parses and validates them; this process compiles what
 * it parsed. Reads and listings are decided by the closures; for everything else the referee decides as well.
 * @throws WayleaveError `CONFIG_INVALID` with every finding, when the set is empty, does not parse, does not validate
 * strictly against the tools' schema, obliges to something unknown, or has a construct that the compiler does not cover.
 */
export async function createDecisionPoint(options: DecisionPointOptions): Promise<DecisionPoint> {
  const { referee, tools, policies, brake = createBrake() } = options;
  const bundle = { policies, schema: buildSchema(tools) };
  const revision = computeRevision(bundle);
  const activated = await referee.activate(bundle);
  if (!activated.ok) {
    throw new WayleaveError('CONFIG_INVALID', `The policies are not activated: ${activated.errors.join('; ')}`);
  }
  const rules = new Map(activated.policies.map((policy) => [policy.id, readRule(policy)]));
  const closures = compile(activated.policies, bundle);
  const court: Court = { rules, closures, referee, brake };

  return {
    async decide(request) {
      const verdict = await judge(request, court).catch((error: unknown) => deny(describe(error)));
      return { ...verdict, id: nameDecision(request, revision), advice: [], revision };
    },
    revision: () => revision,
    close: () => referee.close(),
  };
}

/** Decides without the referee: for listing, testing and explaining what is active or what might be. Never throws. */
export type Judge = (request: DecisionRequest) => Verdict;

/** @throws WayleaveError `CONFIG_INVALID` for what cannot be activated. */
export function createJudge(policies: readonly ActivePolicy[], schema: PolicyBundle['schema']): Judge {
  const rules = new Map(policies.map((policy) => [policy.id, readRule(policy)]));
  const closures = compile(policies, { policies: [], schema });
  return (request) => {
    try {
      const questions = buildQuestions(request);
      return conclude(request, questions, questions.map(closures), rules);
    } catch (error) {
      return deny(describe(error));
    }
  };
}

function compile(policies: readonly ActivePolicy[], bundle: PolicyBundle): Closures {
  try {
    return compileClosures(policies, bundle.schema);
  } catch (error) {
    throw new WayleaveError('CONFIG_INVALID', `The policies are not activated: ${describe(error)}`);
  }
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
function nameDecision(request: DecisionRequest, revision: string): string {
  try {
    return `dec_${digest({ request, revision }).slice(0, 32)}`;
  } catch {
    // What has no canonical form (a lone surrogate) is denied, and its denial has a name too.
    return `dec_${digest({ request: JSON.stringify(request), revision }).slice(0, 32)}`;
  }
}

function readRule(policy: ActivePolicy): Rule {
  try {
    return { ...policy, duties: policy.obligations === undefined ? [] : parseObligations(policy.obligations) };
  } catch (error) {
    throw new WayleaveError('CONFIG_INVALID', `The policies are not activated: ${policy.id}: ${describe(error)}`);
  }
}

export type Verdict = Pick<Decision, 'effect' | 'policies' | 'reasons' | 'obligations' | 'byDefault'>;

async function judge(request: DecisionRequest, court: Court): Promise<Verdict> {
  const questions = buildQuestions(request);
  const answers = questions.map(court.closures);
  // What is no question by the schema is denied here and never reaches Cedar, which some malformed texts would end: nobody
  // may stop all changes by asking nonsense.
  const malformed = answers.some((answer) => answer.errors.length > 0 && answer.erring.length === 0);
  if (!malformed && request.tool.effect !== 'read' && request.asks !== 'listing') {
    const stopped = await referTo(court, questions, answers);
    if (stopped !== undefined) return deny(stopped);
  }
  return conclude(request, questions, answers, court.rules);
}

/** Puts the questions to the referee as well; anything but the same answers pulls the brake. Returns why nothing is permitted. */
async function referTo(
  { referee, brake }: Court,
  questions: readonly Question[],
  answers: readonly RefereeAnswer[],
): Promise<string | undefined> {
  const stopped = brake.reason();
  if (stopped !== undefined) return `Changes are stopped until a human has looked: ${stopped}.`;
  const decided = await referee.decide(questions);
  if (!decided.ok) brake.pull(`the policy referee gave no answer (${decided.errors.join('; ')})`);
  else {
    const differing = answers.findIndex((answer, n) => {
      const other = decided.answers[n];
      return other === undefined || !agree(answer, other);
    });
    const asked = questions[differing];
    if (asked !== undefined) {
      brake.pull(`the two policy evaluators disagree about ${asked.action.id} by ${namePrincipal(asked)}`);
    }
  }
  const why = brake.reason();
  return why === undefined ? undefined : `Changes are stopped until a human has looked: ${why}.`;
}

function conclude(
  request: DecisionRequest,
  questions: readonly Question[],
  answers: readonly RefereeAnswer[],
  rules: ReadonlyMap<string, Rule>,
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
