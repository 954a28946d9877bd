/** The master key of the credential vault: 32 random bytes, hexadecimal, in a file of mode 0600 outside the data folder. */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createOnce } from '../../storage/durable-files.ts';
import { WayleaveError } from '../errors.ts';

/** Group and others. */
const FOREIGN_BITS = 0o077;

/** Reads the key, creating it when `file` is missing. Throws `FOLDER_UNUSABLE`. */
export function openMasterKey(file: string): KeyObject {
  try {
    createOnce(file, () => `${randomBytes(32).toString('hex')}\n`);
    if (process.platform !== 'win32' && (statSync(file).mode & FOREIGN_BITS) !== 0) {
      throw new WayleaveError('FOLDER_UNUSABLE', `The key file ${file} can be read by others: set its mode to 0600.`);
    }
    const text = readFileSync(file, 'utf8').trim();
    if (!/^[0-9a-f]{64}$/.test(text)) throw new TypeError('not a master key');
    return createSecretKey(Buffer.from(text, 'hex'));
  } catch (error) {
    if (error instanceof WayleaveError) throw error;
    throw new WayleaveError('FOLDER_UNUSABLE', `The key file ${file} cannot be used.`);
  }
}
