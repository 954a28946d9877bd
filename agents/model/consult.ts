/**
 * Asks the language model one thing: with the broker's permission, within the budget, written into the audit log before and
 * after. What it says is worth nothing until the caller's own check has read it.
 */
import { createHash } from 'node:crypto';
import type { AgentName } from '../../broker/contract.ts';
import type { MakeId } from '../ids.ts';
import type { Talk } from '../talk.ts';
import type { Budget } from './budget.ts';
import type { LanguageModel } from './connect-model.ts';
import { fence } from './fence.ts';
import { PREAMBLE } from './prompts.ts';

/** What one run of a conversation may ask with; made anew for each question. */
export interface Counsel {
  readonly model: LanguageModel;
  readonly budget: Budget;
  readonly ids: MakeId;
  /** A signal that aborts after so many milliseconds. */
  readonly deadline: (ms: number) => AbortSignal;
}

export interface Request<Value> {
  readonly agent: AgentName;
  readonly job: 'understand' | 'look' | 'rank' | 'phrase';
  readonly instructions: string;
  /** Text that nobody vouches for; it is fenced here. */
  readonly data: string;
  /** Reads the answer; throws `AnswerRefused` for whatever is not fit for use. */
  readonly read: (text: string) => Value;
}

/** An answer, or why there is none; no reason when nobody was to be asked. */
export type Advice<Value> = { readonly value: Value } | { readonly why: string };

/** An answer that is not used, with the reason in words. */
export class AnswerRefused extends Error {
  override readonly name = 'AnswerRefused';
}

/** Tokens of the longest answer. */
const MAX_ANSWER_TOKENS = 900;
/** A token of English is about four characters; counted low, so that a server which counts nothing costs no less. */
const CHARS_PER_TOKEN = 4;
const tokensOf = (text: string): number => Math.ceil(text.length / CHARS_PER_TOKEN);
const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** Never rejects but for a lost broker or login. */
export async function consult<Value>(
  counsel: Counsel | undefined,
  talk: Talk,
  request: Request<Value>,
): Promise<Advice<Value>> {
  if (counsel === undefined) return { why: '' };
  const { model, budget } = counsel;
  const before = budget.closed();
  if (before !== undefined) return { why: before };
  const call = counsel.ids('mdl');
  const prompt = {
    instructions: `${PREAMBLE}\n\n${request.instructions}`,
    data: fence(request.data, call.slice(-12)),
  };
  const whole = `${prompt.instructions}\n${prompt.data}`;
  const promptTokens = tokensOf(whole);
  if (!budget.open(promptTokens)) return { why: budget.closed() ?? '' };

  const record = (phase: 'asked' | 'used' | 'refused' | 'failed', text: string, tokens: readonly number[], why = '') =>
    talk.call({
      agent: request.agent,
      domain: 'inventory',
      tool: 'model.record',
      input: {
        ...{ call, phase, job: request.job, provider: model.provider, model: model.name },
        ...{ digest: text === '' ? '' : digestOf(text), tokensIn: tokens[0] ?? 0, tokensOut: tokens[1] ?? 0, why },
      },
    });
  const asked = await record('asked', whole, [promptTokens]);
  const says = asked.ok && asked.answer.status === 'done' ? asked.answer.evidence[0]?.value : undefined;
  if (says !== 'permitted') {
    // The tenant's own decision needs no word; that it could not be asked for does.
    const why = says === 'withheld' ? '' : 'what is said to it could not be recorded';
    budget.close(why);
    return { why };
  }

  let text = '';
  let tokens: readonly number[] = [promptTokens, 0];
  let advice: Advice<Value>;
  let phase: 'used' | 'refused' | 'failed' = 'used';
  try {
    const maxTokens = Math.min(MAX_ANSWER_TOKENS, Math.max(1, budget.tokensLeft() - promptTokens));
    const reply = await model.complete(prompt, { maxTokens, signal: counsel.deadline(Math.max(1, budget.msLeft())) });
    ({ text } = reply);
    tokens = [Math.max(reply.tokensIn, promptTokens), Math.max(reply.tokensOut, tokensOf(text))];
    advice = { value: request.read(text) };
  } catch (error) {
    const refused = error instanceof AnswerRefused;
    phase = refused ? 'refused' : 'failed';
    advice = { why: refused ? error.message : nameFailure(error) };
    if (!refused) budget.close(advice.why);
  }
  budget.spend(tokens.reduce((sum, one) => sum + one, 0));
  const kept = await record(phase, text, tokens, 'why' in advice ? advice.why : '');
  if (kept.ok) return advice;
  budget.close('what it said could not be recorded');
  return { why: 'what it said could not be recorded' };
}

/** In words for people; what the server or a library wrote stays out of it, it may quote keys. */
function nameFailure(error: unknown): string {
  const { name, status, status_code: other } = Object(error) as { readonly [key: string]: unknown };
  const code = typeof status === 'number' ? status : typeof other === 'number' ? other : undefined;
  if (code === 429) return 'it takes no more requests for now (429)';
  if (code === 401 || code === 403) return `it does not accept the key (${code})`;
  if (code !== undefined) return `its server answers ${code}`;
  if (/abort|timeout/i.test(`${String(name)} ${String((error as Error | undefined)?.message)}`))
    return 'it did not answer in time';
  return 'its server cannot be reached, or what it answers cannot be read';
}
