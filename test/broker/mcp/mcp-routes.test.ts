/** The MCP servers as raw JSON-RPC: what is listed, what an answer, a refusal and a defect look like. */
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import type { Answer, Broker, Credential, Subject } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import { mcpRoutes } from '../../../broker/mcp/mcp-routes.ts';

const subject: Subject = { human: 'a@acme', roles: [], tenant: 'acme', session: 'ses_1', chain: ['a@acme'] };
const decision = {
  id: 'd',
  effect: 'permit',
  policies: [],
  reasons: [],
  obligations: [],
  advice: [],
  revision: 'r',
} as const;

async function post(body: unknown, broker: Partial<Broker> = {}, domain = 'wan') {
  const authenticated: string[] = [];
  const logged: unknown[] = [];
  const app = new Hono();
  app.route(
    '/mcp',
    mcpRoutes({
      url: 'http://127.0.0.1:1',
      authenticate: async (_credential, audience) => {
        authenticated.push(audience);
        return subject;
      },
      broker: { listTools: async () => [], call: () => Promise.reject(new Error('not expected')), ...broker },
      ids: { id: (prefix) => `${prefix}_1` },
      log: { error: (fields) => void logged.push(fields) },
    }),
  );
  app.onError((error) => {
    if (error instanceof WayleaveError) return Response.json(error, { status: error.status });
    throw error;
  });
  const response = await app.request(`http://127.0.0.1:1/mcp/${domain}`, {
    method: 'POST',
    headers: {
      Authorization: 'DPoP token',
      DPoP: 'proof',
      Accept: 'application/json, text/event-stream',
      'Content-Type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text), authenticated, logged };
}

const call = (name: string, args: unknown = {}) => ({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name, arguments: args },
});

describe('an MCP server of the broker', () => {
  it('lists tools with the schema of their envelope, and hints about their effect', async () => {
    const listing = {
      domain: 'wan',
      description: 'd',
      inputSchema: { type: 'object', additionalProperties: false },
    } as const;
    const { body } = await post(
      { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      {
        listTools: async () => [
          { ...listing, name: 'a', effect: 'read' },
          { ...listing, name: 'b', effect: 'change' },
        ],
      },
    );
    expect(body.result.tools).toEqual([
      {
        name: 'a',
        description: 'd',
        inputSchema: listing.inputSchema,
        annotations: { readOnlyHint: true, destructiveHint: false, openWorldHint: false },
      },
      {
        name: 'b',
        description: 'd',
        inputSchema: listing.inputSchema,
        annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
      },
    ]);
  });

  it('hands credential and arguments to the broker as they came, and answers with its answer', async () => {
    const seen: { credential?: Credential; rest?: unknown } = {};
    const answer: Answer = {
      status: 'pending',
      intent: 'int_1',
      approval: 'apr_1',
      summary: {
        decision,
        diff: '-a\n+b',
        needed: { count: 2, role: 'tenant-admin' },
        expiresAt: '2026-01-01T00:00:00Z',
      },
    };
    const { body, authenticated } = await post(call('set', { input: { x: 1 }, surprise: true }), {
      call: async (credential, ...rest) => {
        seen.credential = credential;
        seen.rest = rest;
        return answer;
      },
    });
    expect(seen).toEqual({
      credential: {
        scheme: 'DPoP',
        token: 'token',
        proof: 'proof',
        method: 'POST',
        url: 'http://127.0.0.1:1/mcp/wan',
        source: 'local',
      },
      rest: ['wan', 'set', { input: { x: 1 }, surprise: true }],
    });
    expect(authenticated).toEqual([]); // the proof is left for the pipeline
    expect(body.result.structuredContent).toEqual(answer);
    expect(body.result.content).toEqual([
      { type: 'text', text: expect.stringContaining('apr_1 waits for 2 × tenant-admin') },
    ]);
  });

  it('answers a refusal as a tool error with code and hint', async () => {
    const { status, body } = await post(call('x'), { call: () => Promise.reject(new WayleaveError('DENIED', 'No.')) });
    expect(status).toBe(200);
    expect(body.result).toMatchObject({
      isError: true,
      structuredContent: { error: { code: 'DENIED', message: 'No.' } },
    });
  });

  it('answers a failed authentication with 401, also from within the pipeline', async () => {
    const refuse = () => Promise.reject(new WayleaveError('UNAUTHENTICATED'));
    expect((await post(call('x'), { call: refuse })).status).toBe(401);
    expect((await post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { listTools: refuse })).status).toBe(401);
  });

  it('answers a missing second factor with 401, which a client meets by logging in again', async () => {
    const { status, body } = await post(call('x'), {
      call: () => Promise.reject(new WayleaveError('STEP_UP_REQUIRED')),
    });
    expect(status).toBe(401);
    expect(body).toMatchObject({ error: { code: 'STEP_UP_REQUIRED' } });
  });

  it('tells nothing of a defect but an id', async () => {
    const { body, logged } = await post(call('x'), { call: () => Promise.reject(new Error('secret')) });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(body.result.structuredContent.error).toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('err_1'),
    });
    expect(logged).toHaveLength(1);
  });

  it('authenticates everything else itself, for the domain', async () => {
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
    };
    const { body, authenticated } = await post(initialize, {}, 'security');
    expect(authenticated).toEqual(['urn:wayleave:mcp:security']);
    expect(body.result).toMatchObject({ serverInfo: { name: 'wayleave-security' }, capabilities: { tools: {} } });
    expect((await post({ jsonrpc: '2.0', id: 1, method: 'resources/list' })).body).toHaveProperty('error');
  });

  it.each([
    ['a call without an id', { jsonrpc: '2.0', method: 'tools/call', params: { name: 'bgp.read' } }],
    ['a call without a name', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: {} }],
    ['a list without an id', { jsonrpc: '2.0', method: 'tools/list' }],
  ])('answers %s only after it knows who asks', async (_, body) => {
    const { status, authenticated } = await post(body);
    expect({ status, authenticated }).toEqual({ status: 400, authenticated: ['urn:wayleave:mcp:wan'] });
  });
});
