/**
 * Keeps a data folder to one process: PGlite has no lock of its own, and two processes in one folder destroy it.
 *
 * The lock is the file `lock` with pid and start time of its owner, published whole by `link` (atomic, fails when it
 * exists). A lock whose owner is dead is moved aside and checked to be the one that was judged dead before a new one
 * is published, so that of two starters that find the same dead lock only one wins.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { WayleaveError } from '../broker/errors.ts';
import { makeFolder } from './durable-files.ts';

/** A held lock; `release` is idempotent. */
export interface FolderLock {
  release(): void;
}

const Owner = z.strictObject({
  pid: z.int().positive(),
  /** Start of the process in clock ticks since boot (proc(5), field 22), where the system tells. */
  ticks: z.string().nullable(),
  /** Epoch milliseconds at which the lock was taken. */
  at: z.number(),
  nonce: z.string(),
});
type Owner = z.infer<typeof Owner>;

/** Boot time is computed from two clocks: leave a minute between them. */
const BOOT_SLACK_MS = 60_000;
const ATTEMPTS = 5;

/** Nonces of the locks held by this very process: its own pid says nothing about those. */
const held = new Set<string>();

/**
 * Takes the lock of `folder`, creating the folder when it is missing (mode 0700).
 * Throws `LOCKED` when a live process holds it and `FOLDER_UNUSABLE` when the folder cannot be written.
 */
export function lockFolder(folder: string): FolderLock {
  const file = path.join(folder, 'lock');
  const owner: Owner = { pid: process.pid, ticks: startTicks(process.pid), at: Date.now(), nonce: randomUUID() };
  const draft = `${file}.${owner.nonce}`;
  try {
    makeFolder(folder);
    writeFileSync(draft, JSON.stringify(owner), { mode: 0o600, flag: 'wx' });
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (publish(draft, file)) {
        held.add(owner.nonce);
        return { release: () => release(file, owner.nonce) };
      }
      clearDeadLock(file);
    }
    throw new WayleaveError('LOCKED');
  } catch (error) {
    if (error instanceof WayleaveError) throw error;
    throw new WayleaveError('FOLDER_UNUSABLE', `The data folder ${folder} cannot be used (${errorCode(error)}).`);
  } finally {
    removeDraft(draft);
  }
}

/** The draft is only litter by now: failing to remove it must not hide why the lock failed. */
function removeDraft(draft: string): void {
  try {
    unlinkSync(draft);
  } catch {
    // Never written, or the folder became unusable, which has been reported.
  }
}

function publish(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock when its owner is dead; throws `LOCKED` when it is not. */
function clearDeadLock(file: string): void {
  const text = readIfThere(file);
  if (text === undefined) return;
  if (isAlive(text)) throw new WayleaveError('LOCKED');
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  try {
    if (readFileSync(aside, 'utf8') === text) return;
    // Somebody replaced the dead lock between our look and our move: give it back and lose.
    publish(aside, file);
    throw new WayleaveError('LOCKED');
  } finally {
    unlinkSync(aside);
  }
}

/** A lock that cannot be read as ours counts as alive: removing it is for a human. */
function isAlive(text: string): boolean {
  let owner: Owner;
  try {
    owner = Owner.parse(JSON.parse(text));
  } catch {
    return true;
  }
  if (owner.pid === process.pid) return held.has(owner.nonce);
  if (owner.at < Date.now() - uptime() * 1000 - BOOT_SLACK_MS) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
  const ticks = startTicks(owner.pid);
  return ticks === null || owner.ticks === null || ticks === owner.ticks;
}

/** Start time of a process, or null where it cannot be known (other systems, Node's permission model). */
function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may contain spaces: count from its end.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function release(file: string, nonce: string): void {
  if (!held.delete(nonce)) return;
  const text = readIfThere(file);
  if (text?.includes(nonce)) rmSync(file, { force: true });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
