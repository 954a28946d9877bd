/** Ed25519 key files: created once with mode 0600, durable before first use, refused when others can read them. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { createOnce } from '../../storage/durable-files.ts';
import { WayleaveError } from '../errors.ts';
import type { LaterKeys } from './log-keys.ts';

/** Name under which the log signs its checkpoints (the origin of a C2SP tlog-checkpoint). */
export const LOG_NAME = 'wayleave-audit';

/** Group and others. */
const FOREIGN_BITS = 0o077;

/** Reads the PKCS#8 PEM key of `file`, creating it first when it is missing. Throws `FOLDER_UNUSABLE`. */
export function openKeyFile(file: string): KeyObject {
  try {
    createOnce(file, () =>
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    );
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

/** Later keys of the log `name` as files `audit-<generation>.key` beside the first one. */
export function openLaterKeys(folder: string, name: string): LaterKeys {
  const fileOf = (generation: number): string => path.join(folder, `audit-${generation}.key`);
  const make = (generation: number) => ({ name, key: openKeyFile(fileOf(generation)) });
  return { make, find: (generation) => (existsSync(fileOf(generation)) ? make(generation) : undefined) };
}
