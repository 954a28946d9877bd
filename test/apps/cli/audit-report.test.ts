/** The compliance report out of a real log: what it tells, of whom it is silent, and that it holds no live text. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuditLog } from '../../../broker/audit/log.ts';
import { createMemoryAuditStore } from '../../../broker/audit/memory-store.ts';
import { printVerifier } from '../../../broker/audit/note.ts';
import type { AuditEntry, AuditLog } from '../../../broker/ports.ts';
import { wayleave } from './fake-io.ts';

const AS = ['--as', 'auditor@acme'];
const signer = { name: 'wayleave/test', key: generateKeyPairSync('ed25519').privateKey };
const KEY = ['--key', printVerifier(signer, 'log')];
let folder: string;
let file: string;
let log: AuditLog;

const write = (at: string, kind: string, given: Partial<AuditEntry> = {}): Promise<number> =>
  log.append({ at: `2026-03-${at}T12:00:00.000Z`, tenant: 'acme', kind, content: {}, ...given });

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'wayleave-report-'));
  file = path.join(folder, 'log.ndjson');
  log = await createAuditLog({ store: createMemoryAuditStore(), signer, clock: { now: () => 0 } });
  const caller = { human: 'operator@acme', session: 'ses_1', agent: 'troubleshooter', tool: 'bgp.set-local-as' };
  const facts = { effect: 'change', target: ['br2_edge'], purpose: 'inc_1' };
  const permit = { decision: 'permit', policies: ['agents-propose-repairs'], policyRevision: 'sha256:abcdef' };
  await write('01', 'login', { human: 'operator@acme' });
  await write('01', 'pending', { ...caller, intent: 'int_1', content: { ...facts, ...permit, approval: 'apr_1' } });
  await write('02', 'approval.vote', {
    human: 'admin@acme',
    intent: 'int_1',
    content: { verdict: 'approve', reason: 'looks <b>right</b>' },
  });
  await write('02', 'execute', {
    ...caller,
    intent: 'int_1',
    content: { ...facts, ...permit, operations: ['netconf edit-config br2_edge <as>65001</as>'] },
  });
  await write('02', 'outcome', {
    ...caller,
    intent: 'int_1',
    content: { ...facts, ...permit, outcome: 'succeeded', detail: '<script>alert(1)</script>\u202e' },
  });
  await write('02', 'refused', {
    ...caller,
    intent: 'int_2',
    content: { ...facts, decision: 'deny', policies: ['no-friday'], error: 'DENIED', reason: 'not today' },
  });
  for (const intent of ['int_3', 'int_4']) {
    await write('03', 'outcome', {
      ...caller,
      tool: 'bgp.read',
      intent,
      content: { effect: 'read', outcome: 'succeeded' },
    });
  }
  await write('03', 'outcome', { ...caller, tenant: 'globex', human: 'someone@globex', intent: 'int_5' });
  await write('09', 'session.ended', { human: 'admin@acme', content: { ended: 'ses_1' } });
  const lines: string[] = [];
  for await (const line of log.export('acme')) lines.push(line);
  writeFileSync(file, `${lines.join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('wayleave audit report', () => {
  it('tells who did what, when, under which policy, approved by whom, with what outcome', async () => {
    const control = { auditLines: () => log.export('acme') };
    const said = await wayleave(['audit', 'report', '--to', '2026-04-01', '--json', ...KEY, ...AS], { control });
    expect(said.exit).toBe(0);
    const report = JSON.parse(said.out);
    expect(report.changes).toHaveLength(1);
    expect(report.changes[0]).toMatchObject({
      intent: 'int_1',
      human: 'operator@acme',
      agent: 'troubleshooter',
      tool: 'bgp.set-local-as',
      target: ['br2_edge'],
      purpose: 'inc_1',
      policies: ['agents-propose-repairs'],
      policyRevision: 'sha256:abcdef',
      votes: [{ human: 'admin@acme', verdict: 'approve' }],
      operations: ['netconf edit-config br2_edge <as>65001</as>'],
      outcome: 'succeeded',
      entries: [1, 2, 3, 4],
    });
    expect(report.refusals).toMatchObject([{ intent: 'int_2', outcome: 'DENIED', policies: ['no-friday'] }]);
    expect(report.reads).toEqual([
      { human: 'operator@acme', agent: 'troubleshooter', tool: 'bgp.read', outcome: 'succeeded', count: 2 },
    ]);
    expect(report.events.map((one: { kind: string }) => one.kind)).toEqual(['login', 'session.ended']);
    expect(report.people).toEqual([
      { human: 'admin@acme', changes: 0, reads: 0, refused: 0, votes: 1 },
      { human: 'operator@acme', changes: 1, reads: 2, refused: 1, votes: 0 },
    ]);
    expect(report.log).toMatchObject({ ok: true, size: 10 });
    expect(said.out).not.toContain('globex');
  });

  it('names the emergency under which nobody was asked first, and counts probes apart', async () => {
    const store = createMemoryAuditStore();
    const other = await createAuditLog({ store, signer, clock: { now: () => 0 } });
    const caller = { tenant: 'acme', human: 'oncall@acme', session: 'ses_2', kind: 'outcome' };
    const at = '2026-03-04T12:00:00.000Z';
    const done = { target: ['br2_edge'], decision: 'permit', policies: [], outcome: 'succeeded' };
    const change = { ...done, effect: 'change', breakGlass: 'bgl_1' };
    await other.append({ ...caller, at, tool: 'bgp.set-local-as', intent: 'int_8', content: change });
    await other.append({ ...caller, at, tool: 'probe.dns', intent: 'int_9', content: { ...done, effect: 'probe' } });
    const control = { auditLines: () => other.export('acme') };
    const page = path.join(folder, 'emergency.html');
    const said = await wayleave(['audit', 'report', '--to', '2026-04-01', '--html', page, ...KEY, ...AS], { control });
    expect(said.out).toMatch(/: 1 changes, 1 probes, 0 refused, 0 reads/);
    expect(said.out).toMatch(/bgp\.set-local-as br2_edge +bgl_1 +succeeded/);
    expect(said.out).toMatch(/probe\.dns br2_edge +succeeded/);
    expect(readFileSync(page, 'utf8')).toContain('nobody: emergency <code>bgl_1</code>');
  });

  it('keeps to the period, and shows an intent whole that began before it', async () => {
    const args = ['audit', 'report', '--export', file, '--tenant', 'acme', '--json', ...KEY];
    const second = JSON.parse((await wayleave([...args, '--from', '2026-03-02', '--to', '2026-03-03'])).out);
    expect([second.changes[0].entries, second.reads, second.events]).toEqual([[1, 2, 3, 4], [], []]);
    const third = JSON.parse((await wayleave([...args, '--from', '2026-03-03T00:00:00Z', '--to', '2026-03-04'])).out);
    expect([third.changes, third.reads[0].count]).toEqual([[], 2]);
    expect((await wayleave([...args, '--from', '2026-13-01'])).exit).toBe(2);
    expect((await wayleave(['audit', 'report', '--export', file])).exit).toBe(2);
  });

  it('writes a page of its own that holds no live text', async () => {
    const page = path.join(folder, 'report.html');
    const said = await wayleave([
      'audit',
      'report',
      '--export',
      file,
      '--tenant',
      'acme',
      '--to',
      '2026-04-01',
      '--html',
      page,
      ...KEY,
    ]);
    expect(said.exit).toBe(0);
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('agents-propose-repairs');
    expect(html).toContain('approve by admin@acme');
    expect(html).toContain('class="good">All 10 entries of the log, 1 of them known by their hash only, verify');
    expect(html).toContain('&#60;script&#62;alert(1)');
    expect(html).not.toMatch(/<script|<b>|src=|href=|\u202e|url\(/);
  });

  it('says that the log does not verify, on the page and by its exit code', async () => {
    const bent = path.join(folder, 'bent.ndjson');
    const page = path.join(folder, 'bent.html');
    writeFileSync(bent, readFileSync(file, 'utf8').replace('admin@acme', 'other@acme'));
    const said = await wayleave([
      'audit',
      'report',
      '--export',
      bent,
      '--tenant',
      'acme',
      '--to',
      '2026-04-01',
      '--html',
      page,
      ...KEY,
    ]);
    expect(said.exit).toBe(20);
    expect(readFileSync(page, 'utf8')).toContain('does not verify. Entry 2: the entry differs from its hash');
  });

  it('is of no other tenant', async () => {
    const said = await wayleave(['audit', 'report', '--tenant', 'globex', ...AS], { control: {} });
    expect(said).toMatchObject({ exit: 1, out: '' });
  });
});

it('says of a change that nobody came back to whether it was rejected, expired or still waits', async () => {
  const other = await createAuditLog({ store: createMemoryAuditStore(), signer, clock: { now: () => 0 } });
  const at = '2026-03-01T12:00:00.000Z';
  const note = (intent: string, kind: string, content: AuditEntry['content']) =>
    other.append({ at, tenant: 'acme', kind, human: 'operator@acme', intent, content });
  for (const intent of ['int_rejected', 'int_expired', 'int_again', 'int_waits'])
    await note(intent, 'pending', { effect: 'change', decision: 'permit' });
  await note('int_rejected', 'approval.vote', { verdict: 'reject', status: 'rejected', reason: 'no' });
  await note('int_waits', 'approval.vote', { verdict: 'approve', status: 'pending', reason: 'yes' });
  await note('int_expired', 'approval.expired', {});
  await note('int_again', 'approval.expired', {});
  await note('int_again', 'outcome', { effect: 'change', outcome: 'succeeded' });
  const control = { auditLines: () => other.export('acme') };
  const { out } = await wayleave(
    ['audit', 'report', '--json', '--from', '2026-03-01', '--to', '2026-04-01', ...KEY, ...AS],
    { control },
  );
  const { changes } = JSON.parse(out) as { changes: readonly { readonly intent: string; readonly outcome: string }[] };
  expect(changes.map(({ intent, outcome }) => [intent, outcome])).toEqual([
    ['int_rejected', 'rejected'],
    ['int_expired', 'expired'],
    ['int_again', 'succeeded'],
    ['int_waits', 'open'],
  ]);
});
