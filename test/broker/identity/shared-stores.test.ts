/** What identity remembers, in memory and in SQL alike: records by name, the revocation epoch, sessions under it, and keys of tokens. */
import { createSecretKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sha256 } from '../../../broker/digest.ts';
import { createClientRegistration, keepRegistration } from '../../../broker/identity/client-registration.ts';
import { createKeptArtefacts } from '../../../broker/identity/kept-artefacts.ts';
import {
  createMemoryRecords,
  createSqlRecords,
  IDENTITY_MIGRATIONS,
  type KeyedRecords,
} from '../../../broker/identity/keyed-records.ts';
import { createMemoryRevocation, createSqlRevocation } from '../../../broker/identity/revocation.ts';
import { createSessionCache } from '../../../broker/identity/session-cache.ts';
import { createSqlSingleUse } from '../../../broker/identity/sql-single-use.ts';
import { newTokenKeyFile, openTokenKeys } from '../../../broker/identity/token-keys.ts';
import type { Session } from '../../../broker/ports.ts';
import { createMemorySessions } from '../../../broker/stores/memory-sessions.ts';
import { migrate } from '../../../storage/migrate.ts';
import type { Database } from '../../../storage/open-database.ts';
import { reportSkippedPostgres, sqlDatabases } from '../../storage/sql-databases.ts';

const form = z.strictObject({ n: z.number() });
type Counter = z.infer<typeof form>;

function describeRecords(name: string, open: () => KeyedRecords<Counter>): void {
  describe(`records in ${name}`, () => {
    it('are changed one at a time, and not at all when the change throws', async () => {
      const records = open();
      const add = () => records.update('a', (before) => ({ n: (before?.n ?? 0) + 1 }));
      await Promise.all(Array.from({ length: 20 }, add));
      const refused = records.update('a', () => {
        throw new Error('no');
      });
      await expect(refused).rejects.toThrow('no');
      expect(await records.get('a')).toEqual({ n: 20 });
      expect(await records.get('b')).toBeUndefined();
      await records.update('B', () => ({ n: 2 }));
      expect(await records.list()).toEqual([{ n: 2 }, { n: 20 }]);
    });
  });
}
describeRecords('memory', () => createMemoryRecords());

for (const [name, open] of Object.entries(sqlDatabases)) {
  describe(name, () => {
    let database: Database;
    beforeAll(async () => {
      database = await open();
      await migrate(database.pool, IDENTITY_MIGRATIONS);
    });
    afterAll(() => database.close());

    describeRecords(name, () => createSqlRecords(database.pool, 'counter', form));

    it('keeps kinds apart, and believes nothing that has another form', async () => {
      await createSqlRecords(database.pool, 'other', z.strictObject({ text: z.string() })).update('x', () => ({
        text: 'y',
      }));
      expect(await createSqlRecords(database.pool, 'fresh', form).list()).toEqual([]);
      await expect(createSqlRecords(database.pool, 'other', form).list()).rejects.toThrow();
    });

    it('lets a proof be used at one broker once, whichever is first, and forgets it after its time', async () => {
      const brokers = [createSqlSingleUse(database.pool, 60_000), createSqlSingleUse(database.pool, 60_000)];
      const uses = Array.from({ length: 40 }, async (_, count) => brokers[count % 2]?.useOnce(`proof ${count % 4}`, 0));
      expect((await Promise.all(uses)).filter((first) => first === true)).toHaveLength(4);
      expect(await brokers[0]?.useOnce('proof 0', 0)).toBe(false);
      const short = createSqlSingleUse(database.pool, -1);
      expect(await short.useOnce('old', 0)).toBe(true);
      await short.sweep();
      expect(await short.useOnce('old', 0)).toBe(true);
      expect(await brokers[1]?.useOnce('proof 0', 0)).toBe(false);
    });

    it('keeps what refreshes a login over a restart, within its time, under a name that is not the token', async () => {
      const clock = { at: 1_000_000 };
      const secret = createSecretKey(Buffer.alloc(32, 1));
      const open = (key = secret) => createKeptArtefacts(database.pool, key, () => clock.at).store('RefreshToken');
      await open().upsert('token-1', { accountId: 'ses_1', grantId: 'grant-1', jti: 'token-1' }, 60);
      await open().upsert('token-2', { accountId: 'ses_2', grantId: 'grant-2', jti: 'token-2' }, 60);
      expect(await open().find('token-1')).toEqual({ accountId: 'ses_1', grantId: 'grant-1', jti: 'token-1' });
      const { rows } = await database.pool.query('SELECT * FROM identity_artefacts');
      expect(JSON.stringify(rows)).not.toMatch(/token-|ses_|grant-/);
      // A row that somebody moved to another token, or a secret that is not that of before, opens nothing.
      await database.pool.query(
        `UPDATE identity_artefacts SET sealed = (SELECT sealed FROM identity_artefacts WHERE name = $1) WHERE name = $2`,
        [sha256('RefreshToken:token-1'), sha256('RefreshToken:token-2')],
      );
      expect(await open().find('token-2')).toBeUndefined();
      expect(await open(createSecretKey(Buffer.alloc(32, 2))).find('token-1')).toBeUndefined();
      await open().consume('token-1');
      clock.at += 30_000;
      await open().consume('token-1');
      expect(await open().find('token-1')).toMatchObject({ consumed: 1_000 });
      clock.at += 30_000;
      expect(await open().find('token-1')).toBeUndefined();
      await createKeptArtefacts(database.pool, secret, () => clock.at).sweep();
      expect((await database.pool.query('SELECT 1 FROM identity_artefacts')).rows).toEqual([]);
    });

    it('forgets what refreshes a login when its grant is revoked', async () => {
      const kept = createKeptArtefacts(database.pool, createSecretKey(Buffer.alloc(32, 1)), () => 0);
      await kept.store('RefreshToken').upsert('a', { grantId: 'g' }, 60);
      await kept.store('RefreshToken').upsert('b', { grantId: 'other' }, 60);
      await kept.store('Grant').upsert('g', {}, 60);
      await kept.store('RefreshToken').revokeByGrantId('g');
      await kept.store('Grant').destroy('g');
      expect(await kept.store('RefreshToken').find('a')).toBeUndefined();
      expect(await kept.store('Grant').find('g')).toBeUndefined();
      expect(await kept.store('RefreshToken').find('b')).toEqual({ grantId: 'other' });
      await expect(kept.store('RefreshToken').upsert('c', {})).rejects.toThrow('without an end');
    });

    it('knows a client that registered itself over a restart, and for ninety days after each login by it', async () => {
      const clock = { at: 0, now: () => clock.at };
      const days = (count: number): number => count * 86_400_000;
      const open = () => createKeptArtefacts(database.pool, createSecretKey(Buffer.alloc(32, 1)), clock.now);
      expect(open().keeps('Client')).toBe(true);
      const register = async (name: string): Promise<string> => {
        const ids = { id: (prefix: string) => `${prefix}_${name}` };
        const deps = { clients: open().store('Client'), clock, ids, record: async () => 0 };
        await createClientRegistration(deps).register({ redirect_uris: ['http://127.0.0.1/cb'] });
        return `reg_${name}`;
      };
      const [used, unused] = [await register('used'), await register('unused')];
      clock.at = days(6);
      await keepRegistration(open().store('Client'), used);
      clock.at = days(95);
      await keepRegistration(open().store('Client'), used);
      await keepRegistration(open().store('Client'), unused);
      clock.at = days(184);
      expect(await open().store('Client').find(used)).toMatchObject({ redirect_uris: ['http://127.0.0.1/cb'] });
      expect(await open().store('Client').find(unused)).toBeUndefined();
      clock.at = days(185);
      expect(await open().store('Client').find(used)).toBeUndefined();
      await open().sweep();
    });

    it('carries an epoch from one broker to another, and is not believed when it is old', async () => {
      const clock = { at: 0, now: () => clock.at };
      const [one, other] = [createSqlRevocation(database.pool, clock), createSqlRevocation(database.pool, clock)];
      expect(other.current()).toBeUndefined();
      await one.refresh();
      await other.refresh();
      const before = other.current();
      expect(before).toBe(one.current());
      await one.bump();
      expect(one.current()).toBe((before ?? 0) + 1);
      expect(other.current()).toBe(before);
      clock.at = 1_001;
      expect(other.current()).toBeUndefined();
      await other.refresh();
      expect(other.current()).toBe(one.current() ?? (before ?? 0) + 1);
    });
  });
}
reportSkippedPostgres();

describe('sessions under an epoch', () => {
  const session: Session = { id: 'ses_1', human: 'a@acme', tenant: 'acme', createdAt: '2026-01-01T00:00:00Z' };

  it('are read once, and again after anything changed', async () => {
    const sessions = createMemorySessions();
    const revocation = createMemoryRevocation();
    let reads = 0;
    const counted = { ...sessions, get: (id: string) => sessions.get(id).finally(() => (reads += 1)) };
    const cache = createSessionCache(counted, revocation);
    await cache.put(session);
    await cache.get('ses_1');
    await cache.get('ses_1');
    expect(reads).toBe(1);
    await cache.put({ ...session, endedAt: '2026-01-01T00:00:01Z' });
    expect(await cache.get('ses_1')).toHaveProperty('endedAt');
    await revocation.bump();
    await cache.get('ses_1');
    expect(reads).toBe(3);
    expect(await cache.get('ses_2')).toBeUndefined();
  });

  it('are read every time while the epoch is not known', async () => {
    const sessions = createMemorySessions();
    await sessions.put(session);
    const unknown = { current: () => undefined, bump: async () => undefined, refresh: async () => undefined };
    const cache = createSessionCache(sessions, unknown);
    await cache.get('ses_1');
    await sessions.put({ ...session, endedAt: '2026-01-01T00:00:01Z' });
    expect(await cache.get('ses_1')).toHaveProperty('endedAt');
  });
});

describe('keys of tokens', () => {
  it('overlap for as long as a token lives, and no longer', () => {
    const clock = { at: Date.parse('2026-01-01T00:00:00Z'), now: () => clock.at };
    let file = newTokenKeyFile(clock.at);
    const open = () => openTokenKeys({ load: () => file, save: (saved) => (file = saved), clock });
    const keys = open();
    const first = keys.current().thumbprint;
    const second = keys.rotate();
    expect(keys.current().thumbprint).toBe(second);
    expect(keys.published().map(({ thumbprint }) => thumbprint)).toEqual([second, first]);
    expect(keys.find(first)).toBeDefined();
    expect(open().find(first)).toBeDefined(); // also after a restart
    clock.at += 905_000 - 1;
    expect(keys.find(first)).toBeDefined();
    clock.at += 1;
    expect(keys.find(first)).toBeUndefined();
    expect(keys.list()).toMatchObject([{ kid: second, status: 'signs' }]);
    keys.rotate();
    expect(file.keys).toHaveLength(2); // the first is gone for good
  });
});
