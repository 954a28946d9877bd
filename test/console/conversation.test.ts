/** A conversation of the console goes on with each approval that is decided, and loses no question. */
import { beforeEach, describe, expect, it, vi } from 'vitest';

interface Conversation {
  readonly talk: {
    readonly status: string;
    readonly approvals: readonly string[];
    readonly turns: readonly { readonly text: string }[];
    readonly unsent?: string;
  };
  load(): Promise<void>;
  ask(text: string): Promise<void>;
  follow(approval: string): Promise<void>;
}

/** What a module of the console remembers ends with each test. */
beforeEach(() => void vi.resetModules());

/** By name, since types of the browser are for the console only. Agents answer as `answer` says; undefined is no answer. */
async function open(thread: string, answer: (path: string) => Response | undefined) {
  const folder = '../../console';
  const { Conversation: Made } = await import(`${folder}/screens/chat/conversation.ts`);
  const { Problem } = await import(`${folder}/api/problem.ts`);
  const asked: string[] = [];
  const agents = async (path: string): Promise<Response> => {
    asked.push(path);
    const answered = answer(path);
    if (answered === undefined) throw new Problem('UNREACHABLE');
    return answered;
  };
  const session = { human: 'op@acme', tenant: 'acme', id: 'ses_1', agents };
  const conversation: Conversation = new Made(session, thread, () => {});
  return { conversation, asked };
}

const shown = (approvals: readonly string[]) =>
  Response.json({
    thread: 'thr_1',
    status: approvals.length > 0 ? 'waiting' : 'idle',
    approvals,
    turns: [{ text: 'is anybody attacking us?', at: '2026-03-01T00:00:00Z', from: 'e000000' }],
    events: [],
  });
const done = () => new Response('event: done\ndata: {"type":"done","id":"done"}\n\n');

describe('a conversation that waits for several approvals', () => {
  it('goes on with each that is decided, once', async () => {
    let left = ['apr_1', 'apr_2'];
    const { conversation, asked } = await open('thr_1', (path) => {
      if (!path.endsWith('/resume')) return shown(left);
      left = ['apr_1'];
      return done();
    });
    await conversation.load();
    expect(conversation.talk.approvals).toEqual(['apr_1', 'apr_2']);
    await conversation.follow('apr_2');
    expect(conversation.talk).toMatchObject({ status: 'waiting', approvals: ['apr_1'] });
    await conversation.follow('apr_2');
    expect(asked.filter((path) => path.endsWith('/resume'))).toHaveLength(1);
    await conversation.follow('apr_1');
    expect(asked.filter((path) => path.endsWith('/resume'))).toHaveLength(2);
  });

  it('goes on again with one whose answer was cut off before its end', async () => {
    const { conversation, asked } = await open('thr_1', (path) =>
      path.endsWith('/resume') ? new Response('') : shown(['apr_1']),
    );
    await conversation.load();
    await conversation.follow('apr_1');
    await conversation.follow('apr_1');
    expect(asked.filter((path) => path.endsWith('/resume'))).toHaveLength(2);
  });
});

it('keeps a question that the agents did not hear, and forgets it with the next one', async () => {
  let away = true;
  const { conversation } = await open('', () => {
    return away ? undefined : done();
  });
  await conversation.ask('is everything healthy?');
  expect(conversation.talk).toMatchObject({ status: 'idle', turns: [], unsent: 'is everything healthy?' });
  away = false;
  await conversation.ask('is everything healthy?');
  expect(conversation.talk.unsent).toBeUndefined();
  expect(conversation.talk.turns.map(({ text }) => text)).toEqual(['is everything healthy?']);
});
