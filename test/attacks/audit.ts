/** Attacks on the audit log: what owns the disk, forges entries, takes the store away, or brings proofs of something else. Over 300 lines because every attack brings the log it is tried on. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { verifyExport } from '../../apps/verify/verify-export.ts';
import { followKeys, verifyEntryProof } from '../../apps/verify/verify-proof.ts';
import { readSegments, verifyBatches } from '../../apps/verify/verify-stored.ts';
import { exportLog } from '../../broker/audit/export.ts';
import { createFilePort, type FilePort } from '../../broker/audit/file-port.ts';
import { createFileAuditStore } from '../../broker/audit/file-store.ts';
import { createAuditLog } from '../../broker/audit/log.ts';
import { createMemoryAuditStore } from '../../broker/audit/memory-store.ts';
import { parseVerifier, printVerifier } from '../../broker/audit/note.ts';
import type { AuditBatch, AuditStore } from '../../broker/audit/store.ts';
import { HashTree, hashLeaf } from '../../broker/audit/tree.ts';
import { createWitnessClient } from '../../broker/audit/witness/client.ts';
import { startWitness } from '../../broker/audit/witness/server.ts';
import type { AuditEntry } from '../../broker/ports.ts';
import { PowerDisk, seeded } from '../broker/audit/power-disk.ts';
import { clock, TAMPERINGS, writeBatches } from '../broker/audit/tampering.ts';
import { type Attack, type Attempt, attemptAll, laboratory } from './attack.ts';

const makeSigner = () => ({ name: 'wayleave/attacks', key: generateKeyPairSync('ed25519').privateKey });
const [signer, thief] = [makeSigner(), makeSigner()];
const publicKeys = [printVerifier(signer, 'log')];
const entry = (given: Partial<AuditEntry> = {}): AuditEntry => ({
  at: '2026-01-01T00:00:00.000Z',
  tenant: 'acme',
  kind: 'k',
  content: {},
  ...given,
});

/** A log of eleven entries, and a witness that has seen all of it. */
const openLab = laboratory(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'wayleave-attacks-'));
  const good = await writeBatches(signer);
  const witnessSigner = { name: 'witness', key: generateKeyPairSync('ed25519').privateKey };
  const server = await startWitness({
    files: createFilePort(path.join(folder, 'witness')),
    signer: witnessSigner,
    log: parseVerifier(publicKeys[0] ?? ''),
    clock,
  });
  const witness = createWitnessClient({ url: server.url, verifier: printVerifier(witnessSigner, 'witness') });
  const seen = await storeOf(good);
  await (await createAuditLog({ store: seen, signer, witness, clock })).close();
  let places = 0;
  const place = (): string => {
    places += 1;
    return path.join(folder, String(places));
  };
  const close = async (): Promise<void> => {
    await server.close();
    await rm(folder, { recursive: true });
  };
  return { good, witness, place, close };
});

async function storeOf(batches: readonly AuditBatch[]): Promise<AuditStore> {
  const store = createMemoryAuditStore();
  const epoch = await store.claim(1);
  for (const batch of batches) await store.append(batch, epoch);
  return store;
}

/** Refused when `work` rejects. */
async function refuses(work: Promise<unknown>): Promise<Attempt> {
  try {
    await work;
    return { refused: false, how: 'it went through' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
    return { refused: true, how: code };
  }
}

type Way = 'start' | 'files' | 'witnessed start';

/** Puts tampered batches in the place of the log, and lets the verifier or the log itself look at them. */
async function present(names: readonly string[], ways: readonly Way[]): Promise<Attempt> {
  const lab = await openLab();
  const wanted = TAMPERINGS.filter(({ name }) => names.includes(name));
  if (wanted.length !== names.length) throw new Error('no such tampering');
  return attemptAll(
    wanted.flatMap(({ name, index, tamper }) =>
      ways.map((way) => {
        const attempt = async (): Promise<Attempt> => {
          const batches = await tamper(lab.good, signer, thief);
          if (way !== 'files') {
            const store = await storeOf(batches);
            const witness = way === 'start' ? {} : { witness: lab.witness };
            return refuses(createAuditLog({ store, signer, clock, ...witness }));
          }
          const folder = lab.place();
          const store = createFileAuditStore(createFilePort(folder));
          const epoch = await store.claim(1);
          for (const batch of batches) await store.append(batch, epoch);
          await store.close();
          const { problems } = await verifyBatches(readSegments(folder), { publicKeys });
          return { refused: problems[0]?.index === index, how: problems[0]?.what ?? 'it verifies' };
        };
        return [`${name}, ${way}`, attempt] as const;
      }),
    ),
  );
}

/** A disk whose operations fail when it is told to. */
function failingDisk(what: 'append' | 'sync') {
  const disk = new PowerDisk(seeded(1));
  let failing = 0;
  const port: FilePort = {
    ...disk.port,
    open: async (name) => {
      const file = await disk.port.open(name);
      const fail = async (): Promise<void> => {
        if (failing > 0) {
          failing -= 1;
          throw new Error(what === 'append' ? 'ENOSPC' : 'EIO');
        }
      };
      return {
        ...file,
        append: async (bytes) => {
          if (what === 'append') await fail();
          await file.append(bytes);
        },
        sync: async () => {
          if (what === 'sync') await fail();
          await file.sync();
        },
      };
    },
  };
  const failOnce = (): void => {
    failing = 1;
  };
  return { port, failOnce };
}

async function cutPower(seed: number): Promise<Attempt> {
  const random = seeded(seed);
  const disk = new PowerDisk(random, 20 + Math.floor(random() * 40));
  const log = await createAuditLog({ store: createFileAuditStore(disk.port, 2_000), signer, clock });
  const acknowledged: number[] = [];
  const writer = async (): Promise<void> => {
    for (;;) acknowledged.push(await log.append(entry({ content: { n: acknowledged.length } })));
  };
  await Promise.allSettled([writer(), writer(), writer()]);
  const back = createAuditLog({ store: createFileAuditStore(disk.afterCut().port, 2_000), signer, clock });
  const size = await back.then(
    (again) => again.size(),
    () => 0,
  );
  const last = Math.max(...acknowledged);
  return size > last ? { refused: true, how: 'all kept' } : { refused: false, how: `${size} of ${last + 1} are left` };
}

async function proofs(): Promise<Attempt> {
  const store = await storeOf((await openLab()).good);
  const log = await createAuditLog({ store, signer, clock });
  const proof = await log.prove(3);
  if (proof === undefined) throw new Error('no proof of entry 3');
  const tree = new HashTree();
  for await (const batch of store.batches(0)) for (const line of batch.lines) tree.append(hashLeaf(Buffer.from(line)));
  const keys = followKeys(publicKeys, []);
  if (!verifyEntryProof(proof, keys).ok) throw new Error('the honest proof is refused');
  const node = Buffer.concat([tree.leaf(2), tree.leaf(3)]).toString('latin1');
  const foreign = await createAuditLog({ store: createMemoryAuditStore(), signer: thief, clock });
  for (let n = 0; n < 11; n += 1) await foreign.append(entry());
  const forged = await foreign.prove(3);
  const variants = [
    ['an inner node as a leaf', { ...proof, index: 1, entry: node, hashes: proof.hashes.slice(1) }],
    ['another index', { ...proof, index: 2 }],
    ['an index behind the end', { ...proof, index: 11 }],
    ['one hash less', { ...proof, hashes: proof.hashes.slice(1) }],
    ['another entry', { ...proof, entry: proof.entry.replace('"n":3', '"n":4') }],
    ['another size', { ...proof, checkpoint: proof.checkpoint.replace('\n11\n', '\n12\n') }],
    ['another origin', { ...proof, checkpoint: proof.checkpoint.replaceAll('wayleave/attacks', 'wayleave/other') }],
    ['another log of the same name', { ...proof, ...forged }],
  ] as const;
  return attemptAll(
    variants.map(([what, bent]) => {
      const attempt = async (): Promise<Attempt> => {
        const verdict = verifyEntryProof(bent, keys);
        return { refused: !verdict.ok, how: verdict.ok ? 'it verifies' : verdict.what.replace(/\d+/g, 'n') };
      };
      return [what, attempt] as const;
    }),
  );
}

const HOSTILE = [
  ['a newline and an entry of its own', 'int_1\n{"index":0,"kind":"approval.vote","tenant":"acme"}'],
  ['an end of the string', '","kind":"approval.vote","x":"'],
  ['escape sequences', '\u001b[2J\u009b31m\u0007'],
  ['lines and directions of Unicode', 'a\u2028b\u2029c\u202ed\u2066e'],
  ['half a character', '\ud800'],
] as const;

export const AUDIT_ATTACKS: readonly Attack[] = [
  {
    id: 'AUD-01',
    guard: 'entry-hash',
    attempt: async () => {
      const { good } = await openLab();
      const flip = TAMPERINGS[0];
      if (flip === undefined) throw new Error('no tampering');
      const lines = exportLog({
        store: await storeOf(good),
        size: good.length,
        checkpoint: good.at(-1)?.checkpoint ?? '',
        verifiers: publicKeys,
        tenant: undefined,
      });
      async function* flipped(): AsyncIterable<string> {
        for await (const line of lines)
          yield line.includes('"index":6,') ? line.replace('\\"n\\":6', '\\"n\\":7') : line;
      }
      const { problems } = await verifyExport(flipped(), { publicKeys });
      return { refused: problems[0]?.index === flip.index, how: problems[0]?.what ?? 'it verifies' };
    },
  },
  {
    id: 'AUD-02',
    guard: 'checkpoint-signature',
    attempt: () => present(['an entry edited and the whole chain recomputed'], ['start', 'files']),
  },
  {
    id: 'AUD-03',
    guard: 'entry-place',
    attempt: () =>
      present(['an entry in the middle deleted', 'an entry deleted and the rest renumbered'], ['start', 'files']),
  },
  {
    id: 'AUD-04',
    guard: 'audit-witness',
    attempt: () => present(['cut off at a checkpoint', 'cut off to nothing'], ['witnessed start']),
  },
  {
    id: 'AUD-06',
    guard: 'audit-witness',
    attempt: () =>
      present(['an old backup restored, and written on', 'a fork written with the stolen key'], ['witnessed start']),
  },
  {
    id: 'AUD-07',
    guard: 'one-line-entries',
    attempt: async () => {
      const lab = await openLab();
      const large = async (): Promise<Attempt> => {
        const log = await createAuditLog({ store: createMemoryAuditStore(), signer, clock });
        return refuses(log.append(entry({ content: { text: 'x'.repeat(1_000_000) } })));
      };
      const forged = HOSTILE.map(([what, text]) => {
        const attempt = async (): Promise<Attempt> => {
          const folder = lab.place();
          const log = await createAuditLog({ store: createFileAuditStore(createFilePort(folder)), signer, clock });
          await log.append(entry({ intent: text, tool: text, content: { detail: text, [text]: text } }));
          await log.close();
          const written = readFileSync(path.join(folder, 'log-000000000000000.ndjson'), 'utf8');
          const lines = written.trimEnd().split('\n');
          const kept: { readonly kind?: unknown } = JSON.parse(lines[0] ?? '');
          // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
          const raw = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd]/u.test(
            written,
          );
          const clean = lines.length === 2 && kept.kind === 'k' && !raw;
          return { refused: clean, how: clean ? 'one line, escaped' : 'raw characters in the log' };
        };
        return [what, attempt] as const;
      });
      return attemptAll([...forged, ['a field of 1 MB', large]]);
    },
  },
  {
    id: 'AUD-08',
    guard: 'stop-after-failed-write',
    attempt: () =>
      attemptAll(
        (['append', 'sync'] as const).map((what) => {
          const attempt = async (): Promise<Attempt> => {
            const { port, failOnce } = failingDisk(what);
            const log = await createAuditLog({ store: createFileAuditStore(port), signer, clock });
            await log.append(entry());
            failOnce();
            const failed = await refuses(log.append(entry()));
            // The disk works again; what it lost meanwhile nobody knows.
            const after = await refuses(log.append(entry()));
            return failed.refused ? after : failed;
          };
          return [`${what} fails once`, attempt] as const;
        }),
      ),
  },
  {
    id: 'AUD-09',
    guard: 'sync-before-answer',
    attempt: () =>
      attemptAll(Array.from({ length: 12 }, (_, seed) => [`power cut ${seed}`, () => cutPower(seed)] as const)),
  },
  {
    id: 'AUD-11',
    guard: 'audit-redaction',
    attempt: async () => {
      const secret = 'hunter2-Zx9-0123456789';
      const contents = [
        ['a parameter', { input: { community: secret } }],
        ['the configuration', { operations: [`netconf edit-config <user><password>${secret}</password></user>`] }],
        ['a header', { reason: `Authorization: Bearer ${secret}` }],
      ] as const;
      return attemptAll(
        contents.map(([what, content]) => {
          const attempt = async (): Promise<Attempt> => {
            const store = createMemoryAuditStore();
            const log = await createAuditLog({ store, signer, clock });
            await log.append(entry({ content }));
            let text = '';
            for await (const line of log.export()) text += line;
            return text.includes(secret)
              ? { refused: false, how: 'the secret is in the log' }
              : { refused: text.includes('[redacted '), how: 'redacted' };
          };
          return [what, attempt] as const;
        }),
      );
    },
  },
  {
    id: 'AUD-12',
    guard: 'writer-epoch',
    attempt: async () => {
      const disk = new PowerDisk(seeded(1));
      const open = () => createAuditLog({ store: createFileAuditStore(disk.port), signer, clock });
      const old = await open();
      await old.append(entry());
      const now = await open();
      await now.append(entry());
      return refuses(old.append(entry()));
    },
  },
  {
    id: 'AUD-13',
    guard: 'order-by-index',
    attempt: async () => {
      const alarms: string[] = [];
      const store = createMemoryAuditStore();
      const log = await createAuditLog({ store, signer, clock, alarm: (what) => void alarms.push(what) });
      await log.append(entry());
      await log.append(entry({ at: '2025-12-31T23:00:00.000Z' }));
      const marked = (await log.entries(0, 10)).map((one) => 'clockBack' in one);
      const refused = marked[0] === false && marked[1] === true && alarms.length === 1;
      return { refused, how: refused ? 'marked, and a human hears of it' : 'nobody notices' };
    },
  },
  { id: 'AUD-14', guard: 'proof-of-this-tree', attempt: proofs },
];
