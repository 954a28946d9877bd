/** Who may log in: the directory of people, read anew at each look-up, so that a lost role or a suspension works at once. */
import { type Stats, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hash, verify } from '@node-rs/argon2';
import { z } from 'zod';
import { replaceDurably } from '../../storage/durable-files.ts';
import { ROLES } from '../contract.ts';
import { WayleaveError } from '../errors.ts';

const user = z.strictObject({
  name: z.string().regex(/^[a-z0-9._-]{1,64}@[a-z0-9-]{1,64}$/),
  tenant: z.string().regex(/^[a-z0-9-]{1,64}$/),
  roles: z.array(z.enum(ROLES)).readonly(),
  passwordHash: z.string().startsWith('$argon2id$'),
  disabled: z.boolean().optional(),
});

const directory = z.strictObject({ users: z.array(user) }).superRefine(({ users }, context) => {
  const names = new Set(users.map(({ name }) => name));
  if (names.size !== users.length) context.addIssue({ code: 'custom', message: 'a user name occurs twice' });
});

/** A person: `name` is `who@tenant`; `passwordHash` in PHC form, absent for people who log in elsewhere. */
export type User = Readonly<Omit<z.infer<typeof user>, 'passwordHash'> & { passwordHash?: string }>;

export interface UserDirectory {
  /** The person as the directory has them now. Throws when the directory cannot be read: nobody is authenticated then. */
  find(name: string): Promise<User | undefined>;
  /** Everybody, sorted by name. */
  list(): Promise<readonly User[]>;
  /** Replaces a person by what `change` makes of them; `NOT_FOUND` when there is none. Durable when it resolves. */
  update(name: string, change: (before: User) => User): Promise<User>;
}

/** A file whose last change is younger than this (ms) may change again without its time stamp telling (racy, as Git calls it). */
const RACY_MS = 100;

/**
 * Users from a JSON file `{users: [...]}`. Every look-up asks the file system whether it is still the same file, which
 * costs microseconds, and parses it again when it is not. `now` in epoch milliseconds, of the clock that stamps files.
 */
export function createUserFile(file: string, now: () => number = Date.now): UserDirectory {
  let stamp: Stamp | undefined;
  let text = '';
  let users = new Map<string, User>();
  let writing: Promise<unknown> = Promise.resolve();

  async function load(): Promise<ReadonlyMap<string, User>> {
    const seen: Stamp = statSync(file);
    if (stamp !== undefined && isSame(seen, stamp) && now() - seen.ctimeMs > RACY_MS) return users;
    stamp = undefined;
    const current = await readFile(file, 'utf8');
    if (current !== text) {
      users = new Map(parseUsers(current).map((entry) => [entry.name, entry]));
      text = current; // only after it parsed: a broken file must not leave the old users in force
    }
    stamp = seen; // of before the read: a change in between has another one
    return users;
  }

  async function replace(name: string, change: (before: User) => User): Promise<User> {
    const known = await load();
    const before = known.get(name);
    if (before === undefined) throw new WayleaveError('NOT_FOUND');
    const after = user.parse(change(before));
    const all = [...known.values()].map((one) => (one.name === name ? after : one));
    replaceDurably(file, JSON.stringify({ users: all }, null, 2));
    return after;
  }

  return {
    find: async (name) => (await load()).get(name),
    list: async () => [...(await load()).values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    update(name, change) {
      const written = writing.then(() => replace(name, change)); // one at a time
      writing = written.catch(() => undefined);
      return written;
    },
  };
}

/** What the file system says of a file's content. */
type Stamp = Readonly<Pick<Stats, 'ino' | 'size' | 'mtimeMs' | 'ctimeMs'>>;

const isSame = (a: Stamp, b: Stamp): boolean =>
  a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;

/** Errors name the place, not the text: it has password hashes. */
function parseUsers(text: string): readonly User[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('the user file is not JSON');
  }
  return directory.parse(json).users;
}

/** Argon2id, 19 MiB, 2 passes, 1 lane (OWASP Password Storage Cheat Sheet); a PHC string with its own salt. */
export const hashPassword = (password: string): Promise<string> =>
  hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });

/** Checks passwords and takes as long for people who do not exist or are disabled as for those who do. */
export async function createPasswordCheck(
  users: UserDirectory,
  decoyPassword: string,
): Promise<(name: string, password: string) => Promise<User | undefined>> {
  const decoy = await hashPassword(decoyPassword);
  return async (name, password) => {
    const found = await users.find(name);
    const matches = await verify(found?.passwordHash ?? decoy, password);
    const may = found?.passwordHash !== undefined && found.disabled !== true;
    return matches && may ? found : undefined;
  };
}
