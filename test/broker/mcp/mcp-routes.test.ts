/** The MCP servers as raw JSON-RPC: what is listed, awaited, answered and refused. Over 300 lines because all of it is asked of one server. */
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import type { Answer, Approval, Broker, Credential, Subject } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import { AWAIT_LISTING, createAwaitIntent } from '../../../broker/mcp/await-intent.ts';
import { ANSWER_SCHEMA } from '../../../broker/mcp/describe-tool.ts';
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

/** An approval that is decided at the third look at it. */
function approvalOf(requester: Subject, decided: Approval['status'] = 'approved') {
  const intent = {
    id: 'int_12345678',
    tool: 'x',
    domain: 'wan',
    effect: 'change',
    tenant: 'acme',
    target: { devices: ['a'] },
    input: {},
    purpose: 'inc_1',
    evidence: [],
    expiresAt: '2026-01-01T00:00:00Z',
    digest: 'd',
  } as const;
  const pending: Approval = {
    id: 'apr_1',
    intent,
    requester,
    decision,
    diff: '',
    stateHash: 's',
    status: 'pending',
    needed: { count: 1, role: 'tenant-admin' },
    votes: [],
    createdAt: '2026-01-01T00:00:00Z',
    expiresAt: '2026-01-01T00:10:00Z',
  };
  let looks = 3;
  return {
    approvals: async () => [pending],
    approval: async (): Promise<Approval> => {
      looks -= 1;
      return looks > 0 ? pending : { ...pending, status: decided };
    },
  };
}

async function post(
  body: unknown,
  broker: Partial<Broker> = {},
  domain = 'wan',
  {
    headers = {},
    controlDesk = approvalOf(subject),
  }: { headers?: object; controlDesk?: ReturnType<typeof approvalOf> } = {},
) {
  const paused: number[] = [];
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
      controlDesk,
      pause: async (milliseconds) => void paused.push(milliseconds),
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
      ...headers,
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const after = response.headers.get('retry-after');
  return {
    status: response.status,
    after,
    body: text === '' ? undefined : JSON.parse(text),
    authenticated,
    logged,
    paused,
  };
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
        outputSchema: ANSWER_SCHEMA,
        name: 'a',
        description: 'd',
        inputSchema: listing.inputSchema,
        annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
      },
      {
        outputSchema: ANSWER_SCHEMA,
        name: 'b',
        description: 'd',
        inputSchema: listing.inputSchema,
        annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
      },
      AWAIT_LISTING,
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

  it('says that the database is away, and when a read may be asked for again', async () => {
    const gone = Object.assign(new Error('terminating connection of a secret host'), { code: '57P01' });
    const { body, after, logged } = await post(call('x'), { call: () => Promise.reject(gone) });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(body.result.structuredContent.error).toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 2 });
    expect(after).toBe('2');
    expect(logged).toEqual([]);
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

  it.each([
    ['Mcp-Method', 'tools/list'],
    ['Mcp-Name', 'another.tool'],
    ['Mcp-Name', '=?base64?YW5vdGhlcg==?='],
    ['MCP-Protocol-Version', '2025-06-18'],
  ])('refuses a header %s: %s that tells another story than the body', async (name, value) => {
    const body = call('x');
    const told = {
      ...body,
      params: { ...body.params, _meta: { 'io.modelcontextprotocol/protocolVersion': '2025-11-25' } },
    };
    const answer = await post(told, {}, 'wan', { headers: { [name]: value } });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      jsonrpc: '2.0',
      id: 7,
      error: { code: -32020, message: `HeaderMismatch: ${name} differs from the body.` },
    });
    expect(answer.authenticated).toEqual(['urn:wayleave:mcp:wan']);
  });

  it('takes headers that say what the body says', async () => {
    const headers = { 'Mcp-Method': 'tools/call', 'Mcp-Name': 'x', 'MCP-Protocol-Version': '2025-11-25' };
    const done = async (): Promise<Answer> => ({ status: 'done', intent: 'int_12345678', evidence: [] });
    expect((await post(call('x'), { call: done }, 'wan', { headers })).body.result.structuredContent.status).toBe(
      'done',
    );
  });

  it('speaks the protocol version that a client asks for, or its own latest', async () => {
    const versionFor = async (protocolVersion: string) => {
      const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'c', version: '1' } };
      return (await post({ jsonrpc: '2.0', id: 1, method: 'initialize', params })).body.result.protocolVersion;
    };
    expect(await versionFor('2025-06-18')).toBe('2025-06-18');
    expect(await versionFor('1999-01-01')).toBe('2025-11-25');
    const unknown = await post({ jsonrpc: '2.0', id: 1, method: 'ping' }, {}, 'wan', {
      headers: { 'MCP-Protocol-Version': '1999-01-01' },
    });
    expect(unknown.status).toBe(400);
  });
});

describe('intent.await', () => {
  const wait = (waitSeconds: number) => call('intent.await', { intent: 'int_12345678', waitSeconds });

  it('waits until people have decided, and says what to do next', async () => {
    const { body, paused, authenticated } = await post(wait(20));
    expect(body.result.structuredContent).toMatchObject({
      intent: 'int_12345678',
      approval: 'apr_1',
      status: 'approved',
    });
    expect(paused).toEqual([1000, 1000, 1000]);
    expect(authenticated).toEqual(['urn:wayleave:mcp:wan']);
  });

  it('waits no longer than it was asked to', async () => {
    const { body, paused } = await post(wait(2));
    expect(body.result.structuredContent.status).toBe('pending');
    expect(paused).toHaveLength(2);
    expect((await post(wait(51))).body.result.structuredContent.error.code).toBe('INPUT_INVALID');
  });

  it.each([
    ['of another human', { ...subject, human: 'b@acme' }],
    ['of an agent of the same human', { ...subject, agent: 'router' as const }],
    ['of another tenant', { ...subject, tenant: 'globex' }],
  ])('answers for an intent %s as for one that does not exist', async (_, requester) => {
    const foreign = await post(wait(0), {}, 'wan', { controlDesk: approvalOf(requester) });
    const missing = await post(call('intent.await', { intent: 'int_99999999' }));
    expect(foreign.body.result).toEqual(missing.body.result);
    expect(foreign.body.result.structuredContent.error.code).toBe('NOT_FOUND');
  });

  it('ends with the connection of its caller', async () => {
    const gone = AbortSignal.abort();
    const awaitIntent = createAwaitIntent({
      ...approvalOf(subject),
      pause: async (_ms, signal) => signal.throwIfAborted(),
    });
    await expect(awaitIntent(subject, { intent: 'int_12345678' }, gone)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('holds no more than four connections of one human', async () => {
    const pauses: (() => void)[] = [];
    const awaitIntent = createAwaitIntent({
      ...approvalOf(subject),
      pause: () => new Promise((resolve) => pauses.push(resolve)),
    });
    const args = { intent: 'int_12345678', waitSeconds: 1 };
    const waits = [1, 2, 3, 4].map(() => awaitIntent(subject, args, new AbortController().signal));
    await expect(awaitIntent(subject, args, new AbortController().signal)).rejects.toMatchObject({ code: 'LIMITED' });
    for (const resume of pauses) resume();
    await Promise.all(waits);
    await expect(
      awaitIntent(subject, { ...args, waitSeconds: 0 }, new AbortController().signal),
    ).resolves.toBeDefined();
  });
});
