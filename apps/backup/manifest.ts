/** What a backup says of itself: its files with their digests, its log, its schema; signed by the key of the log. */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { LogKeys } from '../../broker/audit/log-keys.ts';
import { parseNote, signNote, verifyNote } from '../../broker/audit/note.ts';
import { sameDigest, sha256 } from '../../broker/digest.ts';
import { WayleaveError } from '../../broker/errors.ts';

export const MANIFEST = 'manifest.txt';
const FORM = 'wayleave-backup/1';
/** A digest line has about 110 bytes: this is for many more files than a backup has. */
const MAX_BYTES = 256 * 1024;

const manifest = z.strictObject({
  form: z.literal(FORM),
  /** ISO 8601, UTC. */
  at: z.string(),
  from: z.enum(['embedded', 'postgres']),
  audit: z.strictObject({
    /** Entries, and the root of the tree over them (base64). */
    size: z.int().nonnegative(),
    root: z.string(),
    /** Keys that the log had before the one that signs this. */
    generation: z.int().nonnegative(),
  }),
  /** Names of the migrations that the broker's tables have seen. */
  migrations: z.array(z.string()),
  /** SHA-256 and bytes, by the path below the backup's folder. */
  files: z.record(z.string(), z.strictObject({ digest: z.string(), bytes: z.int().nonnegative() })),
});
export type Manifest = z.infer<typeof manifest>;

const broken = (what: string): WayleaveError =>
  new WayleaveError('BACKUP_INVALID', `The backup is not whole: ${what}.`);

/** A signed note (C2SP signed-note) over the digest of one line of JSON, and that line. */
export const printManifest = (content: Omit<Manifest, 'form'>, keys: LogKeys): string => {
  const signed: Manifest = { form: FORM, ...content };
  const json = JSON.stringify(signed);
  return `${signNote(`${FORM}\n${sha256(json)}\n`, keys.signer(content.audit.generation))}\n${json}\n`;
};

/** Reads the manifest and holds every file against it. Throws `BACKUP_INVALID`. */
export function readManifest(folder: string, keys: LogKeys): Manifest {
  const file = path.join(folder, MANIFEST);
  if (!existsSync(file)) throw new WayleaveError('BACKUP_INVALID', `${folder} has no ${MANIFEST}: it is no backup.`);
  const text = readFileSync(file, 'utf8');
  const at = text.lastIndexOf('\n\n{');
  if (text.length > MAX_BYTES || at < 0) throw broken(`${MANIFEST} has another form`);
  const json = text.slice(at + 2).trimEnd();
  const content = parse(json);
  let signedHere = false;
  try {
    const note = parseNote(text.slice(0, at + 1));
    const [form = '', digest = ''] = note.text.split('\n');
    if (form !== FORM || !sameDigest(digest, sha256(json))) throw broken(`${MANIFEST} was changed`);
    signedHere = verifyNote(note, keys.verifier(content.audit.generation));
  } catch (error) {
    if (error instanceof WayleaveError && error.code === 'BACKUP_INVALID') throw error;
  }
  if (!signedHere)
    throw new WayleaveError(
      'BACKUP_INVALID',
      'The backup is not signed by the audit key of this installation: put the folder broker-keys of the one that was backed up in place first.',
    );
  const found = listFiles(folder).filter((name) => name !== MANIFEST);
  const stranger = found.find((name) => content.files[name] === undefined);
  if (stranger !== undefined) throw broken(`${stranger} is not in its manifest`);
  for (const [name, { digest }] of Object.entries(content.files)) {
    if (!found.includes(name)) throw broken(`${name} is missing`);
    if (!sameDigest(digestFile(path.join(folder, name)).digest, digest)) throw broken(`${name} was changed`);
  }
  return content;
}

function parse(json: string): Manifest {
  try {
    return manifest.parse(JSON.parse(json));
  } catch {
    throw broken(`${MANIFEST} has another form`);
  }
}

/** Read in pieces: a table may be larger than the memory. */
export function digestFile(file: string): { readonly digest: string; readonly bytes: number } {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(1024 * 1024);
  const descriptor = openSync(file, 'r');
  let bytes = 0;
  try {
    for (let read = readSync(descriptor, piece); read > 0; read = readSync(descriptor, piece)) {
      hash.update(piece.subarray(0, read));
      bytes += read;
    }
  } finally {
    closeSync(descriptor);
  }
  return { digest: `sha256:${hash.digest('hex')}`, bytes };
}

/** Paths of all files below `folder`, in order. */
export const listFiles = (folder: string, below = ''): readonly string[] =>
  readdirSync(path.join(folder, below), { withFileTypes: true })
    .flatMap((entry) => {
      const name = path.posix.join(below, entry.name);
      return entry.isDirectory() ? listFiles(folder, name) : [name];
    })
    .sort();
