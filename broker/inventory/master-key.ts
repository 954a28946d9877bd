/**
 * The master keys of the credential vault: 32 random bytes each, hexadecimal, one a line, in a file of mode 0600 outside
 * the data folder. The first seals; those after it only open, until a rotation has sealed everything anew.
 */
import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createOnce, replaceDurably } from '../../storage/durable-files.ts';
import { WayleaveError } from '../errors.ts';

/** Group and others. */
const FOREIGN_BITS = 0o077;
/** A rotation that was cut off leaves two; more than that is no key file of ours. */
const MAX_KEYS = 4;

export interface MasterKeys {
  readonly current: KeyObject;
  /** Earlier ones, for what is not sealed anew yet. */
  readonly earlier: readonly KeyObject[];
}

/** Reads the keys, creating one when `file` is missing. Throws `FOLDER_UNUSABLE`. */
export function openMasterKeys(file: string): MasterKeys {
  try {
    createOnce(file, newLine);
    if (process.platform !== 'win32' && (statSync(file).mode & FOREIGN_BITS) !== 0) {
      throw new WayleaveError('FOLDER_UNUSABLE', `The key file ${file} can be read by others: set its mode to 0600.`);
    }
    const [current, ...earlier] = readLines(file).map((line) => createSecretKey(Buffer.from(line, 'hex')));
    if (current === undefined) throw new TypeError('no master key');
    return { current, earlier };
  } catch (error) {
    if (error instanceof WayleaveError) throw error;
    throw new WayleaveError('FOLDER_UNUSABLE', `The key file ${file} cannot be used.`);
  }
}

/** Only the key that seals. */
export const openMasterKey = (file: string): KeyObject => openMasterKeys(file).current;

/** Puts a new key before those that are there. Durable when it returns. */
export function addMasterKey(file: string): MasterKeys {
  replaceDurably(file, [newLine(), ...readLines(file).map((line) => `${line}\n`)].join(''));
  return openMasterKeys(file);
}

/** Forgets all but the first: for when nothing is sealed under the others any more. */
export function dropEarlierKeys(file: string): MasterKeys {
  replaceDurably(file, `${readLines(file)[0] ?? ''}\n`);
  return openMasterKeys(file);
}

/** A name for a key that tells nothing about it: the first 64 bits of a digest with a purpose of its own. */
export const nameMasterKey = (key: KeyObject): string =>
  createHash('sha256').update('wayleave-master-key-name\0').update(key.export()).digest('hex').slice(0, 16);

const newLine = (): string => `${randomBytes(32).toString('hex')}\n`;

function readLines(file: string): readonly string[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  if (lines.length > MAX_KEYS || !lines.every((line) => /^[0-9a-f]{64}$/.test(line)))
    throw new TypeError('not master keys');
  return lines;
}
