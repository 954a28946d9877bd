/** Who may log in: the directory of people, read anew at each look-up, so that a lost role or a suspension works at once. */
import { readFile } from 'node:fs/promises';
import { hash, verify } from '@node-rs/argon2';
import { z } from 'zod';
import { ROLES } from '../contract.ts';

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

/** A person: `name` is `who@tenant`; `passwordHash` in PHC form. */
export type User = Readonly<z.infer<typeof user>>;

export interface UserDirectory {
  /** The person as the directory has them now. Throws when the directory cannot be read: nobody is authenticated then. */
  find(name: string): Promise<User | undefined>;
}

/** Users from a JSON file `{users: [...]}`; parsed again whenever its content differs. */
export function createUserFile(path: string): UserDirectory {
  let text = '';
  let users = new Map<string, User>();
  return {
    async find(name) {
      const current = await readFile(path, 'utf8');
      if (current !== text) {
        users = new Map(parseUsers(current).map((entry) => [entry.name, entry]));
        text = current; // only after it parsed: a broken file must not leave the old users in force
      }
      return users.get(name);
    },
  };
}

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
    return matches && found !== undefined && found.disabled !== true ? found : undefined;
  };
}
