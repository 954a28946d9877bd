/** Notices as the broker's process has them: from the durable log over HTTP, with a receiver that hangs, over a restart, and at the desk. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRecords, type Records } from '../../../apps/compose/broker-records.ts';
import type { Subject } from '../../../broker/contract.ts';
import { replayNotices, seeNotices, testChannel } from '../../../broker/notify/notices-desk.ts';

const root = mkdtempSync(path.join(tmpdir(), 'wayleave-notices-'));
const arrived: { readonly body: string; readonly response: ServerResponse }[] = [];
const waiting: ((one: (typeof arrived)[number]) => void)[] = [];
/** The next request, which is not answered yet. */
const next = (): Promise<(typeof arrived)[number]> =>
  new Promise((resolve) => {
    const one = arrived.shift();
    if (one === undefined) waiting.push(resolve);
    else resolve(one);
  });
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += String(chunk);
  });
  request.on('end', () => {
    const taker = waiting.shift();
    if (taker === undefined) arrived.push({ body, response });
    else taker({ body, response });
  });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(root, { recursive: true, force: true });
});

const time = { now: 1_767_225_600_000 };
const clock = { now: () => time.now };
const alarms: string[] = [];
const open = (): Promise<Records> =>
  openRecords(
    {
      ...{
        folder: path.join(root, 'broker'),
        keys: path.join(root, 'keys'),
        port: 0,
        listens: true,
        databaseUrl: '',
        telemetryDays: '7',
        databaseSchema: '',
        collectors: { host: '127.0.0.1', ports: { traps: 0, syslog: 0, flows: 0 } },
      },
      upstream: [],
      metricsToken: '',
      tenantModels: {},
      ...{
        networkSpeed: 1,
        logLevel: 'error' as const,
        secondFactor: 'enrolled' as const,
        allowSnmp2c: false,
        auditAnchorUrl: '',
        invariants: [],
      },
      ...{ agents: { statement: '', key: {} }, workerKeys: [], notifications: path.join(root, 'channels.yaml') },
    },
    clock,
    (what) => void alarms.push(what),
  );
const quarantined = (device: string) => ({
  ...{ at: '2026-01-01T00:00:00.000Z', tenant: 'acme', kind: 'device.quarantined' },
  content: { device, reason: 'host-key', detail: 'text of a device' },
});
const subject = (roles: Subject['roles'], tenant = 'acme'): Subject => ({
  ...{ human: `admin@${tenant}`, roles, tenant, session: 'ses_1', chain: [`admin@${tenant}`] },
});

it('tells what the log has, waits for nobody, and goes on after a restart', { timeout: 120_000 }, async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const channels = { tenants: { acme: { security: { url, events: ['device.*'] } } } };
  writeFileSync(path.join(root, 'channels.yaml'), JSON.stringify(channels));
  let records = await open();
  // The log answers although the receiver never does.
  expect(await records.audit.append(quarantined('br1_edge'))).toBe(0);
  const first = await next();
  expect(JSON.parse(first.body)).toMatchObject({ type: 'wayleave.device.quarantined', subject: 'br1_edge' });
  expect(await records.audit.append(quarantined('br2_edge'))).toBe(1);
  first.response.writeHead(204).end();
  (await next()).response.writeHead(500).end();
  await records.close();

  time.now += 10_000;
  records = await open();
  const again = await next();
  expect(JSON.parse(again.body)).toMatchObject({ subject: 'br2_edge', auditentry: 1 });
  again.response.writeHead(410).end();
  await records.notices.deliver();
  const ids = { id: (prefix: string) => `${prefix}_test` };
  const desk = { ...records, clock, ids };
  const admin = subject(['tenant-admin']);
  const seen = await seeNotices(desk, admin);
  expect(seen.channels).toMatchObject([{ name: 'security', origin: new URL(url).origin }]);
  expect(JSON.stringify(seen)).not.toContain('/hook');
  expect(seen.notices.map(({ state, attempts }) => [state, attempts])).toEqual([
    ['failed', 2],
    ['delivered', 1],
  ]);
  expect(alarms.filter((what) => what.includes('given up'))).toHaveLength(1);

  const tested = testChannel(desk, admin, 'security');
  const test = await next();
  expect(JSON.parse(test.body)).toMatchObject({ type: 'wayleave.channel.test', data: { human: 'admin@acme' } });
  test.response.writeHead(204).end();
  expect(await tested).toMatchObject({ notice: 'evt_test', state: 'delivered' });

  expect(await replayNotices(desk, admin, 'failed')).toBe(1);
  (await next()).response.writeHead(204).end();
  await records.notices.deliver();
  expect((await seeNotices(desk, admin)).notices.map(({ state }) => state)).toEqual(Array(3).fill('delivered'));

  // Nobody else's, and not without a role for it.
  const foreign = subject(['tenant-admin'], 'globex');
  expect(await seeNotices(desk, foreign)).toEqual({ channels: [], notices: [] });
  await expect(testChannel(desk, foreign, 'security')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(replayNotices(desk, foreign, { notice: 'evt_test' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(seeNotices(desk, subject(['tenant-operator']))).rejects.toMatchObject({ code: 'DENIED' });
  await expect(testChannel(desk, subject(['auditor']), 'security')).rejects.toMatchObject({ code: 'DENIED' });
  const kinds = (await records.audit.entries(0, 100)).map(({ kind }) => kind);
  expect(kinds.slice(2)).toEqual(['notice.tested', 'notice.replayed', 'notice.replayed']);
  await records.close();
});
