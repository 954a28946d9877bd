/**
 * Seeds the people of a simulated installation: for each tenant an operator, two administrators, since some changes need both,
 * an auditor, somebody on call who may break the glass, and two people of the provider, who look after what all tenants share.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ROLES, type Role } from '../broker/contract.ts';
import { hashPassword } from '../broker/identity/users.ts';
import { type Home, randomPassword, writeSecret } from './home.ts';

const PEOPLE: readonly { readonly name: string; readonly roles: readonly Role[] }[] = [
  { name: 'operator', roles: ['tenant-operator'] },
  { name: 'admin', roles: ['tenant-admin'] },
  { name: 'deputy', roles: ['tenant-admin'] },
  { name: 'auditor', roles: ['auditor'] },
  { name: 'oncall', roles: ['tenant-operator', 'break-glass'] },
  { name: 'provider', roles: ['provider-admin'] },
  { name: 'steward', roles: ['provider-admin'] },
];

const logins = z.array(z.strictObject({ user: z.string(), password: z.string(), roles: z.array(z.enum(ROLES)) }));
export type SeededLogins = z.infer<typeof logins>;

/**
 * Makes logins for tenants that have none, and writes the broker's user file with their argon2id hashes. The passwords
 * are random, and lie in the installation's own folder (0600) for `--as`.
 */
export async function seedLogins(home: Home, tenants: readonly string[]): Promise<SeededLogins> {
  const known = existsSync(home.logins) ? logins.parse(JSON.parse(readFileSync(home.logins, 'utf8'))) : [];
  const wanted = tenants.flatMap((tenant) =>
    PEOPLE.map(({ name, roles }) => ({ user: `${name}@${tenant}`, roles: [...roles] })),
  );
  const all = [
    ...known,
    ...wanted
      .filter(({ user }) => !known.some((one) => one.user === user))
      .map((one) => ({ ...one, password: randomPassword() })),
  ];
  const users = path.join(home.broker, 'users.json');
  if (all.length > known.length || !existsSync(users)) {
    const entries = await Promise.all(
      all.map(async ({ user, password, roles }) => ({
        name: user,
        tenant: user.split('@')[1] ?? '',
        roles,
        passwordHash: await hashPassword(password),
      })),
    );
    writeSecret(users, JSON.stringify({ users: entries }, null, 2));
    writeSecret(home.logins, JSON.stringify(all, null, 2));
  }
  return all;
}
