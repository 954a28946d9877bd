/** Lets the model name one more read, of those that the program could make anyway, before the program gives up. */
import { z } from 'zod';
import type { AgentName } from '../../broker/contract.ts';
import type { Talk } from '../talk.ts';
import { AnswerRefused, type Counsel, consult } from './consult.ts';
import { LOOK } from './prompts.ts';
import { readJsonAnswer } from './read-answer.ts';

const form = z.strictObject({ read: z.string().max(100).nullable() });

/** One of `open` by its key, or nothing. What is read, and from which device, is the program's. */
export async function proposeRead<Read extends { readonly key: string; readonly tool: string }>(
  counsel: Counsel | undefined,
  talk: Talk,
  agent: AgentName,
  found: string,
  open: readonly Read[],
): Promise<Read | undefined> {
  if (open.length === 0) return undefined;
  const advice = await consult(counsel, talk, {
    ...{ agent, job: 'look', instructions: LOOK },
    data: [found, 'Reads that are still open:', ...open.map(({ key, tool }) => `- ${key} (${tool})`)].join('\n'),
    read: (text) => {
      const { read } = readJsonAnswer(text, form);
      const chosen = open.find(({ key }) => key === read);
      if (read !== null && chosen === undefined) throw new AnswerRefused('it named a read that there is not');
      return chosen;
    },
  });
  return 'value' in advice ? advice.value : undefined;
}
