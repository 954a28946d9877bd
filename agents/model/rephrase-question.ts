/** Lets the model say a question again that the router did not understand, or ask back. The router reads the result like any text. */
import { z } from 'zod';
import type { Talk } from '../talk.ts';
import { AnswerRefused, type Counsel, consult } from './consult.ts';
import { UNDERSTAND } from './prompts.ts';
import { readJsonAnswer } from './read-answer.ts';

const line = z.string().trim().min(1).max(300);
const form = z.union([z.strictObject({ question: line }), z.strictObject({ ask: line })]);
export type Rephrased = z.infer<typeof form>;

/** Longest text that is passed on. */
const MAX_QUESTION = 2_000;
const LINK = /\w+:\/\/|\bwww\.|[^\P{C}]/iu;

/**
 * A question in the router's own English, or one back to the person. `isName` tells names of the inventory: none may
 * stand in the answer that does not stand in what the person wrote, and no figure either.
 */
export async function rephraseQuestion(
  counsel: Counsel | undefined,
  talk: Talk,
  text: string,
  isName: (word: string) => boolean,
): Promise<Rephrased | undefined> {
  if (text.length > MAX_QUESTION || !/\p{L}{2}/u.test(text)) return undefined;
  const said = new Set(wordsOf(text).flatMap((word) => [word, ...word.split(/[_./:-]/)]));
  const advice = await consult(counsel, talk, {
    ...{ agent: 'router', job: 'understand', instructions: UNDERSTAND, data: text },
    read: (answer) => {
      const rephrased = readJsonAnswer(answer, form);
      const words = wordsOf('ask' in rephrased ? rephrased.ask : rephrased.question);
      if (LINK.test(answer)) throw new AnswerRefused('it brought in a link or hidden text');
      const stranger = words.find((word) => (/\d/.test(word) || isName(word)) && !said.has(word));
      if (stranger !== undefined) throw new AnswerRefused('it named something that was not in the question');
      return rephrased;
    },
  });
  return 'value' in advice ? advice.value : undefined;
}

/** Words and figures in lower case; `支店2` has the figure 2 in it, and `br2_edge` is one word. */
const wordsOf = (text: string): readonly string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[a-z\d]+(?:[_./:-][a-z\d]+)*|\p{L}+/gu) ?? [];
