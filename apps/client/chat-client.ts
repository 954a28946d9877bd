/** A person's conversation with the agents: sends a question, streams what happens, and goes on after an approval. */
import { z } from 'zod';
import { type ChatEvent, chatEvent } from '../../agents/events.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { AGENTS_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import { postJson } from './post-json.ts';
import { readAnswer, toWayleaveError } from './read-answer.ts';
import type { ClientSession } from './session.ts';

export interface ChatClient {
  /** Asks in a thread (a new one when none is named); the first thing to arrive is the thread's name. */
  ask(text: string, thread?: string, signal?: AbortSignal): AsyncIterable<ChatItem>;
  /** Goes on with a run that waits for an approval. */
  resume(thread: string, signal?: AbortSignal): AsyncIterable<ChatItem>;
  /** Hears what the thread told after that event (all of it, when empty), and what runs in it now, to its end. */
  follow(thread: string, after: string, signal?: AbortSignal): AsyncIterable<ChatItem>;
  /** Asks the run to stop before its next step; false when none runs. */
  stop(thread: string): Promise<boolean>;
}

export type ChatItem = { readonly thread: string } | ChatEvent;

export function createChatClient(session: ClientSession, agentsUrl: string): ChatClient {
  const request = session.fetch(AGENTS_AUDIENCE);
  const post = (path: string, body: object, signal?: AbortSignal): AsyncIterable<ChatItem> =>
    readStream(() => request(`${agentsUrl}${path}`, postJson(body, signal)), signal);
  return {
    ask: (text, thread, signal) => post('/chat', thread === undefined ? { text } : { text, thread }, signal),
    resume: (thread, signal) => post(`${pathOf(thread)}/resume`, {}, signal),
    follow(thread, after, signal) {
      const query = after === '' ? '' : `?after=${encodeURIComponent(after)}`;
      const init = signal === undefined ? {} : { signal };
      return readStream(() => request(`${agentsUrl}${pathOf(thread)}/events${query}`, init), signal, thread);
    },
    async stop(thread) {
      const response = await request(`${agentsUrl}${pathOf(thread)}/stop`, postJson({}));
      return (await readAnswer(response, stopForm)).stopped;
    },
  };
}

const pathOf = (thread: string): string => `/threads/${encodeURIComponent(thread)}`;
const stopForm = z.object({ stopped: z.boolean() });

/** One event of the stream is at most so long; a longer one is not from our agents. */
const MAX_EVENT = 4 * 1024 * 1024;

/** `thread` is its name where the answer does not say it. */
async function* readStream(
  send: () => Promise<Response>,
  signal: AbortSignal | undefined,
  thread = '',
): AsyncGenerator<ChatItem> {
  const response = await send();
  if (!response.ok || response.body === null) {
    throw toWayleaveError(await response.json().catch(() => undefined), response.status);
  }
  yield { thread: response.headers.get('wayleave-thread') ?? thread };
  let rest = '';
  for await (const chunk of readText(response.body, signal)) {
    const events = (rest + chunk).split('\n\n');
    rest = events.pop() ?? '';
    if (rest.length > MAX_EVENT) throw new WayleaveError('TOO_LARGE', 'The agents sent an event without end.');
    for (const event of events) {
      const item = readItem(event);
      if (item !== undefined) yield item;
    }
  }
}

/** The text as it comes; `UNAVAILABLE` where the connection is lost before its end, and nobody here broke it off. */
async function* readText(body: NonNullable<Response['body']>, signal?: AbortSignal): AsyncGenerator<string> {
  try {
    yield* body.pipeThrough(new TextDecoderStream());
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new WayleaveError('UNAVAILABLE', 'The connection was lost in the middle of the answer.');
  }
}

function readItem(event: string): ChatEvent | undefined {
  const data = event
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trimStart())
    .join('\n');
  return data === '' ? undefined : chatEvent.parse(JSON.parse(data));
}
