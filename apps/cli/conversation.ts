/** One conversation of a terminal: how far it was heard, going on where it broke off, and stopping what runs. */
import { WayleaveError } from '../../broker/errors.ts';
import type { ChatClient, ChatItem } from '../client/chat-client.ts';

export interface Conversation {
  /** Asks, in the same thread as before. */
  ask(text: string, signal: AbortSignal): AsyncIterable<ChatItem>;
  /**
   * Goes on: first with what was told while nobody listened here, then with the run itself, when it waits or was cut off.
   * Throws `USAGE` when nothing was asked yet.
   */
  resume(signal: AbortSignal): AsyncIterable<ChatItem>;
  /** Asks what runs to stop before its next step; false when nothing runs, or nobody knows. */
  stop(): Promise<boolean>;
  /** An answer was begun and its end not heard. */
  isCutOff(): boolean;
  /** The next question begins another thread. */
  leave(): void;
  /** For whoever follows a turn: the same calls, so that what they hear counts as heard. */
  readonly chat: ChatClient;
}

/** Events that the conversation keeps, as against those only said to who was there. */
const isKept = (id: string): boolean => /^e\d{6}$/.test(id);

export function openConversation(chat: ChatClient): Conversation {
  let thread: string | undefined;
  /** The last event that was heard and is kept. */
  let last = '';
  /** The stream that was heard last told its end. */
  let ended = true;

  async function* hear(items: AsyncIterable<ChatItem>): AsyncGenerator<ChatItem> {
    for await (const item of items) {
      if ('thread' in item) {
        ({ thread } = item);
        ended = false;
      } else {
        if (isKept(item.id)) last = item.id;
        ended = item.type === 'done';
      }
      yield item;
    }
  }
  const listening: ChatClient = {
    ask: (text, name, signal) => hear(chat.ask(text, name, signal)),
    resume: (name, signal) => hear(chat.resume(name, signal)),
    follow: (name, after, signal) => hear(chat.follow(name, after, signal)),
    stop: (name) => chat.stop(name),
  };
  return {
    chat: listening,
    ask: (text, signal) => listening.ask(text, thread, signal),
    async *resume(signal) {
      if (thread === undefined) throw new WayleaveError('USAGE', 'No conversation waits here.');
      let missed = false;
      if (!ended) {
        for await (const item of listening.follow(thread, last, signal)) {
          if ('thread' in item || item.type === 'done') continue;
          missed = true;
          yield item;
        }
      }
      for await (const item of listening.resume(thread, signal)) {
        // What was missed was all there is: that nothing waits is no news then.
        if (missed && !('thread' in item) && item.id === 'idle') continue;
        yield item;
      }
    },
    stop: async () => (thread === undefined ? false : chat.stop(thread).catch(() => false)),
    isCutOff: () => thread !== undefined && !ended,
    leave() {
      thread = undefined;
      last = '';
      ended = true;
    },
  };
}
