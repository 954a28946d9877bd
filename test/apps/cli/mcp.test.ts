/** `wayleave mcp`: JSON-RPC over stdin and stdout to the broker's real servers, and the configuration of clients. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMcpBridge } from '../../../apps/cli/mcp-bridge.ts';
import { createMcpRelay } from '../../../apps/client/mcp-relay.ts';
import type { ClientSession } from '../../../apps/client/session.ts';
import { DOMAINS } from '../../../broker/contract.ts';
import { type Front, startFront } from '../../broker/http/fixture.ts';
import { wayleave } from './fake-io.ts';

const AS = ['--as', 'operator@acme'];
let front: Front;
let session: ClientSession;
beforeAll(async () => {
  front = await startFront();
  session = await front.login('operator@acme');
});
afterAll(() => front.close());

const initialize = {
  jsonrpc: '2.0',
  id: 'hello',
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'editor', version: '1' } },
};

/** What comes out for these lines on stdin, by the id of the request. */
async function converse(lines: readonly unknown[], args: readonly string[] = []) {
  const stdin = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
  const relay = async (domain: (typeof DOMAINS)[number]) => createMcpRelay(session, domain);
  const said = await wayleave(['mcp', ...args, ...AS], { stdin, relay });
  const answers = said.out.split('\n').filter((line) => line !== '');
  return { said, byId: new Map(answers.map((line) => [JSON.parse(line).id, JSON.parse(line)])) };
}

describe('wayleave mcp', () => {
  it('serves the tools of all domains as one server, and nothing but JSON-RPC on stdout', async () => {
    const { said, byId } = await converse([
      initialize,
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'bgp.read', arguments: { input: {} } } },
    ]);
    expect(said).toMatchObject({ exit: 0, err: '' });
    expect(byId.get('hello').result.protocolVersion).toBe('2025-06-18');
    const names = byId.get(1).result.tools.map(({ name }: { name: string }) => name);
    expect(names.sort()).toEqual([...DOMAINS.map((domain) => `${domain}.read`), 'intent.await'].sort());
    expect(byId.get(2).result.structuredContent.status).toBe('done');
    expect(front.calls.at(-1)).toMatchObject({ tool: 'bgp.read', subject: { human: 'operator@acme' } });
    expect(front.calls.at(-1)?.subject.lookOnly).toBeUndefined(); // the login is bound to its key
  });

  it('sends a call of an upstream tool to the domain that lists it, also before the client asked for a list', async () => {
    const asked: string[] = [];
    const relayOf =
      (domain: string, tools: readonly string[]) => async (message: { readonly [key: string]: unknown }) => {
        if (message['method'] === 'tools/call') asked.push(domain);
        const result =
          message['method'] === 'tools/list' ? { tools: tools.map((name) => ({ name })) } : { from: domain };
        return { jsonrpc: '2.0', id: 1, result };
      };
    const relays = new Map([
      ['inventory', relayOf('inventory', ['inventory.devices'])],
      ['security', relayOf('security', ['upstream.tickets.search'])],
    ] as const);
    const bridge = createMcpBridge({ relays, domainOf: () => undefined });
    for (const name of ['upstream.tickets.search', 'upstream.tickets.none'])
      await bridge.carry({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } });
    expect(asked).toEqual(['security', 'inventory']); // an unknown one goes where all unknown ones go
  });

  it('serves one domain, when asked to', async () => {
    const { byId } = await converse([initialize, { jsonrpc: '2.0', id: 1, method: 'tools/list' }], ['--domain', 'wan']);
    expect(byId.get(1).result.tools.map(({ name }: { name: string }) => name)).toEqual(['wan.read', 'intent.await']);
  });

  it('answers what is not a message, and goes on', async () => {
    const { byId } = await converse(['{"jsonrpc":', { jsonrpc: '2.0', id: 1, method: 'ping' }]);
    expect(byId.get(null).error.code).toBe(-32700);
    expect(byId.get(1).result).toEqual({});
  });

  it('ends when a line does not end', async () => {
    const { said } = await converse(['x'.repeat(1_100_000)]);
    expect(said.err).toContain('TOO_LARGE');
    expect(said.exit).not.toBe(0);
  });

  it('says why a login that has ended is of no use any more', async () => {
    const other = await front.login('operator@acme');
    const relay = createMcpRelay(other, 'wan');
    expect(await relay({ jsonrpc: '2.0', id: 1, method: 'ping' }, {})).toMatchObject({ result: {} });
    const id = [...front.sessionsById.keys()].at(-1) ?? '';
    const known = front.sessionsById.get(id);
    if (known === undefined) throw new Error('no session');
    front.sessionsById.set(id, { ...known, endedAt: new Date(front.clock.now()).toISOString() });
    const bridge = createMcpBridge({ relays: new Map([['wan', relay]]), domainOf: () => 'wan' });
    const answer = await bridge.carry({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
    expect(answer).toMatchObject({ id: 2, error: { code: -32000, data: { code: 'UNAUTHENTICATED' } } });
  });

  it('breaks off what the client cancels, and does not answer it', async () => {
    let aborted = false;
    const bridge = createMcpBridge({
      relays: new Map([
        [
          'wan',
          (_message, { signal }) =>
            new Promise((_resolve, reject) => {
              signal?.addEventListener('abort', () => {
                aborted = true;
                reject(new Error('aborted'));
              });
            }),
        ],
      ]),
      domainOf: () => 'wan',
    });
    const call = bridge.carry({ jsonrpc: '2.0', id: 9, method: 'tools/call', params: { name: 'x' } });
    await bridge.carry({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 9 } });
    expect(await call).toBeUndefined();
    expect(aborted).toBe(true);
  });
});

describe('wayleave mcp config', () => {
  it('prints what starts the bridge', async () => {
    const said = await wayleave(['mcp', 'config', '--client', 'vscode', '--domain', 'wan', ...AS]);
    expect(JSON.parse(said.out)).toEqual({
      servers: {
        wayleave: {
          type: 'stdio',
          command: 'wayleave',
          args: ['--home', '/nowhere/home', 'mcp', '--domain', 'wan', '--as', 'operator@acme'],
        },
      },
    });
  });

  it('prints the address of each server for clients that log in by themselves', async () => {
    const said = await wayleave(['mcp', 'config', '--client', 'claude-code', '--transport', 'http']);
    const { mcpServers } = JSON.parse(said.out);
    expect(Object.keys(mcpServers)).toEqual(DOMAINS.map((domain) => `wayleave-${domain}`));
    expect(mcpServers['wayleave-wan']).toEqual({ type: 'http', url: 'http://127.0.0.1:7420/mcp/wan' });
  });

  it('knows the clients it can write for', async () => {
    expect((await wayleave(['mcp', 'config', '--client', 'emacs'])).exit).toBe(2);
    expect((await wayleave(['mcp', 'config'])).exit).toBe(2);
  });
});
