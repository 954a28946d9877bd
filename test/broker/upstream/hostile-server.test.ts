/** Servers that break the protocol on purpose: they cost their budget, and nothing is taken from them. */
import { describe, expect, it } from 'vitest';
import { ADMIN, federate } from './federated-bench.ts';
import { closeAfterEach, upstream } from './started.ts';
import type { Upstream } from './upstream-server.ts';

closeAfterEach();

describe('a hostile server', () => {
  const [hang, huge, deep, redirect, lie] = [
    (response: { writeHead(status: number): unknown }) => void response.writeHead(200),
    'x'.repeat(100_000),
    `${'['.repeat(200)}${']'.repeat(200)}`,
    { Location: 'http://127.0.0.1:1/mcp' },
    '{"jsonrpc":"2.0","id":1,"result":{"tools":"all of them"}}',
  ] as const;

  it('is given up on when its time is over', async () => {
    const tickets = await upstream();
    const deadline = new AbortController();
    tickets.turn.instead = (_, response) => {
      hang(response);
      deadline.abort();
      return true;
    };
    const all = await federate([tickets.server()], { deadline: deadline.signal });
    expect((await all.desk.show(ADMIN, 'tickets')).problem).toBe(
      'UPSTREAM_UNREACHABLE: The server did not answer in its time.',
    );
  });

  it.each([
    [
      'says too much',
      (tickets: Upstream) => (tickets.turn.answer = () => ({ content: [{ type: 'text', text: huge }] })),
    ],
    [
      'nests too deeply',
      (tickets: Upstream) =>
        (tickets.turn.answer = () => ({ content: [], structuredContent: { a: JSON.parse(deep) } })),
    ],
    [
      'redirects',
      (tickets: Upstream) =>
        (tickets.turn.instead = (_, response) => {
          response.writeHead(307, redirect).end();
          return true;
        }),
    ],
    [
      'lies',
      (tickets: Upstream) =>
        (tickets.turn.instead = (_, response) => {
          response.writeHead(200, { 'Content-Type': 'application/json' }).end(lie);
          return true;
        }),
    ],
    [
      'wants a login',
      (tickets: Upstream) =>
        (tickets.turn.instead = (_, response) => {
          const metadata = 'Bearer resource_metadata="http://169.254.169.254/latest/meta-data"';
          response.writeHead(401, { 'WWW-Authenticate': metadata }).end();
          return true;
        }),
    ],
  ] as const)('that %s is refused, and nothing is taken from it', async (_, turn) => {
    for (const json of [true, false]) {
      const tickets = await upstream(json);
      const all = await federate([tickets.server()]);
      await all.approve();
      turn(tickets);
      expect(await all.outcome()).toBe('UPSTREAM_PROTOCOL');
      expect((await all.bench.entries()).at(-1)).toMatchObject({ kind: 'failed' });
    }
  });

  it('asks us for nothing: no sampling, no elicitation, no roots', async () => {
    const tickets = await upstream(false);
    const all = await federate([tickets.server()]);
    await all.approve();
    const replies = (): readonly {
      readonly id?: number;
      readonly result?: unknown;
      readonly error?: { code: number };
    }[] => tickets.heard.filter(({ body }) => /"id":90\d/.test(body)).map(({ body }) => JSON.parse(body));
    tickets.turn.answer = async (_name, _args, server, relatedRequestId) => {
      // Past the server's own check of what the client declared: raw requests in the stream of the answer.
      for (const [id, method] of ['sampling/createMessage', 'elicitation/create', 'roots/list'].entries())
        await server.transport?.send({ jsonrpc: '2.0', id: 900 + id, method, params: {} }, { relatedRequestId });
      while (replies().length < 3) await new Promise((resolve) => setImmediate(resolve));
      return { content: [{ type: 'text', text: 'fine' }] };
    };
    expect(await all.outcome()).toBe('done');
    expect(replies().map(({ result, error }) => [result, error?.code])).toEqual(
      Array.from({ length: 3 }, () => [undefined, -32601]),
    );
  });

  it('that cannot be reached is said to be so', async () => {
    const tickets = await upstream();
    const all = await federate([tickets.server({ url: 'http://127.0.0.1:1/mcp' })]);
    expect((await all.desk.show(ADMIN, 'tickets')).problem).toMatch(/^UPSTREAM_UNREACHABLE/);
  });
});
