/** The log on the command line: paging, following, tracing one intent, and verification against a real log. Over 300 lines because all of it reads one log. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuditLog } from '../../../broker/audit/log.ts';
import { createMemoryAuditStore } from '../../../broker/audit/memory-store.ts';
import { printVerifier } from '../../../broker/audit/note.ts';
import type { Receipt } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import type { AuditEntry, AuditLog } from '../../../broker/ports.ts';
import { exportOf, TAMPERINGS, writeBatches } from '../../broker/audit/tampering.ts';
import { ROOT } from '../../repository/source-files.ts';
import { type Fakes, wayleave } from './fake-io.ts';

const AS = ['--as', 'auditor@acme'];
const signer = { name: 'wayleave/test', key: generateKeyPairSync('ed25519').privateKey };
let folder: string;
let log: AuditLog;

const write = (target: AuditLog, kind: string, given: Partial<AuditEntry> = {}): Promise<number> =>
  target.append({ at: '2026-03-01T12:00:00.000Z', tenant: 'acme', kind, content: {}, ...given });

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'wayleave-audit-'));
  log = await createAuditLog({ store: createMemoryAuditStore(), signer, clock: { now: () => 0 } });
  const caller = { human: 'operator@acme', session: 'ses_1', agent: 'troubleshooter', tool: 'bgp.set-local-as' };
  await write(log, 'start', { tenant: '-' });
  await write(log, 'login', { human: 'operator@acme', session: 'ses_1' });
  await write(log, 'pending', { ...caller, intent: 'int_1', content: { approval: 'apr_1', purpose: 'inc_1' } });
  await write(log, 'approval.vote', {
    human: 'admin@acme',
    session: 'ses_2',
    intent: 'int_1',
    content: { verdict: 'approve' },
  });
  await write(log, 'execute', {
    ...caller,
    intent: 'int_1',
    content: {
      operations: ['netconf edit-config br2_edge <x/>'],
      policies: ['agents-propose-repairs'],
      purpose: 'inc_1',
    },
  });
  await write(log, 'outcome', {
    ...caller,
    intent: 'int_1',
    content: { outcome: 'succeeded', detail: 'BGP\u001b[2J up' },
  });
  await write(log, 'refused', { ...caller, intent: 'int_2', content: { error: 'DENIED' } });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The broker's desk over the log, for one tenant. */
const control = (over: AuditLog = log): NonNullable<Fakes['control']> => ({
  auditCheckpoint: async () => over.checkpoint(),
  auditEntries: async (from, limit) =>
    (await over.entries(from, over.size())).filter(({ tenant }) => tenant === 'acme').slice(0, limit),
  auditLines: () => over.export('acme'),
  auditKeys: async () => over.keys(),
  auditProof: async (index) => (await over.prove(index)) ?? Promise.reject(new WayleaveError('NOT_FOUND')),
  auditConsistency: (size) => over.proveConsistency(size),
  receipt: async () => {
    throw new WayleaveError('NOT_FOUND');
  },
});

async function exported(): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of log.export('acme')) lines.push(line);
  return lines;
}

describe('wayleave audit tail', () => {
  it('shows the newest entries of the tenant, oldest first', async () => {
    const { out, exit } = await wayleave(['audit', 'tail', '-n', '2', ...AS], { control: control() });
    expect(exit).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('#5 2026-03-01T12:00:00.000Z outcome operator@acme through troubleshooter');
    expect(lines[0]).toContain('bgp.set-local-as · int_1 · outcome succeeded');
    expect(lines[1]).toContain('refused');
    expect(lines[1]).toContain('error DENIED');
  });

  it('finds them behind thousands that belong to others', async () => {
    const long = await createAuditLog({ store: createMemoryAuditStore(), signer, clock: { now: () => 0 } });
    await write(long, 'first');
    await Promise.all(Array.from({ length: 2_500 }, () => write(long, 'noise', { tenant: 'globex' })));
    await write(long, 'last');
    const { out } = await wayleave(['audit', 'tail', '-n', '5', '--json', ...AS], { control: control(long) });
    const entries = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.map(({ index, kind }) => [index, kind])).toEqual([
      [0, 'first'],
      [2501, 'last'],
    ]);
  });

  it('follows what comes, each entry once, until it is broken off', async () => {
    const live = await createAuditLog({ store: createMemoryAuditStore(), signer, clock: { now: () => 0 } });
    await write(live, 'one');
    const interruption = new AbortController();
    let pauses = 0;
    const pause = async (): Promise<void> => {
      pauses += 1;
      if (pauses < 3) await write(live, `more-${pauses}`);
      else if (pauses === 4) {
        interruption.abort();
        interruption.signal.throwIfAborted();
      }
    };
    const said = await wayleave(['audit', 'tail', '--follow', '--json', ...AS], {
      control: control(live),
      io: { pause, interrupted: interruption.signal },
    });
    const kinds = said.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).kind);
    expect(kinds).toEqual(['one', 'more-1', 'more-2']);
    expect(said.exit).toBe(130);
  });
});

describe('wayleave audit show and trace', () => {
  it('shows one entry, and no entry of another tenant', async () => {
    const { out } = await wayleave(['audit', 'show', '3', ...AS], { control: control() });
    expect(out).toMatch(/^kind +approval\.vote$/m);
    expect(out).toMatch(/^verdict +approve$/m);
    expect((await wayleave(['audit', 'show', '0', ...AS], { control: control() })).exit).toBe(1);
    expect((await wayleave(['audit', 'show', 'x', ...AS], { control: control() })).exit).toBe(2);
  });

  it('draws human → session → agent → tool → operations → outcome of an intent', async () => {
    const { out, exit } = await wayleave(['audit', 'trace', 'int_1', ...AS], { control: control() });
    expect(exit).toBe(0);
    expect(out.split('\n').slice(0, 8)).toEqual([
      'human       operator@acme',
      'session     ses_1',
      'agent       troubleshooter',
      'tool        bgp.set-local-as for inc_1',
      'policies    agents-propose-repairs',
      'approved by admin@acme',
      'operations  netconf edit-config br2_edge <x/>',
      'outcome     succeeded',
    ]);
    expect(out).not.toContain('\u001b');
  });

  it('says how right the rehearsal of a change was', async () => {
    const line = 'tunnel/br2_edge:mpls--hub1_edge:mpls bfd.state: predicted up, is down';
    const receipt = { steps: [], prediction: { compared: 13, wrong: 1, lines: [line] } } as unknown as Receipt;
    const changed = { ...control(), receipt: async () => receipt };
    const { out } = await wayleave(['audit', 'trace', 'int_1', ...AS], { control: changed });
    expect(out).toContain(`rehearsal   right about 12 of 13 tunnels, sessions and ports\n            ${line}\n`);
  });

  it('says of a refused intent why, and of an unknown one that there is none', async () => {
    const refused = await wayleave(['audit', 'trace', 'int_2', '--json', ...AS], { control: control() });
    expect(JSON.parse(refused.out)).toMatchObject({ outcome: 'DENIED', approvedBy: [], operations: [] });
    expect((await wayleave(['audit', 'trace', 'int_9', ...AS], { control: control() })).exit).toBe(1);
  });
});

describe('wayleave audit verify and export', () => {
  it('verifies the log of a running installation', async () => {
    const said = await wayleave(['audit', 'verify', ...AS], { control: control() });
    expect(said.exit).toBe(0);
    expect(said.out).toContain('7 entries');
    expect(said.err).toContain('--key');
  });

  it('ends with 20 when the export is older than the checkpoint', async () => {
    const older = await exported();
    const grown = await createAuditLog({ store: createMemoryAuditStore(), signer, clock: { now: () => 0 } });
    for (let n = 0; n < 9; n += 1) await write(grown, 'k');
    const mixed = { ...control(grown), auditLines: () => Readable.from(older) };
    expect((await wayleave(['audit', 'verify', ...AS], { control: mixed })).exit).toBe(20);
  });

  it('verifies a file with nothing running, and ends with 20 at a changed byte, naming the entry', async () => {
    const file = path.join(folder, 'log.ndjson');
    const doors: Fakes['doors'] = {
      running: () => {
        throw new WayleaveError('UNAVAILABLE');
      },
    };
    const written = await wayleave(['audit', 'export', '--out', file, ...AS], { control: control() });
    expect(written.exit).toBe(0);
    const key = ['--key', printVerifier(signer, 'log')];
    const good = await wayleave(['audit', 'verify', '--export', file, ...key], { doors });
    expect(good).toMatchObject({ exit: 0, err: '' });

    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('\\"verdict\\":\\"approve\\"', '\\"verdict\\":\\"approvE\\"'));
    const bad = await wayleave(['audit', 'verify', '--export', file, ...key, '--json'], { doors });
    expect(bad.exit).toBe(20);
    expect(JSON.parse(bad.out).problems[0]).toMatchObject({ index: 3 });
    const words = await wayleave(['audit', 'verify', '--export', file, ...key], { doors });
    expect(words.out).toContain('✗ entry 3: the entry differs from its hash');
    expect(words.err).toContain('AUDIT_BROKEN');
  });

  it('does not believe a log that somebody signed anew', async () => {
    const foreign = { name: 'wayleave/test', key: generateKeyPairSync('ed25519').privateKey };
    const args = ['audit', 'verify', '--key', printVerifier(foreign, 'log'), ...AS];
    expect((await wayleave(args, { control: control() })).exit).toBe(20);
  });

  it('ends with 20 also when nobody reads what it says', async () => {
    const file = path.join(folder, 'unread.ndjson');
    const forged = (await writeBatches(signer)).map((one) => ({ ...one, lines: one.lines.map((line) => `${line} `) }));
    writeFileSync(file, exportOf(forged, signer).join('\n'));
    const program = `"${process.execPath}" "${path.join(ROOT, 'bin', 'wayleave.js')}"`;
    const verify = `${program} audit verify --export "${file}" --key "${printVerifier(signer, 'log')}" 2>/dev/null`;
    const script = `${verify} | true; echo "\${PIPESTATUS[0]}"`;
    expect(spawnSync('bash', ['-c', script], { encoding: 'utf8', timeout: 30_000 }).stdout).toBe('20\n');
  });

  it('finds by an anchor that the file ends too early', async () => {
    const file = path.join(folder, 'old.ndjson');
    const anchor = path.join(folder, 'anchor');
    writeFileSync(file, (await exported()).join('\n'));
    await write(log, 'later');
    writeFileSync(anchor, log.checkpoint());
    expect((await wayleave(['audit', 'verify', '--export', file])).exit).toBe(0);
    expect((await wayleave(['audit', 'verify', '--export', file, '--anchor', anchor])).exit).toBe(20);
  });

  it.each(TAMPERINGS)('finds in a file, and names: $name', async ({ name, index, needsWitness, tamper }) => {
    const good = await writeBatches(signer);
    const thief = { name: signer.name, key: generateKeyPairSync('ed25519').privateKey };
    const [file, kept] = [path.join(folder, 'tampered.ndjson'), path.join(folder, 'kept')];
    const tampered = await tamper(good, signer, thief);
    writeFileSync(file, exportOf(tampered, name.includes('another key') ? thief : signer).join('\n'));
    const anchors = [4, 6, 7, 10].flatMap((at) => {
      writeFileSync(`${kept}-${at}`, good[at]?.checkpoint ?? '');
      return ['--anchor', `${kept}-${at}`];
    });
    const verify = ['audit', 'verify', '--export', file, '--json', '--key', printVerifier(signer, 'log')];
    const found = await wayleave([...verify, ...anchors]);
    expect(found.exit).toBe(20);
    expect(JSON.parse(found.out).problems[0]).toMatchObject({ index });
    expect((await wayleave(verify)).exit).toBe(needsWitness ? 0 : 20);
  });

  it('says that a file cannot be read or written', async () => {
    const nowhere = path.join(folder, 'no', 'file');
    expect((await wayleave(['audit', 'verify', '--export', nowhere])).exit).toBe(2);
    const said = await wayleave(['audit', 'export', '--out', nowhere, ...AS], { control: control() });
    expect(said.exit).toBe(2);
  });
});

describe('wayleave audit prove, continues, checkpoint and key', () => {
  const key = ['--key', printVerifier(signer, 'log')];

  it('proves one entry, and the kept proof holds with nothing running', async () => {
    const file = path.join(folder, 'proof');
    const said = await wayleave(['audit', 'prove', '3', '--out', file, ...key, ...AS], { control: control() });
    expect(said.exit).toBe(0);
    expect(said.out).toContain('approval.vote');
    expect(said.out).toMatch(/✓ entry 3 of \d+/);
    expect((await wayleave(['audit', 'prove', '--proof', file, ...key])).exit).toBe(0);
    writeFileSync(file, readFileSync(file, 'utf8').replace('index 3', 'index 2'));
    const moved = await wayleave(['audit', 'prove', '--proof', file, ...key]);
    expect(moved).toMatchObject({ exit: 20 });
    expect(moved.out).toContain('is not number 2');
    expect((await wayleave(['audit', 'prove', '99', ...AS], { control: control() })).exit).toBe(1);
    expect((await wayleave(['audit', 'prove', ...AS], { control: control() })).exit).toBe(2);
  });

  it('does not believe a proof under a foreign key', async () => {
    const foreign = printVerifier({ ...signer, key: generateKeyPairSync('ed25519').privateKey }, 'log');
    const said = await wayleave(['audit', 'prove', '3', '--json', '--key', foreign, ...AS], { control: control() });
    expect(said.exit).toBe(20);
    expect(JSON.parse(said.out)).toMatchObject({ ok: false, what: expect.stringContaining('not signed') });
  });

  it('continues what it was, and says so of no other log', async () => {
    const file = path.join(folder, 'checkpoint');
    expect((await wayleave(['audit', 'checkpoint', '--out', file, ...AS], { control: control() })).exit).toBe(0);
    await write(log, 'later');
    const said = await wayleave(['audit', 'continues', file, ...key, ...AS], { control: control() });
    expect(said).toMatchObject({ exit: 0, out: expect.stringContaining('which begin with') });
    const other = await createAuditLog({ store: createMemoryAuditStore(), signer, clock: { now: () => 0 } });
    for (let n = 0; n < 20; n += 1) await write(other, 'k');
    const forked = await wayleave(['audit', 'continues', file, ...key, ...AS], { control: control(other) });
    expect(forked).toMatchObject({ exit: 20, out: expect.stringContaining('are not those') });
  });

  it('prints the key to trust on stdout', async () => {
    const said = await wayleave(['audit', 'key', ...AS], { control: control() });
    expect(said.out.trim()).toBe(printVerifier(signer, 'log'));
  });
});
