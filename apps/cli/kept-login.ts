/** A login that outlives its command: kept in a file that only this user may read, and good until it is ended or twelve hours old. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { WayleaveError } from '../../broker/errors.ts';
import { type KeptLogin, resumeLogin } from '../client/login.ts';
import type { ClientSession } from '../client/session.ts';
import { writeSecret } from '../home.ts';

const keptLogin = z.strictObject({ issuer: z.url(), user: z.string(), key: z.string(), refreshToken: z.string() });

const fileOf = (home: string): string => path.join(home, 'login.json');

/** Keeps it in place of the one before. The file is mode 0600 and holds the key that the tokens are bound to. */
export function keepLogin(home: string, login: KeptLogin): void {
  writeSecret(fileOf(home), JSON.stringify(login, null, 2));
}

/** The login that is kept, for the broker that runs now; undefined when there is none. Errors: `UNAUTHENTICATED`. */
export function findLogin(
  home: string,
  brokerUrl: string,
  deps: Parameters<typeof resumeLogin>[1],
): ClientSession | undefined {
  const file = fileOf(home);
  if (!existsSync(file)) return undefined;
  const parsed = keptLogin.safeParse(readJson(file));
  if (!parsed.success) throw new WayleaveError('FOLDER_UNUSABLE', `${file} cannot be read or is damaged.`);
  if (parsed.data.issuer !== brokerUrl)
    throw new WayleaveError('UNAUTHENTICATED', 'The login that is kept is for another broker. Log in again.');
  return resumeLogin(parsed.data, deps);
}

export function forgetLogin(home: string): void {
  rmSync(fileOf(home), { force: true });
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
