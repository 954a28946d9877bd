/** The chat surface: streams, threads that only their owner has, errors in the one form. */
import { MemorySaver } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import { createConversations } from '../../agents/conversations.ts';
import type { ChatEvent } from '../../agents/events.ts';
import { chatEvent } from '../../agents/events.ts';
import { createAgentsApp } from '../../agents/http.ts';
import { createIds } from '../../agents/ids.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { createFakeBroker, createFaulty } from './fake-broker.ts';

function createApp() {
  const broker = createFakeBroker(createFaulty(1, { type: 'bgp_asn_mismatch', resource: 'node/br2_edge' }));
  const ids = createIds();
  const app = createAgentsApp({
    conversations: createConversations({ saver: new MemorySaver(), ids }),
    ids,
    brokerFor: () => broker,
    async authenticate(request) {
      const token = request.headers.get('authorization');
      const [human, tenant] = (token ?? '').split('@');
      if (!token || !human || !tenant) throw new WayleaveError('UNAUTHENTICATED');
      return { human: token, tenant, token };
    },
  });
  const send = (who: string, method: string, url: string, body?: unknown) =>
    app.request(url, {
      method,
      headers: { ...(who ? { authorization: who } : {}), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return { app, broker, send };
}

async function readStream(response: Response): Promise<readonly ChatEvent[]> {
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data: '));
  return lines.map((line) => chatEvent.parse(JSON.parse(line.slice(6))));
}

describe('chat', () => {
  it('streams a run, parks it, resumes it, and shows it again', async () => {
    const { broker, send } = createApp();
    const started = await send('op@acme', 'POST', '/chat', { text: 'why is branch 2 down' });
    expect(started.headers.get('content-type')).toContain('text/event-stream');
    const thread = started.headers.get('wayleave-thread') ?? '';
    expect(thread).toMatch(/^thr_[a-z0-9]+$/);
    const events = await readStream(started);
    expect(events.at(-1)?.type).toBe('done');
    expect(events.map(({ type }) => type)).toContain('pending');
    expect(await (await send('op@acme', 'GET', `/threads/${thread}`)).json()).toMatchObject({ status: 'waiting' });

    for (const id of broker.approvals.keys()) broker.approvals.set(id, 'approved');
    const resumed = await readStream(await send('op@acme', 'POST', `/threads/${thread}/resume`));
    expect(resumed.map(({ type }) => type)).toContain('outcome');

    const again = await readStream(await send('op@acme', 'POST', '/chat', { thread, text: 'is branch 2 healthy' }));
    expect(again.find(({ type }) => type === 'finding')).toMatchObject({ verdict: 'healthy' });
  });

  it('keeps threads to their owner: others find nothing', async () => {
    const { send } = createApp();
    const started = await send('op@acme', 'POST', '/chat', { text: 'why is branch 2 down' });
    const thread = started.headers.get('wayleave-thread') ?? '';
    await started.text();
    for (const who of ['eve@acme', 'op@globex']) {
      for (const [method, url, body] of [
        ['GET', `/threads/${thread}`, undefined],
        ['POST', `/threads/${thread}/resume`, undefined],
        ['POST', '/chat', { thread, text: 'hello' }],
      ] as const) {
        const response = await send(who, method, url, body);
        expect(response.status).toBe(404);
        expect(await response.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
      }
    }
  });

  it('answers errors in the one form', async () => {
    const { app, send } = createApp();
    expect((await send('', 'POST', '/chat', { text: 'x' })).status).toBe(401);
    expect((await send('op@acme', 'POST', '/chat', { text: '' })).status).toBe(400);
    expect((await send('op@acme', 'POST', '/chat', { text: 'x', extra: 1 })).status).toBe(400);
    expect((await send('op@acme', 'POST', '/chat', { text: 'x'.repeat(70_000) })).status).toBe(413);
    expect((await send('op@acme', 'GET', '/threads/..%2F')).status).toBe(404);
    expect((await send('op@acme', 'GET', '/approvals')).status).toBe(404);
    expect((await app.request('/healthz')).status).toBe(200);
  });
});
