/** Who comes late to a run hears all of it once, and a run that is stopped says so. */
import { MemorySaver } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import { createConversations } from '../../agents/conversations.ts';
import type { ChatEvent } from '../../agents/events.ts';
import { createIds } from '../../agents/ids.ts';
import { createLiveRuns } from '../../agents/live-runs.ts';
import { createMemoryThreadList } from '../../agents/thread-list.ts';
import { createFakeBroker, createFaulty } from './fake-broker.ts';

const text = (id: string): ChatEvent => ({ type: 'text', id, text: id });
const never = new AbortController().signal;
const owner = { human: 'op@acme', tenant: 'acme' };

async function collect(events: AsyncIterable<ChatEvent>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of events) ids.push(id);
  return ids;
}

describe('live runs', () => {
  it('tell a late reader what was said before, then what follows, then end', async () => {
    const live = createLiveRuns();
    const run = live.begin('k');
    run.emit(text('e000000'));
    const late = collect(live.read('k', never));
    run.emit(text('e000001'));
    run.end();
    expect(await late).toEqual(['e000000', 'e000001']);
    expect(await collect(live.read('k', never))).toEqual([]);
  });

  it('let a reader go who leaves', async () => {
    const live = createLiveRuns();
    live.begin('k').emit(text('e000000'));
    const gone = new AbortController();
    const read = collect(live.read('k', gone.signal));
    gone.abort();
    expect(await read).toEqual(['e000000']);
    expect(live.stop('other')).toBe(false);
  });
});

describe('conversations that are followed', () => {
  const start = () => {
    const broker = createFakeBroker(createFaulty(1, { type: 'bgp_asn_mismatch', resource: 'node/br2_edge' }));
    const threads = createMemoryThreadList();
    const conversations = createConversations({ saver: new MemorySaver(), ids: createIds(), threads, now: () => 0 });
    const told: ChatEvent[] = [];
    const turn = { ...owner, thread: 'thr_1', broker, emit: (event: ChatEvent) => void told.push(event) };
    return { conversations, turn, told };
  };

  it('are heard whole from any event on, while they run and afterwards', async () => {
    const { conversations, turn, told } = start();
    const run = conversations.chat({ ...turn, text: 'why is branch 2 down' });
    const along = collect(conversations.follow(owner, 'thr_1', '', never));
    await run;
    const ids = told.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(10);
    // Who asked before the run began hears of its end only; who did not, hears all of it, and nothing twice.
    expect([ids, ['done']]).toContainEqual(await along);
    const after = ids[5] ?? '';
    expect(await collect(conversations.follow(owner, 'thr_1', after, never))).toEqual(ids.slice(6));
    expect(await collect(conversations.follow({ ...owner, human: 'eve@acme' }, 'thr_1', '', never))).toEqual(['done']);
  });

  it('are listed with their first question, for their owner only', async () => {
    const { conversations, turn } = start();
    await conversations.chat({ ...turn, text: 'is branch 2 healthy' });
    expect((await conversations.list(owner)).threads).toMatchObject([
      { thread: 'thr_1', title: 'is branch 2 healthy', turns: 1, running: false },
    ]);
    expect((await conversations.list({ ...owner, tenant: 'globex' })).threads).toEqual([]);
    expect(await conversations.show(owner, 'thr_1')).toMatchObject({ turns: [{ from: 'e000000' }] });
  });

  it('stop when their owner says so, keep what was found, and can go on', async () => {
    const { conversations, turn, told } = start();
    let stopped = false;
    const emit = (event: ChatEvent): void => {
      told.push(event);
      if (told.length === 4) stopped = conversations.stop(owner, 'thr_1');
    };
    await conversations.chat({ ...turn, emit, text: 'why is branch 2 down' });
    expect(stopped).toBe(true);
    expect(told.map(({ id }) => id)).toContain('stopped');
    expect(told.map(({ type }) => type)).not.toContain('finding');
    expect(await conversations.show(owner, 'thr_1')).toMatchObject({ status: 'interrupted' });
    await conversations.resume({ ...turn, emit: (event) => void told.push(event) });
    expect(told.map(({ type }) => type)).toContain('finding');
  });
});
