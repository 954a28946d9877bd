/** The seam where agents meet a language model: one prompt in, one text out, over the provider's own protocol. */
import { boundFetch } from './bounded-fetch.ts';

/** What is said to a model: instructions of ours, and data that nobody vouches for, already fenced. */
export interface Prompt {
  readonly instructions: string;
  readonly data: string;
}

export interface ModelReply {
  readonly text: string;
  /** As the server counts; 0 when it does not say. */
  readonly tokensIn: number;
  readonly tokensOut: number;
}

export interface LanguageModel {
  readonly provider: string;
  readonly name: string;
  /** Rejects when there is no answer: refused, broken off, too long, or `signal`. */
  complete(prompt: Prompt, options: { readonly maxTokens: number; readonly signal: AbortSignal }): Promise<ModelReply>;
}

export interface ModelOptions {
  /** `provider:name` as `initChatModel` takes it: openai (or anything that speaks its protocol), anthropic, ollama. */
  readonly name?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly apiKey?: string | undefined;
  /** Keeps tracing variables; without it device data never leaves by that way. */
  readonly tracing?: boolean | undefined;
  readonly fetch?: typeof fetch;
}

/** Removes the variables that make langchain send runs to a tracing service. */
export function clearTracing(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) {
    if (/^LANG(SMITH|CHAIN)_/.test(name)) delete environment[name];
  }
}

/** Where each provider's class takes its server, its `fetch` and the longest answer. No retries: the budget decides. */
function optionsFor(provider: string, baseUrl: string, doFetch: typeof fetch): { readonly [name: string]: unknown } {
  const own = baseUrl === '' ? {} : { baseURL: baseUrl };
  switch (provider) {
    case 'anthropic':
      return { ...(baseUrl === '' ? {} : { anthropicApiUrl: baseUrl }), clientOptions: { ...own, fetch: doFetch } };
    case 'ollama':
      return { ...(baseUrl === '' ? {} : { baseUrl }), fetch: doFetch };
    default:
      // OpenAI-compatible servers rarely speak the Responses API.
      return { configuration: { ...own, fetch: doFetch }, useResponsesApi: false };
  }
}

/** Where the libraries look for a key. */
const KEYS: { readonly [provider: string]: string } = { openai: 'OPENAI_API_KEY', anthropic: 'ANTHROPIC_API_KEY' };

/** How each provider calls the longest answer. */
const LIMIT: { readonly [provider: string]: string } = { ollama: 'numPredict' };

/** A model, or undefined without configuration: then templates speak. langchain is imported only when it is needed. */
export function createModel(
  options: ModelOptions,
  environment: NodeJS.ProcessEnv = process.env,
): LanguageModel | undefined {
  if (options.tracing !== true) clearTracing(environment);
  const { name: full = '', baseUrl = '' } = options;
  if (full === '') return undefined;
  const [provider = '', ...rest] = full.split(':');
  // A server of one's own often wants no key, and the libraries want one.
  const apiKey = options.apiKey || (baseUrl !== '' && environment[KEYS[provider] ?? ''] === undefined ? 'none' : '');
  const doFetch = boundFetch(options.fetch ?? fetch);
  const connect = async (maxTokens: number) => {
    const { initChatModel } = await import('langchain');
    return initChatModel(full, {
      ...{ temperature: 0, maxRetries: 0, [LIMIT[provider] ?? 'maxTokens']: maxTokens },
      ...(apiKey ? { apiKey } : {}),
      ...optionsFor(provider, baseUrl, doFetch),
    });
  };
  return {
    provider,
    name: rest.join(':'),
    async complete({ instructions, data }, { maxTokens, signal }) {
      const model = await connect(maxTokens);
      const reply = await model.invoke(
        [
          { role: 'system', content: instructions },
          { role: 'user', content: data },
        ],
        { signal },
      );
      const { input_tokens: tokensIn = 0, output_tokens: tokensOut = 0 } = reply.usage_metadata ?? {};
      return { text: reply.text, tokensIn, tokensOut };
    },
  };
}
