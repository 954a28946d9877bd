/** Lets the model say a report in its own words; the program's headline stays above it, and the program speaks when it cannot. */
import type { AgentName } from '../../broker/contract.ts';
import type { Finding } from '../events.ts';
import type { Talk } from '../talk.ts';
import { type Counsel, consult } from './consult.ts';
import { PHRASE } from './prompts.ts';
import { readPhrased } from './read-answer.ts';

/** `report` in words for people; says whose words they are as soon as a model was to be asked. */
export async function phraseAnswer(
  counsel: Counsel | undefined,
  talk: Talk,
  agent: AgentName,
  report: string,
  { rootCauses }: Pick<Finding, 'rootCauses'>,
): Promise<string> {
  const keep = rootCauses.flatMap(({ resource, faultType }) => [resource, faultType]);
  const advice = await consult(counsel, talk, {
    ...{ agent, job: 'phrase', instructions: PHRASE, data: report },
    read: (text) => readPhrased(text, report, keep),
  });
  if (counsel !== undefined && 'value' in advice) {
    const [headline = ''] = report.split('\n');
    const { provider, name } = counsel.model;
    return `${headline}\n\n${advice.value}\n\n(Put into words by ${provider}:${name}; verdict, causes and evidence are the program's.)`;
  }
  return 'why' in advice && advice.why !== ''
    ? `${report}\n\n(The language model was not used: ${advice.why}. These are the program's own words.)`
    : report;
}
