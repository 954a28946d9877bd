/** Load is shed over real HTTP: a read hears when to come back, a change and a person's vote are served all the same. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, expect, it } from 'vitest';
import { SHED } from '../../../broker/limits/shed.ts';
import { mcpRoutes } from '../../../broker/mcp/mcp-routes.ts';
import { createBench, OPERATOR } from '../pipeline/bench.ts';

let server: Server | undefined;
afterEach(() => new Promise((resolve) => server?.close(resolve)));

it('with Retry-After, reads first, and never an approval', { timeout: 60_000 }, async () => {
  const bench = await createBench();
  bench.inject();
  const routes = mcpRoutes({
    url: 'http://127.0.0.1',
    authenticate: async () => bench.subjectOf(OPERATOR),
    broker: {
      call: (_credential, ...rest) => bench.broker.call(bench.credentialOf(OPERATOR), ...rest),
      listTools: (_credential, domain) => bench.broker.listTools(bench.credentialOf(OPERATOR), domain),
    },
    ...{ controlDesk: bench.desk, pause: async () => undefined, ids: bench.ids, log: { error: () => undefined } },
  });
  const answer = getRequestListener(new Hono().route('/mcp', routes).fetch);
  const listening = createServer((request, response) => void answer(request, response));
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/mcp`;
  const call = async (domain: string, name: string, args: object) => {
    const headers = {
      ...{ Authorization: 'DPoP x', DPoP: 'x', 'Content-Type': 'application/json' },
      Accept: 'application/json, text/event-stream',
    };
    const params = { name, arguments: args };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    const response = await fetch(`${url}/${domain}`, { method: 'POST', headers, body });
    return { retryAfter: response.headers.get('retry-after'), text: await response.text() };
  };
  const read = () =>
    call('diagnostics', 'bgp.read', { target: { devices: ['br2_edge'] }, input: {}, purpose: 'chat:1' });
  const change = () =>
    call('wan', 'bgp.set-local-as', {
      target: { devices: ['br2_edge'] },
      input: { localAs: 65_002 },
      purpose: 'chat:1',
    });

  expect(await read()).toMatchObject({ retryAfter: null, text: expect.stringContaining('"status":"done"') });
  bench.turn.lagMs = SHED.read.lagMs;
  const asked = bench.reads.length;
  expect(await read()).toMatchObject({ retryAfter: '1', text: expect.stringContaining('OVERLOADED') });
  expect(bench.reads.length).toBe(asked);
  bench.turn.lagMs = 60_000;
  expect(await change()).toMatchObject({ retryAfter: null, text: expect.stringContaining('"status":"pending"') });
  const [approval] = await bench.approvals.list('acme', 'pending');
  expect((await bench.vote('admin@acme', approval?.id ?? '')).status).toBe('approved');
  bench.turn.lagMs = 0;
  expect((await read()).retryAfter).toBeNull();
});
