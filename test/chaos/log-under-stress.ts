/** The audit log on a disk that fills up, and under a clock that jumps: what it acknowledged is there, and it verifies. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readSegments, verifyBatches } from '../../apps/verify/verify-stored.ts';
import { createFilePort } from '../../broker/audit/file-port.ts';
import { createFileAuditStore } from '../../broker/audit/file-store.ts';
import { createAuditLog } from '../../broker/audit/log.ts';
import { printVerifier } from '../../broker/audit/note.ts';
import type { Check } from './report.ts';

const DISK = '4m';
const FILLED = 3_500_000;
const MOST = 100_000;
const TEXT = 'x'.repeat(500);
const HOUR_MS = 3_600_000;

/** Needs the right to mount; without it the check says that it was not made. */
export async function fillDisk(folder: string): Promise<Check> {
  const what = 'full disk: refused instead of acknowledged, and after room was made everything acknowledged is there';
  const disk = path.join(folder, 'small-disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    return { what, ok: true, skipped: 'no right to mount a small disk', found: '' };
  }
  try {
    const ballast = path.join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(FILLED));
    const { open, verify } = logIn(path.join(disk, 'audit'));
    let log = await open();
    let acknowledged = 0;
    let refused: unknown;
    for (; acknowledged < MOST && refused === undefined; acknowledged += 1) {
      const append = log.append(entryAt(Date.now(), acknowledged));
      refused = await append.then(
        () => undefined,
        (error: unknown) => error,
      );
      if (refused !== undefined) break;
    }
    // It has stopped for good: nothing more is acknowledged on a disk whose state nobody knows.
    const stays = await log.append(entryAt(Date.now(), -1)).catch(() => 'refused');
    await log.close().catch(() => undefined);
    rmSync(ballast);
    log = await open();
    await log.append(entryAt(Date.now(), acknowledged));
    const entries = await log.entries(0, acknowledged + 2);
    await log.close();
    const { ok, size } = await verify();
    const kept = entries.slice(0, acknowledged).every((entry, n) => entry.content['n'] === n);
    return {
      ...{ what, ok: ok && kept && refused !== undefined && stays === 'refused' && size >= acknowledged + 1 },
      found: `${acknowledged} acknowledged before it was full, ${size} in the log afterwards, verified`,
    };
  } finally {
    execFileSync('umount', [disk], { stdio: 'ignore' });
  }
}

/** Hours forward and back by the seed. */
export async function jumpClock(folder: string, random: () => number): Promise<Check> {
  const { open, verify } = logIn(path.join(folder, 'clock'));
  const alarms: string[] = [];
  const log = await open((what) => alarms.push(what));
  let now = Date.now();
  let back = 0;
  for (let n = 0; n < 500; n += 1) {
    const before = now;
    now += n % 10 === 0 ? Math.round((random() - 0.5) * 48 * HOUR_MS) : 1_000;
    if (n > 0 && now < before) back += 1;
    await log.append(entryAt(now, n));
  }
  const entries = await log.entries(0, 500);
  await log.close();
  const { ok, size } = await verify();
  const marked = entries.filter((entry) => 'clockBack' in entry).length;
  return {
    what: 'clock jumps: entries stay in their order, each step back is marked and alarmed',
    ok: ok && size === 500 && marked === back && alarms.length === back,
    found: `${back} steps back, ${marked} marked, ${alarms.length} alarms`,
  };
}

const entryAt = (at: number, n: number) => ({
  ...{ at: new Date(at).toISOString(), tenant: 'acme', kind: 'chaos' },
  content: { n, text: TEXT },
});

function logIn(folder: string) {
  const signer = { name: 'wayleave-chaos', key: generateKeyPairSync('ed25519').privateKey };
  return {
    open: (alarm: (what: string) => void = () => undefined) =>
      createAuditLog({
        ...{ store: createFileAuditStore(createFilePort(folder)), signer, alarm },
        clock: { now: () => Date.now() },
      }),
    verify: () => verifyBatches(readSegments(folder), { publicKeys: [printVerifier(signer, 'log')] }),
  };
}
