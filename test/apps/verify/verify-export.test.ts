/** The offline verifier finds each kind of tampering, and where. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyExport } from '../../../apps/verify/verify-export.ts';
import { createAuditLog } from '../../../broker/audit/log.ts';
import { createMemoryAuditStore } from '../../../broker/audit/memory-store.ts';
import { printVerifier } from '../../../broker/audit/note.ts';
import type { AuditLog } from '../../../broker/ports.ts';

const clock = { now: () => 0 };
const makeSigner = () => ({ name: 'wayleave/test', key: generateKeyPairSync('ed25519').privateKey });
const signer = makeSigner();
const publicKeys = [printVerifier(signer, 'log')];

async function makeLog(count: number, by = signer): Promise<AuditLog> {
  const log = await createAuditLog({ store: createMemoryAuditStore(), signer: by, clock });
  for (let n = 0; n < count; n += 1) {
    await log.append({ at: 't', tenant: n % 2 === 0 ? 'acme' : 'globex', kind: 'k', content: { n } });
  }
  return log;
}
const collect = async (log: AuditLog, tenant?: string): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of log.export(tenant)) lines.push(line);
  return lines;
};
async function* stream(lines: readonly string[]): AsyncIterable<string> {
  yield* lines;
}
const check = (lines: readonly string[], anchors: readonly string[] = []) =>
  verifyExport(stream(lines), { publicKeys, anchors });
const at = (lines: readonly string[], index: number): number =>
  lines.findIndex((line) => line.includes(`"index":${index},"hash"`));

describe('verifyExport', async () => {
  const log = await makeLog(11);
  const good = await collect(log);

  it('accepts a whole export, one of a tenant, and an empty one', async () => {
    expect(await check(good, [log.checkpoint()])).toEqual({ ok: true, size: 11, problems: [] });
    const own = await collect(log, 'acme');
    const others = own.filter((line) => line.includes('"type":"entry"') && !line.includes('"entry":')).length;
    expect(others).toBeGreaterThan(0);
    expect(await check(own)).toEqual({ ok: true, size: 11, hashOnly: others, problems: [] });
    const stripped = own.map((line) => (line.includes('"index":0,') ? line.replace(/,"entry":".*"\}$/, '}') : line));
    expect(stripped).not.toEqual(own);
    expect(await check(stripped)).toMatchObject({ ok: true, hashOnly: others + 1 });
    expect(own.join()).not.toContain('globex');
    expect(await check(await collect(await makeLog(0)))).toEqual({ ok: true, size: 0, problems: [] });
    expect(await verifyExport(stream(good))).toMatchObject({ ok: true });
  });

  it('finds a changed entry, at its index', async () => {
    const lines = good.map((line) => line.replace('{\\"n\\":6}', '{\\"n\\":9}'));
    expect(lines).not.toEqual(good);
    expect((await check(lines)).problems[0]).toMatchObject({ index: 6 });
  });

  it('finds a deleted, a doubled and swapped entries, at the index', async () => {
    expect((await check(good.toSpliced(at(good, 4), 1))).problems[0]).toMatchObject({ index: 4 });
    expect((await check(good.toSpliced(at(good, 4), 0, good[at(good, 4)] ?? ''))).problems[0]).toMatchObject({
      index: 5,
    });
    const [a, b] = [at(good, 2), at(good, 3)];
    const swapped = good.with(a, good[b] ?? '').with(b, good[a] ?? '');
    expect((await check(swapped)).problems[0]).toMatchObject({ index: 2 });
  });

  it('finds an export that is cut off, and one that was rolled back as a whole by its anchor', async () => {
    expect((await check(good.slice(0, at(good, 8)))).problems.at(-1)).toMatchObject({ index: 8 });
    const short = await collect(await makeLog(5));
    expect((await check(short)).ok).toBe(true);
    expect((await check(short, [log.checkpoint()])).problems[0]).toMatchObject({ index: 5 });
  });

  it('finds a log that was written anew with another key', async () => {
    const other = await collect(await makeLog(11, makeSigner()));
    expect((await check(other)).problems[0]).toMatchObject({ index: 0 });
  });

  it('finds a fork by its anchor although the key is right', async () => {
    const fork = await makeLog(4);
    await fork.append({ at: 't', tenant: 'acme', kind: 'forged', content: {} });
    for (let n = 5; n < 11; n += 1) await fork.append({ at: 't', tenant: 'acme', kind: 'k', content: { n } });
    expect((await check(await collect(fork))).ok).toBe(true);
    expect((await check(await collect(fork), [log.checkpoint()])).ok).toBe(false);
  });

  it('accepts no export in which any single line is damaged or missing', async () => {
    for (const [position, line] of good.entries()) {
      if (line.includes('"type":"key"')) continue;
      const middle = Math.floor(line.length / 2);
      const bent = `${line.slice(0, middle)}${line[middle] === 'A' ? 'B' : 'A'}${line.slice(middle + 1)}`;
      expect((await check(good.with(position, bent))).ok, `line ${position}`).toBe(false);
    }
  });

  it('reports what is no export at all', async () => {
    for (const lines of [[], ['{}'], ['nonsense'], ['{"type":"entry"}']]) expect((await check(lines)).ok).toBe(false);
  });
});
