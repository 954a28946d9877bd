/** The stores of identity: users as the file has them now, password checks, attempts, and short-lived artefacts. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createArtefactStores } from '../../../broker/identity/artefact-store.ts';
import { createLoginAttempts } from '../../../broker/identity/login-attempts.ts';
import { createPasswordCheck, createUserFile, hashPassword } from '../../../broker/identity/users.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wayleave-users-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the user file', () => {
  const person = { name: 'a@acme', tenant: 'acme', roles: ['auditor'], passwordHash: '$argon2id$x' };
  const write = (users: unknown): Promise<void> => writeFile(join(folder, 'users.json'), JSON.stringify(users));

  it('is read as it is now', async () => {
    const users = createUserFile(join(folder, 'users.json'));
    await write({ users: [person] });
    expect(await users.find('a@acme')).toMatchObject({ roles: ['auditor'] });
    await write({ users: [{ ...person, roles: [] }] });
    expect(await users.find('a@acme')).toMatchObject({ roles: [] });
    await write({ users: [] });
    expect(await users.find('a@acme')).toBeUndefined();
  });

  it.each([
    ['an unknown role', { users: [{ ...person, roles: ['root'] }] }],
    ['an unknown key', { users: [{ ...person, admin: true }] }],
    ['a name twice', { users: [person, person] }],
    ['a plain password', { users: [{ ...person, passwordHash: 'secret' }] }],
  ])('with %s gives nobody, and not the users of before', async (_what, content) => {
    const users = createUserFile(join(folder, 'users.json'));
    await write({ users: [person] });
    await users.find('a@acme');
    await write(content);
    await expect(users.find('a@acme')).rejects.toThrow();
    await expect(users.find('a@acme')).rejects.toThrow();
  });
});

describe('the password check', () => {
  it('finds the enabled person with the right password only', async () => {
    const passwordHash = await hashPassword('right');
    expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const known = { name: 'a@acme', tenant: 'acme', roles: [], passwordHash };
    const find = async (name: string) =>
      name === 'a@acme' ? known : name === 'off@acme' ? { ...known, name, disabled: true } : undefined;
    const check = await createPasswordCheck(
      { find, list: async () => [], update: () => Promise.reject(new Error()) },
      'decoy',
    );
    expect(await check('a@acme', 'right')).toMatchObject({ name: 'a@acme' });
    expect(await check('a@acme', 'wrong')).toBeUndefined();
    expect(await check('off@acme', 'right')).toBeUndefined();
    expect(await check('nobody@acme', 'decoy')).toBeUndefined(); // the decoy's password opens nothing
  });
});

describe('login attempts', () => {
  it('are five in a row, then none for a minute; success forgets them', () => {
    let now = 0;
    const attempts = createLoginAttempts(() => now);
    const five = [1, 2, 3, 4, 5].map(() => attempts.begin('a'));
    expect(five).toEqual([true, true, true, true, true]);
    expect(attempts.begin('a')).toBe(false);
    expect(attempts.begin('b')).toBe(true);
    now = 60_000;
    expect(attempts.begin('a')).toBe(true);
    attempts.succeeded('a');
    expect([1, 2, 3, 4, 5, 6].map(() => attempts.begin('a'))).toEqual([true, true, true, true, true, false]);
  });
});

describe('artefacts', () => {
  it('are kept by model until they expire, are consumed, destroyed or revoked with their grant', async () => {
    let now = 0;
    const stores = createArtefactStores(() => now);
    const codes = stores('AuthorizationCode');
    await codes.upsert('1', { grantId: 'g' }, 60);
    await stores('RefreshToken').upsert('1', { grantId: 'g', uid: 'u' });
    expect(await stores('Session').find('1')).toBeUndefined();
    await codes.consume('1');
    expect(await codes.find('1')).toMatchObject({ consumed: 0 });
    expect(await stores('RefreshToken').findByUid('u')).toMatchObject({ grantId: 'g' });
    now = 60_000;
    expect(await codes.find('1')).toBeUndefined();
    await stores('RefreshToken').revokeByGrantId('g');
    expect(await stores('RefreshToken').find('1')).toBeUndefined();
  });
});
