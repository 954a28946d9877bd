/** `model.record`: asks whether a language model may be used for the tenant, and anchors in the audit log what was said to it and by it. */
import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import { jsonOf, observe } from './replies.ts';

const answered = z.object({ call: z.string(), says: z.string() });

export const modelRecord = defineTool({
  name: 'model.record',
  domain: 'inventory',
  effect: 'read',
  description:
    'Anchors one exchange with a language model in the audit log: digest, tokens and fate, never the text; before it, says whether the tenant lets one be asked.',
  targets: 'none',
  input: z.strictObject({
    call: z
      .string()
      .regex(/^mdl_[a-z0-9]{1,40}$/)
      .describe('The exchange; its question and its end carry the same id'),
    phase: z
      .enum(['asked', 'used', 'refused', 'failed'])
      .describe('Before it is asked; its answer was used, or not fit for use; it gave none'),
    job: z.enum(['understand', 'look', 'rank', 'phrase']).describe('What it is asked for'),
    provider: z.string().min(1).max(60).describe('openai, anthropic, ollama'),
    model: z.string().min(1).max(120).describe('Name of the model at its provider'),
    digest: z
      .string()
      .regex(/^(?:|sha256:[0-9a-f]{64})$/)
      .describe('SHA-256 of the whole prompt, or of the whole answer; empty when there was none'),
    tokensIn: z.int().min(0).max(10_000_000).describe('Tokens of the prompt, as the provider counts them'),
    tokensOut: z.int().min(0).max(10_000_000).describe('Tokens of the answer'),
    why: z.string().max(200).describe('Why the answer was not used; empty otherwise'),
  }),
  plan: (query) => [{ protocol: 'records', kind: 'model-record', query }],
  read: (replies) =>
    replies.flatMap((reply) => {
      const found = answered.safeParse(jsonOf(reply)).data;
      return found === undefined ? [] : [observe(reply, `model/${found.call}`, 'model.call', found.says)];
    }),
});
