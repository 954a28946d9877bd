/** The audit log beside raw appends to the same disk, and what a million entries cost to verify and to start on. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readLines } from '../apps/verify/read-lines.ts';
import { verifyExport } from '../apps/verify/verify-export.ts';
import { readSegments, verifyBatches } from '../apps/verify/verify-stored.ts';
import { createFilePort, type FilePort } from '../broker/audit/file-port.ts';
import { createFileAuditStore } from '../broker/audit/file-store.ts';
import { createAuditLog } from '../broker/audit/log.ts';
import { printVerifier } from '../broker/audit/note.ts';
import type { AuditEntry, AuditLog } from '../broker/ports.ts';
import type { Figure } from './bench.ts';

const WRITERS = 64;
const MEASURED = 100_000;
const MILLION = 1_000_000;
const ONE_WRITER = 1_000;
const RAW_GROUPS = 500;

const clock = { now: () => 1_767_225_600_000 };
const signer = { name: 'wayleave-bench', key: generateKeyPairSync('ed25519').privateKey };

/** As large as the entry of an ordinary call. */
const entry = (n: number): AuditEntry => ({
  at: '2026-01-01T00:00:00.000Z',
  tenant: n % 2 === 0 ? 'acme' : 'globex',
  kind: 'outcome',
  human: 'operator@acme',
  session: 'ses_4zq6k2m3t5v7w8x9',
  agent: 'troubleshooter',
  tool: 'bgp.read',
  intent: `int_${String(n).padStart(20, '0')}`,
  content: {
    decision: 'permit',
    policies: ['agents-observe'],
    policyRevision: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    target: ['br1_edge'],
    outcome: 'succeeded',
    evidence: 3,
  },
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - begun) / 1e9;
}

/** Each writer waits for its entry before it writes the next, as calls do. */
async function write(log: AuditLog, entries: number, writers: number): Promise<void> {
  let next = 0;
  const writer = async (): Promise<void> => {
    for (let n = next++; n < entries; n = next++) await log.append(entry(n));
  };
  await Promise.all(Array.from({ length: writers }, writer));
}

/** Counts syncs; without `sync` it leaves them out, to make a long log fast. */
function watched(port: FilePort, sync: boolean): { readonly port: FilePort; readonly syncs: () => number } {
  let syncs = 0;
  return {
    syncs: () => syncs,
    port: {
      ...port,
      open: async (name) => {
        const file = await port.open(name);
        return {
          ...file,
          async sync() {
            syncs += 1;
            if (sync) await file.sync();
          },
        };
      },
    },
  };
}

export async function benchAudit(): Promise<readonly Figure[]> {
  const root = mkdtempSync(path.join(os.tmpdir(), 'wayleave-bench-'));
  try {
    return [...(await appends(root)), ...(await million(root))];
  } finally {
    rmSync(root, { recursive: true });
  }
}

async function appends(root: string): Promise<readonly Figure[]> {
  const rawSync = async (bytes: Buffer): Promise<number> => {
    const file = await open(path.join(root, 'raw'), 'a');
    const seconds = await timed(async () => {
      for (let n = 0; n < RAW_GROUPS; n += 1) {
        await file.appendFile(bytes);
        await file.datasync();
      }
    });
    await file.close();
    return RAW_GROUPS / seconds;
  };
  const { port, syncs } = watched(createFilePort(path.join(root, 'log')), true);
  const log = await createAuditLog({ store: createFileAuditStore(port), signer, clock });
  await write(log, MEASURED / 10, WRITERS);
  const before = syncs();
  const seconds = await timed(() => write(log, MEASURED, WRITERS));
  const groups = syncs() - before;
  const alone = await timed(() => write(log, ONE_WRITER, 1));
  const bytes = Math.round(statSync(path.join(root, 'log', 'log-000000000000000.ndjson')).size / log.size());
  await log.close();
  // The same group as raw bytes, in the same run: what the disk alone allows.
  const raw = await rawSync(Buffer.alloc(bytes * WRITERS, 0x61));
  const rawOne = await rawSync(Buffer.alloc(bytes, 0x61));
  return [
    { what: `entries of ${bytes} bytes, ${WRITERS} writers`, value: MEASURED / seconds, unit: '/s', aim: '≥ 20,000/s' },
    { what: 'entries per fdatasync', value: MEASURED / groups, unit: '' },
    { what: 'groups per second (hashed, signed, fdatasync)', value: groups / seconds, unit: '/s' },
    { what: `raw appends of ${WRITERS} entries with fdatasync`, value: raw, unit: '/s' },
    { what: 'share of what the raw appends allow', value: (100 * groups) / seconds / raw, unit: '%' },
    { what: 'entries, one writer', value: ONE_WRITER / alone, unit: '/s' },
    { what: 'raw appends of one entry with fdatasync', value: rawOne, unit: '/s' },
  ];
}

async function million(root: string): Promise<readonly Figure[]> {
  const folder = path.join(root, 'million');
  const { port } = watched(createFilePort(folder), false);
  const opened = () => createAuditLog({ store: createFileAuditStore(port), signer, clock });
  const log = await opened();
  await write(log, MILLION, WRITERS);
  const file = path.join(root, 'export.ndjson');
  const out = createWriteStream(file);
  const exporting = await timed(async () => {
    for await (const line of log.export()) if (!out.write(`${line}\n`)) await once(out, 'drain');
    out.end();
    await once(out, 'finish');
  });
  await log.close();
  const publicKeys = [printVerifier(signer, 'log')];
  let sizes = 0;
  const offline = await timed(async () => {
    sizes = (await verifyExport(readLines(file), { publicKeys })).size;
  });
  const stored = await timed(async () => {
    sizes += (await verifyBatches(readSegments(folder), { publicKeys })).size;
  });
  if (sizes !== 2 * MILLION) throw new Error('the log does not verify');
  let again = log;
  const start = await timed(async () => {
    again = await opened();
  });
  const first = await timed(() => again.append(entry(0)));
  const rest = await timed(() => again.verified());
  await again.close();
  return [
    { what: 'export of 1,000,000 entries', value: exporting, unit: 's' },
    { what: 'verification of that export', value: offline, unit: 's', aim: '< 15 s' },
    { what: 'verification of its files', value: stored, unit: 's', aim: '< 15 s' },
    { what: 'start on 1,000,000 entries, until it takes the next', value: start + first, unit: 's', aim: '< 1 s' },
    { what: 'the rest of it, verified while it serves', value: rest, unit: 's' },
  ];
}

/** Only how fast entries are appended, beside raw appends. */
export async function benchAuditWriters(): Promise<readonly Figure[]> {
  const root = mkdtempSync(path.join(os.tmpdir(), 'wayleave-bench-'));
  try {
    return await appends(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
