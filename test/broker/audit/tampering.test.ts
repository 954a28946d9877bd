/** Every kind of tampering, on each store and on an export: found by the verifier at its entry, and by the log when it starts. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTable } from '../../../apps/verify/read-table.ts';
import type { Verification, VerifyOptions } from '../../../apps/verify/verification.ts';
import { verifyExport } from '../../../apps/verify/verify-export.ts';
import { readSegments, verifyBatches } from '../../../apps/verify/verify-stored.ts';
import { createFilePort } from '../../../broker/audit/file-port.ts';
import { createFileAuditStore } from '../../../broker/audit/file-store.ts';
import { createAuditLog } from '../../../broker/audit/log.ts';
import { parseVerifier, printVerifier } from '../../../broker/audit/note.ts';
import { AUDIT_MIGRATIONS, createSqlAuditStore } from '../../../broker/audit/sql-store.ts';
import type { AuditBatch, AuditStore } from '../../../broker/audit/store.ts';
import { createWitnessClient, type WitnessClient } from '../../../broker/audit/witness/client.ts';
import { startWitness } from '../../../broker/audit/witness/server.ts';
import { migrate } from '../../../storage/migrate.ts';
import { reportSkippedPostgres, sqlDatabases } from '../../storage/sql-databases.ts';
import { clock, exportOf, TAMPERINGS, writeBatches } from './tampering.ts';

const makeSigner = () => ({ name: 'wayleave/test', key: generateKeyPairSync('ed25519').privateKey });
const [signer, thief] = [makeSigner(), makeSigner()];
const publicKeys = [printVerifier(signer, 'log')];
const root = mkdtempSync(path.join(tmpdir(), 'wayleave-tamper-'));
const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
  rmSync(root, { recursive: true, force: true });
});
let good: readonly AuditBatch[];
let witness: WitnessClient;
/** What a witness or a careful human kept: checkpoints at several sizes. */
let anchors: readonly string[];

beforeAll(async () => {
  good = await writeBatches(signer);
  anchors = [4, 6, 7, 10].map((at) => good[at]?.checkpoint ?? '');
  const witnessSigner = { name: 'witness', key: generateKeyPairSync('ed25519').privateKey };
  const server = await startWitness({
    files: createFilePort(path.join(root, 'witness')),
    signer: witnessSigner,
    log: parseVerifier(publicKeys[0] ?? ''),
    clock,
  });
  closers.push(() => server.close());
  witness = createWitnessClient({ url: server.url, verifier: printVerifier(witnessSigner, 'witness') });
  const file = createFileAuditStore(createFilePort(path.join(root, 'seen')));
  await fill(file, good);
  const log = await createAuditLog({ store: file, signer, witness, clock });
  expect(log.witnessed()).toMatchObject({ status: 'following', size: good.length });
  await log.close();
});

/** Writes batches as whoever owns the disk would: without the log. */
async function fill(store: AuditStore, batches: readonly AuditBatch[]): Promise<void> {
  const epoch = await store.claim(1);
  for (const batch of batches) await store.append(batch, epoch);
  await store.close();
}

interface Place {
  readonly store: AuditStore;
  readonly verify: (options: VerifyOptions) => Promise<Verification>;
}
let places = 0;
const stores: readonly (readonly [string, () => Promise<Place>])[] = [
  [
    'files',
    async () => {
      places += 1;
      const folder = path.join(root, `log-${places}`);
      const store = createFileAuditStore(createFilePort(folder));
      return { store, verify: (options) => verifyBatches(readSegments(folder), options) };
    },
  ],
  ...Object.entries(sqlDatabases).map(([name, openSql]) => {
    let database: Awaited<ReturnType<typeof openSql>> | undefined;
    const open = async (): Promise<Place> => {
      if (database === undefined) {
        const opened = await openSql();
        database = opened;
        closers.push(() => opened.close());
        await migrate(opened.pool, AUDIT_MIGRATIONS);
      }
      const { pool } = database;
      await pool.query('TRUNCATE audit_batches');
      return { store: createSqlAuditStore(pool), verify: (options) => verifyBatches(readTable(pool), options) };
    };
    return [name, open] as const;
  }),
];
reportSkippedPostgres();

describe.each(stores)('a log on %s', (_, open) => {
  it('passes as it was written', async () => {
    const { store, verify } = await open();
    await fill(store, good);
    expect(await verify({ publicKeys, anchors })).toEqual({ ok: true, size: good.length, problems: [] });
  });

  it.each(TAMPERINGS)('$name: found at entry $index', async ({ index, needsWitness, tamper }) => {
    const { store, verify } = await open();
    await fill(store, await tamper(good, signer, thief));
    expect((await verify({ publicKeys, anchors })).problems[0]).toMatchObject({ index });
    // Without anything from outside a log that is consistent in itself passes: that is what the witness is for.
    expect((await verify({ publicKeys })).ok).toBe(needsWitness);
    await expect(createAuditLog({ store, signer, witness, clock })).rejects.toMatchObject({
      code: 'AUDIT_BROKEN',
      message: expect.stringContaining(needsWitness ? 'witness' : `entry ${index}`),
    });
  });
});

describe('an export', () => {
  const sha256 = (text: string): string => createHash('sha256').update(`\0${text}`).digest('base64');
  async function* stream(lines: readonly string[]): AsyncIterable<string> {
    yield* lines;
  }

  it.each(TAMPERINGS)('$name: found at entry $index', async ({ name, index, needsWitness, tamper }) => {
    const tampered = await tamper(good, signer, thief);
    const lines = exportOf(tampered, name.includes('another key') ? thief : signer);
    const found = await verifyExport(stream(lines), { publicKeys, anchors });
    expect(found).toMatchObject({ ok: false, problems: [{ index }, ...found.problems.slice(1)] });
    expect((await verifyExport(stream(lines), { publicKeys })).ok).toBe(needsWitness);
  });

  it('names the entry whose leaf was left alone, also inside of a group', async () => {
    const hashes = new Map(good.map(({ from, lines }) => [from, sha256(lines[0] ?? '')]));
    const [flip] = TAMPERINGS;
    const lines = exportOf((await flip?.tamper(good, signer, thief)) ?? [], signer, hashes);
    const grouped = lines.filter((one, at) => at === 0 || at === lines.length - 1 || !one.includes('"checkpoint"'));
    const { problems } = await verifyExport(stream(grouped), { publicKeys });
    expect(problems[0]).toEqual({ index: 6, what: 'the entry differs from its hash' });
  });
});
