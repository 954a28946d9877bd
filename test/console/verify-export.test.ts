/** The verifier of the browser judges every export as the one of the command line does, and finds an entry's place. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { verifyExport as verifyByCommand } from '../../apps/verify/verify-export.ts';
import { openKeyFile, openLaterKeys } from '../../broker/audit/keys.ts';
import { createAuditLog } from '../../broker/audit/log.ts';
import { createMemoryAuditStore } from '../../broker/audit/memory-store.ts';
import { printVerifier } from '../../broker/audit/note.ts';
import { type VerifyOptions, verifyExport } from '../../console/verify/verify-export.ts';
import { followKeys, verifyEntryProof } from '../../console/verify/verify-proof.ts';
import { exportOf, TAMPERINGS, writeBatches } from '../broker/audit/tampering.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-console-verify-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const clock = { now: () => 0 };
const signer = { name: 'wayleave/test', key: openKeyFile(path.join(folder, 'audit.key')) };
const publicKeys = [printVerifier(signer, 'log')];
const thief = { name: signer.name, key: generateKeyPairSync('ed25519').privateKey };
const laterKeys = openLaterKeys(folder, signer.name);

type Log = Awaited<ReturnType<typeof createAuditLog>>;

async function makeLog(count: number, deps: object = {}): Promise<Log> {
  const log = await createAuditLog({ store: createMemoryAuditStore(), signer, clock, ...deps });
  for (let n = 0; n < count; n += 1)
    await log.append({ at: 't', tenant: n % 2 === 0 ? 'acme' : 'globex', kind: 'k', content: { n, say: 'Zürich 🛰' } });
  return log;
}
const collect = async (log: Log, tenant?: string): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of log.export(tenant)) lines.push(line);
  return lines;
};
async function* stream(lines: readonly string[]): AsyncIterable<string> {
  yield* lines;
}
/** In pieces that cut lines and characters apart, as a file comes. */
const file = (text: string, piece = 997): ReadableStream<Uint8Array> => {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, at + piece));
      at += piece;
    },
  });
};
/** What both say, which must be the same to the word. */
async function judge(lines: readonly string[], options: VerifyOptions = { publicKeys }) {
  const [browser, command] = await Promise.all([
    verifyExport(file(`${lines.join('\n')}\n`), options),
    verifyByCommand(stream(lines), options),
  ]);
  expect(browser).toEqual(command);
  return browser;
}
const at = (lines: readonly string[], index: number): number =>
  lines.findIndex((line) => line.includes(`"index":${index},"hash"`));

describe('the verifier in the browser', async () => {
  const log = await makeLog(11);
  const good = await collect(log);

  it('accepts a whole export, one of a tenant, an empty one, and one whose key changed', async () => {
    expect(await judge(good, { publicKeys, anchors: [log.checkpoint()] })).toEqual({
      ok: true,
      size: 11,
      problems: [],
    });
    expect((await judge(good, {})).ok).toBe(true);
    expect((await judge(await collect(log, 'acme'))).ok).toBe(true);
    expect(await judge(await collect(await makeLog(0)))).toEqual({ ok: true, size: 0, problems: [] });
    const turned = await makeLog(3, { laterKeys });
    await turned.rotateKey();
    await turned.append({ at: 't', tenant: 'acme', kind: 'k', content: {} });
    expect((await judge(await collect(turned))).ok).toBe(true);
  });

  it('finds a changed, a deleted, a doubled and a swapped entry at its index', async () => {
    const changed = good.map((line) => line.replace('{\\"n\\":6,', '{\\"n\\":9,'));
    expect((await judge(changed)).problems[0]).toMatchObject({ index: 6 });
    expect((await judge(good.toSpliced(at(good, 4), 1))).problems[0]).toMatchObject({ index: 4 });
    const doubled = good.toSpliced(at(good, 4), 0, good[at(good, 4)] ?? '');
    expect((await judge(doubled)).problems[0]).toMatchObject({ index: 5 });
    const [a, b] = [at(good, 2), at(good, 3)];
    const swapped = good.with(a, good[b] ?? '').with(b, good[a] ?? '');
    expect((await judge(swapped)).problems[0]).toMatchObject({ index: 2 });
  });

  it('finds an export that is cut off, rolled back, forked, signed anew, or of a malformed key', async () => {
    expect((await judge(good.slice(0, at(good, 8)))).problems.at(-1)).toMatchObject({ index: 8 });
    const anchors = [log.checkpoint()];
    expect((await judge(await collect(await makeLog(5)), { publicKeys, anchors })).problems[0]).toMatchObject({
      index: 5,
    });
    const fork = await makeLog(4);
    for (let n = 4; n < 11; n += 1) await fork.append({ at: 't', tenant: 'acme', kind: 'forged', content: { n } });
    expect((await judge(await collect(fork), { publicKeys, anchors })).ok).toBe(false);
    expect((await judge(await collect(await makeLog(11, { signer: thief })))).problems[0]).toMatchObject({ index: 0 });
    expect((await judge(good, { publicKeys: ['nonsense'], anchors: ['nonsense'] })).ok).toBe(false);
  });

  it.each(TAMPERINGS)('finds $name as the command does', async ({ tamper, index, needsWitness }) => {
    const whole = await writeBatches(signer);
    const anchors = [4, 6, 7, 10].map((kept) => whole[kept]?.checkpoint ?? '');
    const lines = exportOf(await tamper(whole, signer, thief), signer);
    const { problems } = await judge(lines, { publicKeys, anchors });
    expect(problems[0]).toMatchObject({ index });
    expect((await judge(lines)).ok).toBe(needsWitness);
  });

  it('accepts no export in which any single line is damaged', async () => {
    for (const [position, line] of good.entries()) {
      if (line.includes('"type":"key"')) continue;
      const middle = Math.floor(line.length / 2);
      const bent = `${line.slice(0, middle)}${line[middle] === 'A' ? 'B' : 'A'}${line.slice(middle + 1)}`;
      expect((await judge(good.with(position, bent))).ok, `line ${position}`).toBe(false);
    }
  });

  it('says what is no export at all, whatever its form, and keeps no more of it than a line', async () => {
    for (const lines of [[], ['{}'], ['nonsense'], ['{"type":"entry"}'], ['[]'], ['\ufeff{}'], ['['.repeat(100_000)]])
      expect((await judge(lines)).ok).toBe(false);
    const endless = [...good.slice(0, 2), 'x'.repeat(2_000_000), ...good.slice(2)].join('\n');
    const { problems } = await verifyExport(file(endless, 65_536), { publicKeys });
    expect(problems).toEqual([{ index: 0, what: 'a line is not understood' }]);
    const binary = new Uint8Array(70_000).fill(255);
    expect((await verifyExport(new Blob([binary]).stream())).problems).toEqual([
      { what: 'the export does not begin with a checkpoint' },
    ]);
  });

  it('can be stopped, and tells how far it is', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const text = good.join('\n');
    const progress = (bytes: number): void => {
      seen.push(bytes);
      stop.abort(new Error('enough'));
    };
    await expect(verifyExport(file(text), {}, { progress, signal: stop.signal })).rejects.toThrow('enough');
    expect(seen).toEqual([997]);
  });

  it('finds each entry’s place by its proof, and no other entry, place, tree or key', async () => {
    const { first, handovers } = log.keys();
    const keys = await followKeys([first], handovers);
    for (let index = 0; index < 11; index += 1) {
      const proof = await log.prove(index);
      if (proof === undefined) throw new Error(`there is no proof of ${index}`);
      expect(await verifyEntryProof(proof, keys)).toMatchObject({ head: { size: 11 } });
      expect((await verifyEntryProof(proof, keys)).problem).toBeUndefined();
      for (const wrong of [
        { ...proof, index: (index + 1) % 11 },
        { ...proof, entry: `${proof.entry} ` },
        { ...proof, hashes: proof.hashes.slice(1) },
        { ...proof, hashes: [...proof.hashes, ...proof.hashes] },
        { ...proof, checkpoint: proof.checkpoint.replace('\n11\n', '\n12\n') },
      ])
        expect((await verifyEntryProof(wrong, keys)).problem).toBeDefined();
      expect((await verifyEntryProof(proof, [])).problem).toBe('the checkpoint is not signed by a trusted key');
    }
  });
});
