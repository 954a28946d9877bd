/** Lets the model order candidates between which the program could not decide. It changes the order, and nothing else. */
import { z } from 'zod';
import type { AgentName } from '../../broker/contract.ts';
import type { Finding } from '../events.ts';
import type { Talk } from '../talk.ts';
import { AnswerRefused, type Counsel, consult } from './consult.ts';
import { RANK } from './prompts.ts';
import { readJsonAnswer } from './read-answer.ts';

const form = z.strictObject({
  order: z
    .array(z.strictObject({ candidate: z.int().min(1), records: z.array(z.string().max(80)).max(20) }))
    .min(1)
    .max(20),
});

/**
 * The finding with its candidates in the model's order. A candidate rises only with a record that the finding cites, and the
 * finding cites only what resolved at the broker; verdict, confidence and evidence stay as they are.
 */
export async function rankCandidates(
  counsel: Counsel | undefined,
  talk: Talk,
  agent: AgentName,
  finding: Finding,
): Promise<Finding> {
  const { verdict, rootCauses, because, ruledOut } = finding;
  if (verdict !== 'inconclusive' || rootCauses.length < 2) return finding;
  const known = new Set([...because, ...ruledOut].flatMap(({ evidence }) => evidence));
  const data = [
    ...rootCauses.map(({ resource, faultType }, at) => `candidate ${at + 1}: ${faultType} at ${resource}`),
    ...because.map(({ text, evidence }) => `record ${evidence.join(' ')}: ${text}`),
    ...ruledOut.map(
      ({ faultType, because: why, evidence }) => `record ${evidence.join(' ')}: not ${faultType}, ${why}`,
    ),
  ].join('\n');
  const advice = await consult(counsel, talk, {
    ...{ agent, job: 'rank', instructions: RANK, data },
    read: (text) => readOrder(readJsonAnswer(text, form).order, rootCauses.length, known),
  });
  if (!('value' in advice)) return finding;
  return { ...finding, rootCauses: advice.value.flatMap((at) => rootCauses[at] ?? []) };
}

/** Indexes in the new order: every candidate once, those that were not named behind, in the order they had. */
function readOrder(order: z.infer<typeof form>['order'], count: number, known: ReadonlySet<string>): readonly number[] {
  const named = order.map(({ candidate }) => candidate - 1);
  if (new Set(named).size !== named.length || named.some((at) => at >= count))
    throw new AnswerRefused('it named a candidate that there is not');
  const rest = Array.from({ length: count }, (_, at) => at).filter((at) => !named.includes(at));
  const result = [...named, ...rest];
  order.forEach(({ candidate, records }) => {
    const was = candidate - 1;
    const rises = result.indexOf(was) < was;
    if (rises && !records.some((id) => known.has(id)))
      throw new AnswerRefused('it put a candidate first without a record that speaks for it');
    if (records.some((id) => !known.has(id))) throw new AnswerRefused('it cited a record that there is not');
  });
  return result;
}
