/**
 * The policy decision point: permission is the intersection of what the human and what the acting agent may, for every
 * target; obligations are the strictest union. Whatever goes wrong is a deny with its reason.
 */
import { hash } from 'node:crypto';
import { canonicalText } from '../../protocols/canonical-json.ts';
import { WayleaveError } from '../errors.ts';
import type { DecisionPoint, DecisionRequest } from '../ports.ts';
import { type Brake, createBrake } from './brake.ts';
import { agree, answerAll } from './closures.ts';
import { conclude, deny, describe, type Law, namePrincipal, readLaw, type Verdict } from './judge.ts';
import { createObserver } from './observe.ts';
import { buildQuestions } from './questions.ts';
import type { Referee } from './referee/client.ts';
import type { ActivePolicy, PolicyBundle, PolicyFile, Question, RefereeAnswer } from './referee/messages.ts';
import { buildSchema, type ToolFacts } from './schema.ts';

export interface DecisionPointOptions {
  readonly referee: Referee;
  readonly tools: readonly ToolFacts[];
  readonly policies: readonly PolicyFile[];
  /** Ids of policies that decide nothing: what they would have decided is only told. */
  readonly observe?: readonly string[];
  /** Fewest people who approve anything that needs approval at all. */
  readonly leastApprovals?: number;
  /** Pulled when the two evaluators disagree or one has no answer; in memory when none is given. */
  readonly brake?: Brake;
}

/** A decision point, and the policies that were activated in it, observed ones too. */
export interface ActivatedPolicies extends DecisionPoint {
  readonly policies: readonly ActivePolicy[];
}

/** Who decides. */
interface Court {
  readonly law: Law;
  readonly referee: Referee;
  readonly brake: Brake;
}

/**
 * Activates the policies and returns the decision point. The referee parses and validates them; this process compiles what
 * it parsed. Reads and listings are decided by the closures; for everything else the referee decides as well.
 * @throws WayleaveError `CONFIG_INVALID` with every finding, when the set is empty, does not parse, does not validate
 * strictly against the tools' schema, obliges to something unknown, or has a construct that the compiler does not cover.
 */
export async function createDecisionPoint(options: DecisionPointOptions): Promise<ActivatedPolicies> {
  const { referee, tools, policies, brake = createBrake(), observe = [], leastApprovals = 1 } = options;
  const bundle = { policies, schema: buildSchema(tools), ...(observe.length === 0 ? {} : { observe }) };
  const revision = computeRevision(bundle, leastApprovals);
  const activated = await referee.activate(bundle);
  if (!activated.ok) {
    throw new WayleaveError('CONFIG_INVALID', `The policies are not activated: ${activated.errors.join('; ')}`);
  }
  const deciding = activated.policies.filter(({ id }) => !observe.includes(id));
  const law = readLaw(deciding, bundle.schema, leastApprovals);
  const watch = createObserver(activated.policies, observe, bundle.schema, leastApprovals);
  const court: Court = { law, referee, brake };

  return {
    policies: activated.policies,
    async decide(request) {
      const verdict = await judge(request, court).catch((error: unknown) => deny(describe(error)));
      const observed = request.asks === 'listing' ? [] : watch(request);
      const decision = {
        ...verdict,
        // Named where somebody looks: most decisions are about reads, and only approvals show it.
        get id() {
          return nameDecision(request, revision);
        },
        ...{ advice: [], revision },
      };
      return observed.length === 0 ? decision : { ...decision, observed };
    },
    revision: () => revision,
    close: () => referee.close(),
  };
}

/** SHA-256 (hex) over the RFC 8785 form of the sorted policy texts, the schema, and what else decides: it names what was decided under. */
export function computeRevision(bundle: PolicyBundle, leastApprovals = 1): string {
  const texts = bundle.policies.map((policy) => policy.text).sort();
  const observe = [...(bundle.observe ?? [])].sort();
  return digest({
    texts,
    schema: bundle.schema,
    ...(observe.length === 0 && leastApprovals === 1 ? {} : { observe, leastApprovals }),
  });
}

const digest = (value: unknown): string => hash('sha256', canonicalText(value), 'hex');

/** The same question under the same revision has the same decision, so it has the same id: no randomness is needed here. */
function nameDecision(request: DecisionRequest, revision: string): string {
  try {
    return `dec_${digest({ request, revision }).slice(0, 32)}`;
  } catch {
    // What has no canonical form (a lone surrogate) is denied, and its denial has a name too.
    return `dec_${digest({ request: JSON.stringify(request), revision }).slice(0, 32)}`;
  }
}

async function judge(request: DecisionRequest, court: Court): Promise<Verdict> {
  const questions = buildQuestions(request);
  const answers = answerAll(court.law.closures, questions);
  // What is no question by the schema is denied here and never reaches Cedar, which some malformed texts would end: nobody
  // may stop all changes by asking nonsense.
  const malformed = answers.some((answer) => answer.errors.length > 0 && answer.erring.length === 0);
  if (!malformed && request.tool.effect !== 'read' && request.asks !== 'listing') {
    const stopped = await referTo(court, questions, answers);
    if (stopped !== undefined) return deny(stopped);
  }
  return conclude(request, questions, answers, court.law);
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
