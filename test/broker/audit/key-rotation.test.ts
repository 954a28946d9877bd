/** The key of the log changes inside the log: verifier, restart and witness follow, and nobody goes on with the old one. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { verifyExport } from '../../../apps/verify/verify-export.ts';
import { followKeys, verifyContinuation, verifyEntryProof } from '../../../apps/verify/verify-proof.ts';
import { createFilePort } from '../../../broker/audit/file-port.ts';
import { openKeyFile, openLaterKeys } from '../../../broker/audit/keys.ts';
import { createAuditLog, KEY_CHANGED } from '../../../broker/audit/log.ts';
import { createMemoryAuditStore } from '../../../broker/audit/memory-store.ts';
import { parseVerifier, printVerifier } from '../../../broker/audit/note.ts';
import type { AuditStore } from '../../../broker/audit/store.ts';
import { createWitnessClient } from '../../../broker/audit/witness/client.ts';
import { startWitness } from '../../../broker/audit/witness/server.ts';
import type { AuditLog } from '../../../broker/ports.ts';

const root = mkdtempSync(path.join(tmpdir(), 'wayleave-rotation-'));
const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
  rmSync(root, { recursive: true, force: true });
});
const clock = { now: () => 1_767_225_600_000 };
const NAME = 'wayleave/test';
let keyFolders = 0;
function makeKeys() {
  keyFolders += 1;
  const folder = path.join(root, `keys-${keyFolders}`);
  const signer = { name: NAME, key: openKeyFile(path.join(folder, 'audit.key')) };
  return { signer, laterKeys: openLaterKeys(folder, NAME), clock, publicKeys: [printVerifier(signer, 'log')] };
}
const write = async (log: AuditLog, count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) await log.append({ at: 't', tenant: 'acme', kind: 'k', content: { n } });
};
async function makeWitness(log: string) {
  keyFolders += 1;
  const signer = { name: 'witness', key: generateKeyPairSync('ed25519').privateKey };
  const files = createFilePort(path.join(root, `witness-${keyFolders}`));
  const server = await startWitness({ files, signer, log: parseVerifier(log), clock });
  closers.push(() => server.close());
  return createWitnessClient({ url: server.url, verifier: printVerifier(signer, 'witness') });
}

describe('a rotated key', () => {
  it('is followed by the verifier from the first key, over several rotations and restarts, while entries go on', async () => {
    const { publicKeys, ...deps } = makeKeys();
    const store = createMemoryAuditStore();
    const log = await createAuditLog({ store, ...deps });
    await write(log, 3);
    const older = log.checkpoint();
    await Promise.all([write(log, 2), log.rotateKey(), write(log, 2)]);
    await log.rotateKey();
    await write(log, 1);
    expect(log.size()).toBe(10);
    const { first, inForce, handovers } = log.keys();
    expect([first, handovers.length]).toEqual([publicKeys[0], 2]);
    expect(inForce).not.toBe(first);
    const kinds = (await log.entries(0, 20)).filter(({ kind }) => kind === KEY_CHANGED);
    expect(kinds.at(-1)?.content).toEqual({ generation: 2, key: inForce });

    const again = await createAuditLog({ store, ...deps });
    await write(again, 1);
    expect(await verifyExport(again.export(), { publicKeys, anchors: [older] })).toMatchObject({ ok: true, size: 11 });
    expect(await verifyExport(again.export('globex'), { publicKeys })).toMatchObject({ ok: true });
    expect((await verifyExport(again.export(), { publicKeys: [inForce] })).ok).toBe(false);

    const keys = followKeys(publicKeys, again.keys().handovers);
    const proof = await again.prove(1);
    expect(proof === undefined ? undefined : verifyEntryProof(proof, keys)).toMatchObject({ ok: true, by: inForce });
    expect(verifyContinuation(older, await again.proveConsistency(3), keys)).toMatchObject({ ok: true, from: 3 });
  });

  it('leaves the old key without force: what it signs later is refused by verifier and log', async () => {
    const { publicKeys, ...deps } = makeKeys();
    const store = createMemoryAuditStore();
    const log = await createAuditLog({ store, ...deps });
    await write(log, 2);
    await log.rotateKey();
    await write(log, 1);
    const thief = await forge(store, deps.signer);
    expect((await verifyExport(thief.export(), { publicKeys })).problems[0]).toMatchObject({ index: 4 });
    await expect(createAuditLog({ store, ...deps })).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  });

  it('is not for those who append to say, and must be at hand', async () => {
    const { publicKeys: _, ...deps } = makeKeys();
    const store = createMemoryAuditStore();
    const log = await createAuditLog({ store, ...deps });
    const claim = { at: 't', tenant: '-', kind: KEY_CHANGED, content: { generation: 1, key: 'mine' } };
    await expect(log.append(claim)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await log.rotateKey();
    const { laterKeys: __, ...without } = deps;
    await expect(createAuditLog({ store, ...without })).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' });
  });

  it('is followed by a witness, also by one that did not hear of it', async () => {
    const { publicKeys, ...deps } = makeKeys();
    const store = createMemoryAuditStore();
    const witness = await makeWitness(publicKeys[0] ?? '');
    const log = await createAuditLog({ store, witness, ...deps });
    await write(log, 2);
    await log.rotateKey();
    await write(log, 1);
    await log.close();
    expect(log.witnessed()).toMatchObject({ status: 'following', size: 4 });

    const alone = await createAuditLog({ store, ...deps });
    await alone.rotateKey();
    await alone.rotateKey();
    await write(alone, 1);
    await alone.close();
    const back = await createAuditLog({ store, witness, ...deps });
    expect(back.witnessed()).toMatchObject({ status: 'following', size: 7 });
    const stranger = await makeWitness(publicKeys[0] ?? '');
    expect((await createAuditLog({ store, witness: stranger, ...deps })).witnessed()).toMatchObject({ size: 7 });
  });
});

/** Appends with a key that is not in force any more, past everything that checks. */
async function forge(store: AuditStore, signer: { name: string; key: ReturnType<typeof openKeyFile> }) {
  const copy = createMemoryAuditStore();
  const log = await createAuditLog({ store: copy, signer, clock });
  const lines: string[] = [];
  for await (const batch of store.batches(0)) lines.push(...batch.lines);
  const written = lines.map((line) => JSON.parse(line));
  for (const { at, tenant, kind, content } of written)
    await log.append({ at, tenant, kind: kind === KEY_CHANGED ? 'k' : kind, content });
  await write(log, 1);
  const epoch = await store.claim(1);
  for await (const batch of copy.batches(written.length)) await store.append(batch, epoch);
  const { exportLog } = await import('../../../broker/audit/export.ts');
  return {
    export: () =>
      exportLog({
        store,
        size: written.length + 1,
        checkpoint: log.checkpoint(),
        verifiers: [printVerifier(signer, 'log')],
        tenant: undefined,
      }),
  };
}
