/** Ed25519 key files: created once with mode 0600, durable before first use, refused when others can read them. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { WayleaveError } from '../errors.ts';

/** Group and others. */
const FOREIGN_BITS = 0o077;

/** Reads the PKCS#8 PEM key of `file`, creating it first when it is missing. Throws `FOLDER_UNUSABLE`. */
export function openKeyFile(file: string): KeyObject {
  try {
    createIfMissing(file);
    if (process.platform !== 'win32' && (statSync(file).mode & FOREIGN_BITS) !== 0) {
      throw new WayleaveError('FOLDER_UNUSABLE', `The key file ${file} can be read by others: set its mode to 0600.`);
    }
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
    return key;
  } catch (error) {
    if (error instanceof WayleaveError) throw error;
    throw new WayleaveError('FOLDER_UNUSABLE', `The key file ${file} cannot be used.`);
  }
}

function createIfMissing(file: string): void {
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) return;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(
      descriptor,
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    );
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    // link fails when another process was faster; its key is then the key.
    linkSync(draft, file);
  } catch (error) {
    if (statSync(file, { throwIfNoEntry: false }) === undefined) throw error;
  } finally {
    unlinkSync(draft);
  }
}
