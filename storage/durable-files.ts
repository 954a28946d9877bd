/**
 * Makes folders and small files that are still there after a power cut: a new name is durable only when the folder
 * that holds it has been flushed too (fsync(2), NOTES).
 *
 * Under Node's permission model fsync is disabled altogether (node:fs throws ERR_ACCESS_DENIED) and left out here.
 */
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

/** Creates `folder` with what is missing above it, mode 0700. */
export function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path.resolve(folder); made.length >= path.resolve(first).length; made = path.dirname(made)) {
    syncPath(path.dirname(made));
  }
}

/** Writes what `make` returns to `file` (mode 0600) when there is none; another process that is faster wins. */
export function createOnce(file: string, make: () => string): void {
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) return;
  const folder = path.dirname(file);
  makeFolder(folder);
  const draft = `${file}.${process.pid}`;
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    writeSync(descriptor, make());
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    // link publishes the whole file or fails when there is one: nobody reads half of it, and nobody replaces it.
    linkSync(draft, file);
  } catch (error) {
    if (statSync(file, { throwIfNoEntry: false }) === undefined) throw error;
  } finally {
    unlinkSync(draft);
  }
  syncPath(folder);
}

/** Replaces the content of `file` (mode 0600) as a whole: after a power cut it is the old or the new one. */
export function replaceDurably(file: string, text: string): void {
  const draft = `${file}.${process.pid}.new`;
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
  syncPath(path.dirname(file));
}

/** Flushes a file, or the names in a folder. */
export function syncPath(name: string): void {
  if (process.permission !== undefined) return;
  const descriptor = openSync(name, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
