/** Notices over real HTTP to the documented receiver: what is told, to whom, that it verifies, and what happens when nobody takes it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Channel, createChannels } from '../../../broker/notify/channels.ts';
import { type DeliverDeps, deliverDue, retryAfter } from '../../../broker/notify/deliver.ts';
import { type Notice, printCloudEvent } from '../../../broker/notify/notice.ts';
import { createMemoryOutbox } from '../../../broker/stores/memory-outbox.ts';
import { ROOT } from '../../repository/source-files.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OLD = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const NOTICE: Notice = {
  ...{ id: 'evt_1', type: 'approval.requested', tenant: 'acme', at: '2026-01-01T00:00:00.000Z', subject: 'apr_1' },
  ...{ data: { approval: 'apr_1', human: 'operator@acme', target: ['br2_edge'] }, entry: 17 },
};

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Starts the example as a reader of the documentation would. */
async function startExample(): Promise<{ readonly url: string; readonly said: () => Promise<unknown> }> {
  const file = path.join(ROOT, 'docs/examples/receive-notifications.js');
  const child: ChildProcess = spawn(process.execPath, [file], {
    env: { WAYLEAVE_SECRETS: SECRET, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  ends.push(() => {
    child.kill();
    return once(child, 'exit');
  });
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes');
  const [line]: unknown[] = await once(createInterface(child.stderr), 'line');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    url: `${String(line).replace(/^receives on /, '')}/wayleave`,
    said: async () => JSON.parse(String((await lines.next()).value)),
  };
}

/** A receiver that answers as the test wants. */
async function startReceiver(answer: (count: number) => { status: number; location?: string } | undefined) {
  let count = 0;
  const bodies: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      bodies.push(body);
      count += 1;
      const wanted = answer(count);
      if (wanted === undefined) return; // never answers
      response.writeHead(wanted.status, wanted.location === undefined ? {} : { location: wanted.location }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, bodies };
}

async function setUp(url: string, secrets: readonly string[] = [SECRET], now = Date.now()) {
  const time = { now };
  const channel: Channel = { tenant: 'acme', name: 'security', url, types: ['approval.requested'] };
  const outbox = createMemoryOutbox();
  const errors: unknown[] = [];
  const deps: DeliverDeps = {
    ...{ outbox, channels: createChannels([channel]), clock: { now: () => time.now }, fetch, secretsOf: () => secrets },
    log: { error: (fields) => void errors.push(fields) },
  };
  const add = (notice: Notice = NOTICE) =>
    outbox.add([
      {
        ...{ notice: notice.id, tenant: 'acme', channel: 'security', type: notice.type, createdAt: notice.at },
        body: printCloudEvent(notice, 'log1'),
      },
    ]);
  const state = async () =>
    (await outbox.list(['acme'], 10)).map(({ state: of, attempts, error }) => [of, attempts, error]);
  return { deps, outbox, add, state, errors, time, pass: () => deliverDue(deps) };
}

describe('a notice', () => {
  it('is a CloudEvent that the documented receiver verifies and turns into a message and a ticket, once', async () => {
    const example = await startExample();
    const { add, pass, state, outbox, time } = await setUp(example.url, [OLD, SECRET]);
    await add();
    await pass();
    expect(await state()).toEqual([['delivered', 1, undefined]]);
    expect(await example.said()).toEqual({
      event: {
        ...{
          specversion: '1.0',
          id: 'evt_1',
          source: '/wayleave/log1/tenants/acme',
          type: 'wayleave.approval.requested',
        },
        ...{ subject: 'apr_1', time: NOTICE.at, datacontenttype: 'application/json', tenant: 'acme', auditentry: 17 },
        data: NOTICE.data,
      },
      slack: { text: 'acme: approval.requested (approval apr_1 · human operator@acme · target br2_edge)' },
      ticket: {
        ...{ key: 'wayleave:approval:acme:apr_1', title: 'approval.requested apr_1', priority: 'P3', close: false },
        description: 'approval apr_1\nhuman operator@acme\ntarget br2_edge\naudit entry 17',
      },
    });
    // The same again is taken, and not told twice: the next that is told is another.
    await outbox.replay(['acme'], { notice: 'evt_1' }, time.now);
    await add({ ...NOTICE, id: 'evt_2', subject: '<b>' });
    await pass();
    expect(await state()).toEqual([
      ['delivered', 1, undefined],
      ['delivered', 1, undefined],
    ]);
    expect(await example.said()).toMatchObject({ event: { id: 'evt_2' } });
  });

  it.each([
    ['with another secret', { secrets: [OLD], skew: 0 }],
    ['that is ten minutes old', { secrets: [SECRET], skew: -600_000 }],
  ])('%s is refused by the documented receiver', async (_, { secrets, skew }) => {
    const example = await startExample();
    const { add, pass, state } = await setUp(example.url, secrets, Date.now() + skew);
    await add();
    await pass();
    expect(await state()).toEqual([['waiting', 1, 'it answers 401']]);
  });

  it('with a changed body is refused by the documented receiver', async () => {
    const example = await startExample();
    const at = String(Math.floor(Date.now() / 1000));
    const key = Buffer.from(SECRET.slice(6), 'base64');
    const signature = `v1,${createHmac('sha256', key).update(`evt_1.${at}.{}`).digest('base64')}`;
    const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': at, 'webhook-signature': signature };
    expect((await fetch(example.url, { method: 'POST', headers, body: '{"a":1}' })).status).toBe(401);
  });
});

describe('a receiver that fails', () => {
  it('is tried later and later, one notice at a time, until it takes them', async () => {
    const receiver = await startReceiver((count) => ({ status: count < 3 ? 503 : 204 }));
    const { add, pass, state, time } = await setUp(receiver.url);
    await add();
    await add({ ...NOTICE, id: 'evt_2' });
    await pass();
    expect(receiver.bodies).toHaveLength(1); // the second one waits for a pass of its own
    await pass();
    expect(receiver.bodies).toHaveLength(2);
    await pass();
    expect(receiver.bodies).toHaveLength(2); // nothing is due
    time.now += retryAfter(1);
    await pass();
    expect(await state()).toEqual([
      ['delivered', 2, undefined],
      ['delivered', 2, undefined],
    ]);
    expect([1, 2, 3, 10, 11, 80].map(retryAfter)).toEqual([5000, 10_000, 20_000, 2_560_000, 3_600_000, 3_600_000]);
  });

  it('is not followed elsewhere', async () => {
    const elsewhere = await startReceiver(() => ({ status: 204 }));
    const receiver = await startReceiver(() => ({ status: 307, location: elsewhere.url }));
    const { add, pass, state } = await setUp(receiver.url);
    await add();
    await pass();
    expect(elsewhere.bodies).toEqual([]);
    expect(await state()).toEqual([['waiting', 1, 'it redirects, which is not followed']]);
  });

  it('is given up when it says that it is gone, and after three days, which the log hears', async () => {
    const gone = await startReceiver(() => ({ status: 410 }));
    const first = await setUp(gone.url);
    await first.add();
    await first.pass();
    expect(await first.state()).toEqual([['failed', 1, 'it answers 410']]);
    const broken = await startReceiver(() => ({ status: 500 }));
    const second = await setUp(broken.url);
    await second.add();
    let waited = 0;
    for (let tries = 1; tries <= 80; tries += 1) {
      await second.pass();
      second.time.now += retryAfter(tries);
      waited += retryAfter(tries);
    }
    expect(waited).toBeGreaterThan(2.5 * 86_400_000);
    expect(await second.state()).toEqual([['failed', 80, 'it answers 500']]);
    expect(second.errors).toHaveLength(1);
    expect(z.object({ channel: z.literal('security') }).safeParse(second.errors[0]).success).toBe(true);
    const unreachable = await setUp('http://127.0.0.1:1/');
    await unreachable.add();
    await unreachable.pass();
    expect((await unreachable.state())[0]?.[2]).toMatch(/^it cannot be reached/);
  });
});
