/** `/api/notices` over real HTTP on the real desk: who sees which deliveries, tries a channel and sends again, and what is refused. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role, Subject } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import { controlRoutes } from '../../../broker/http/control-routes.ts';
import type { Channel } from '../../../broker/notify/channels.ts';
import { NOTICE_TYPES } from '../../../broker/notify/notice.ts';
import { CONTROL_AUDIENCE } from '../../../protocols/oauth/access-token.ts';
import { type Bench, createBench, propose } from '../pipeline/bench.ts';

const channel = (tenant: string, name: string): Channel => ({
  ...{ tenant, name, types: NOTICE_TYPES, url: `https://hooks.example/secret-path?token=${tenant}` },
});
const person = (human: string, role: Role): Subject => ({
  ...{ human, roles: [role], tenant: human.split('@')[1] ?? '', session: `ses_${human}`, chain: [human] },
});
const PEOPLE = [
  ...[
    person('admin@acme', 'tenant-admin'),
    person('auditor@acme', 'auditor'),
    person('operator@acme', 'tenant-operator'),
  ],
  ...[person('admin@globex', 'tenant-admin'), person('provider@acme', 'provider-admin')],
];

let bench: Bench;
let server: Server;
const audiences: string[] = [];

beforeAll(async () => {
  bench = await createBench({ channels: [channel('acme', 'desk'), channel('globex', 'desk'), channel('-', 'noc')] });
  bench.inject();
  await propose(bench);
  await bench.told();
  const routes = controlRoutes({
    url: 'http://127.0.0.1',
    authenticate: async ({ token }, audience) => {
      audiences.push(audience);
      const found = PEOPLE.find(({ human }) => human === token);
      if (found === undefined) throw new WayleaveError('UNAUTHENTICATED');
      return found;
    },
    controlDesk: bench.desk,
    sessions: bench.sessions,
  });
  const app = new Hono().route('/api', routes).onError((error) => {
    const refusal = error instanceof WayleaveError ? error : new WayleaveError('INTERNAL');
    return Response.json(refusal, { status: refusal.status });
  });
  const answer = getRequestListener(app.fetch);
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function ask(human: string, path: string, body?: unknown) {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/api${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { Authorization: `DPoP ${human}`, DPoP: 'x', 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text) };
}

describe('GET /api/notices', () => {
  it('shows the channels and deliveries of the own tenant, without addresses and without what was sent', async () => {
    const seen = await ask('auditor@acme', '/notices');
    expect(seen).toMatchObject({
      status: 200,
      json: {
        channels: [{ tenant: 'acme', name: 'desk', origin: 'https://hooks.example' }],
        notices: [{ tenant: 'acme', channel: 'desk', type: 'approval.requested', state: 'waiting' }],
      },
    });
    expect(seen.text).not.toMatch(/secret-path|token=|body/);
    expect(audiences).toContain(CONTROL_AUDIENCE);
  });

  it('shows another tenant none of it, and the provider what concerns the installation', async () => {
    expect((await ask('admin@globex', '/notices')).json).toMatchObject({
      channels: [{ tenant: 'globex' }],
      notices: [],
    });
    const { json } = await ask('provider@acme', '/notices');
    expect(json.channels.map(({ name }: { readonly name: string }) => name)).toEqual(['desk', 'noc']);
  });

  it('needs a role, and a login', async () => {
    expect(await ask('operator@acme', '/notices')).toMatchObject({ status: 403, json: { error: { code: 'DENIED' } } });
    expect((await ask('nobody@acme', '/notices')).status).toBe(401);
  });
});

describe('POST /api/notices/test', () => {
  it('sends a test to one channel, which the log has', async () => {
    const tried = await ask('admin@acme', '/notices/test', { channel: 'desk' });
    expect(tried).toMatchObject({ status: 200, json: { type: 'channel.test', channel: 'desk', tenant: 'acme' } });
    expect((await bench.entries()).at(-1)).toMatchObject({
      ...{ kind: 'notice.tested', human: 'admin@acme', content: { tenant: 'acme', channel: 'desk' } },
    });
  });

  it('knows no channel of others, takes no other form, and is for senders', async () => {
    expect((await ask('admin@acme', '/notices/test', { channel: 'noc' })).status).toBe(404);
    for (const body of [{}, { channel: '../desk' }, { channel: 'desk', url: 'https://elsewhere.example' }])
      expect((await ask('admin@acme', '/notices/test', body)).status).toBe(400);
    expect((await ask('auditor@acme', '/notices/test', { channel: 'desk' })).status).toBe(403);
  });
});

describe('POST /api/notices/replay', () => {
  it('sends one notice again, or all that were given up', async () => {
    const { json } = await ask('admin@acme', '/notices');
    const [{ notice }] = json.notices;
    expect((await ask('admin@acme', '/notices/replay', { notice })).json).toEqual({ replayed: 1 });
    expect((await ask('admin@acme', '/notices/replay', { failed: true })).json).toEqual({ replayed: 0 });
    // One of another tenant is one that does not exist.
    expect((await ask('admin@globex', '/notices/replay', { notice })).status).toBe(404);
    expect((await ask('auditor@acme', '/notices/replay', { notice })).status).toBe(403);
    for (const body of [{}, { failed: false }, { notice, failed: true }])
      expect((await ask('admin@acme', '/notices/replay', body)).status).toBe(400);
  });
});
