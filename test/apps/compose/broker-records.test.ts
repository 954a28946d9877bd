/** What the broker remembers belongs to one process: the folder of the audit log is held as long as the records are open. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openRecords } from '../../../apps/compose/broker-records.ts';
import { lockFolder } from '../../../storage/folder-lock.ts';

const alarm = (what: string): void => {
  throw new Error(what);
};

const root = mkdtempSync(path.join(tmpdir(), 'wayleave-records-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const clock = { now: () => 1_767_225_600_000 };
const folder = path.join(root, 'broker');
const audit = path.join(folder, 'audit');
const settings = {
  folder,
  keys: path.join(root, 'keys'),
  port: 0,
  listens: true,
  databaseUrl: '',
  networkSpeed: 1,
  logLevel: 'error' as const,
  secondFactor: 'enrolled' as const,
  allowSnmp2c: false,
  auditAnchorUrl: '',
  metricsToken: '',
  notifications: '',
  invariants: [],
  upstream: [],
  tenantModels: {},
  telemetryDays: '7',
  databaseSchema: '',
  agents: { statement: '', key: {} },
  workerKeys: [],
  collectors: { host: '127.0.0.1', ports: { traps: 0, syslog: 0, flows: 0 } },
};

it('holds the folder of the audit log until it is closed, also when it cannot be opened', async () => {
  const records = await openRecords(settings, clock, alarm);
  const entry = { at: '2026-01-01T00:00:00.000Z', tenant: 'acme', kind: 'test', content: {} };
  expect(await records.audit.append(entry)).toBe(0);
  expect(() => lockFolder(audit)).toThrowError(expect.objectContaining({ code: 'LOCKED' }));
  await records.close();
  const foreign = lockFolder(audit);
  await expect(openRecords(settings, clock, alarm)).rejects.toMatchObject({ code: 'LOCKED' });
  foreign.release();

  const segment = readdirSync(audit).find((name) => name.startsWith('log-')) ?? '';
  writeFileSync(path.join(audit, segment), '"damaged"\n');
  await expect(openRecords(settings, clock, alarm)).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  lockFolder(audit).release();
  lockFolder(path.join(folder, 'database')).release();
});
