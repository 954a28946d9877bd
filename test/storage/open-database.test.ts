/** Both databases behind one pool: transactions, errors, migrations, schemas; and of PGlite notifications, locks, restarts and the permission model. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockFolder } from '../../storage/folder-lock.ts';
import { migrate } from '../../storage/migrate.ts';
import { type Database, openDatabase } from '../../storage/open-database.ts';
import { isServerAway } from '../../storage/server-away.ts';
import { makeSchemaName, postgresUrl, reportSkippedPostgres, sqlDatabases } from './sql-databases.ts';

const root = mkdtempSync(path.join(tmpdir(), 'wayleave-storage-'));
const repository = path.resolve(import.meta.dirname, '../..');
afterAll(() => rmSync(root, { recursive: true, force: true }));

reportSkippedPostgres();

describe.each(Object.entries(sqlDatabases))('pool on %s', (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    await database.pool.query('CREATE TABLE n (v int PRIMARY KEY)');
  });
  afterAll(() => database.close());

  it('keeps a transaction to its client while others wait', async () => {
    const client = await database.pool.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO n VALUES ($1)', [1]);
    const other = database.pool.query('SELECT count(*)::int AS c FROM n');
    await client.query('ROLLBACK');
    client.release();
    expect((await other).rows).toEqual([{ c: 0 }]);
  });

  it('goes on after errors in every phase, with other clients in flight', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => {
        if (index % 4 === 1) return database.pool.query('SELEKT $1::int', [index]);
        if (index % 4 === 2) return database.pool.query('SELECT 1/($1::int - $1::int)', [index]);
        if (index % 4 === 3) return database.pool.query('SELECT nothing FROM nowhere');
        return database.pool.query('SELECT $1::int AS i', [index]);
      }),
    );
    for (const [index, result] of results.entries()) {
      if (index % 4 !== 0) expect(result.status).toBe('rejected');
      else expect(result).toMatchObject({ value: { rows: [{ i: index }] } });
    }
  });

  it('rolls back for a client whose statement failed and that is given back broken', async () => {
    const client = await database.pool.connect();
    await client.query('BEGIN');
    await expect(client.query('SELECT $1::int', ['no number'])).rejects.toMatchObject({ code: '22P02' });
    client.release(true);
    expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('rolls back for a client that is destroyed inside a transaction', async () => {
    const client = await database.pool.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO n VALUES (7)');
    client.release(true);
    expect((await database.pool.query('SELECT count(*)::int AS c FROM n')).rows).toEqual([{ c: 0 }]);
  });

  it('migrates once, also with two starters, and notices a changed migration', async () => {
    const first = [{ name: 'a', sql: 'CREATE TABLE a (v int); CREATE TABLE b (v int)' }];
    const both = await Promise.all([migrate(database.pool, first), migrate(database.pool, first)]);
    expect(both.flat()).toEqual(['a']);
    await expect(migrate(database.pool, [{ name: 'a', sql: 'SELECT 1' }])).rejects.toThrow('changed');
    const half = [
      { name: 'b', sql: 'CREATE TABLE c (v int)' },
      { name: 'c', sql: 'BROKEN' },
    ];
    await expect(migrate(database.pool, half)).rejects.toThrow('syntax');
    await expect(database.pool.query('SELECT * FROM c')).rejects.toThrow('does not exist');
  });
});

describe.skipIf(postgresUrl === undefined)('PostgreSQL (skipped without DATABASE_URL)', () => {
  const url = postgresUrl ?? '';

  it('acknowledges synchronously, in the schema it was given, also when two create it at once', async () => {
    const schema = makeSchemaName();
    const both = await Promise.all([openDatabase({ url, schema }), openDatabase({ url, schema })]);
    for (const { pool } of both) {
      const shown = await pool.query(`SELECT current_setting('synchronous_commit') AS c, current_schema() AS s`);
      expect(shown.rows).toEqual([{ c: 'on', s: schema }]);
    }
    await both[0].pool.query(`DROP SCHEMA ${schema} CASCADE`);
    for (const database of both) await database.close();
  });

  it('keeps two schemas of one database apart', async () => {
    const [one, two] = await Promise.all([sqlDatabases['postgres']?.(), sqlDatabases['postgres']?.()]);
    await one?.pool.query('CREATE TABLE only_here (v int)');
    await expect(two?.pool.query('SELECT * FROM only_here')).rejects.toThrow('does not exist');
    await one?.close();
    await two?.close();
  });

  it('refuses a URL that would lead the tables elsewhere', async () => {
    const elsewhere = `${url}${url.includes('?') ? '&' : '?'}options=-c%20search_path=public`;
    const refused = openDatabase({ url: elsewhere, schema: 'pg_catalog' });
    await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

it('says that a server does not answer, without its URL', async () => {
  const refused = await openDatabase({ url: 'postgres://u:SECRET@127.0.0.1:1/d', schema: 's' }).catch(String);
  expect(refused).toContain('ECONNREFUSED');
  expect(refused).not.toMatch(/SECRET|127/);
});

describe('PGlite', () => {
  const folder = path.join(root, 'db');
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase({ folder });
    await database.pool.query('CREATE TABLE n (v int PRIMARY KEY)');
  });
  afterAll(() => database.close());

  it('runs with fsync on', async () => {
    expect((await database.pool.query('SHOW fsync')).rows).toEqual([{ fsync: 'on' }]);
    expect((await database.pool.query('SHOW wal_sync_method')).rows).toEqual([{ wal_sync_method: 'fsync' }]);
  });

  it('brings a notification to every client that listens and to no other', async () => {
    const [a, b, c] = await Promise.all([database.pool.connect(), database.pool.connect(), database.pool.connect()]);
    const heard: string[] = [];
    for (const [name, client] of Object.entries({ a, b, c })) {
      client.on('notification', (message) => heard.push(`${name}:${message.channel}:${message.payload}`));
    }
    await a.query('LISTEN news');
    await b.query('LISTEN "news"');
    await c.query(`NOTIFY news, 'one'`);
    await a.query('UNLISTEN news');
    await c.query(`SELECT pg_notify($1, $2)`, ['news', 'two']);
    await c.query('SELECT 1');
    for (const client of [a, b, c]) client.release();
    expect(heard.toSorted()).toEqual(['a:news:one', 'b:news:one', 'b:news:two']);
  });

  it('is locked against a second owner, in this process and in another', async () => {
    await expect(openDatabase({ folder })).rejects.toMatchObject({ code: 'LOCKED' });
    const script = `import { lockFolder } from ${JSON.stringify(path.join(repository, 'storage/folder-lock.ts'))};
      try { lockFolder(${JSON.stringify(folder)}); console.log('taken'); } catch (error) { console.log(error.code); }`;
    const answer = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: repository,
      encoding: 'utf8',
    });
    expect(answer.trim()).toBe('LOCKED');
  });

  it('keeps its rows over a restart', async () => {
    await database.pool.query('INSERT INTO n VALUES (42)');
    await database.close();
    database = await openDatabase({ folder });
    expect((await database.pool.query('SELECT v FROM n')).rows).toEqual([{ v: 42 }]);
  });
});

describe('folder lock', () => {
  it('takes over from a process that was killed', async () => {
    const folder = path.join(root, 'killed');
    const script = `import { lockFolder } from ${JSON.stringify(path.join(repository, 'storage/folder-lock.ts'))};
      lockFolder(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: repository,
    });
    await once(child.stdout, 'data');
    expect(() => lockFolder(folder)).toThrowError(expect.objectContaining({ code: 'LOCKED' }));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = lockFolder(folder);
    lock.release();
    lockFolder(folder).release();
  });

  it('says when the folder cannot be used', () => {
    const file = path.join(root, 'file');
    writeFileSync(file, '');
    expect(() => lockFolder(path.join(file, 'sub'))).toThrowError(expect.objectContaining({ code: 'FOLDER_UNUSABLE' }));
  });
});

describe('permission model', () => {
  it('works with write access to its own folder only', () => {
    const folder = path.join(root, 'sandboxed');
    const out = path.join(root, 'js');
    execFileSync(path.join(repository, 'node_modules/.bin/tsc'), [
      ...['--ignoreConfig', '--noCheck', '--outDir', out, '--rootDir', repository, '--types', 'node'],
      ...['--typeRoots', path.join(repository, 'node_modules/@types'), '--rewriteRelativeImportExtensions'],
      ...['--module', 'nodenext', '--target', 'es2023', path.join(repository, 'storage/open-database.ts')],
    ]);
    writeFileSync(path.join(out, 'package.json'), '{"type":"module"}');
    symlinkSync(path.join(repository, 'node_modules'), path.join(out, 'node_modules'));
    const main = path.join(out, 'main.js');
    writeFileSync(
      main,
      `import { writeFileSync } from 'node:fs';
       import { openDatabase } from './storage/open-database.js';
       const database = await openDatabase({ folder: ${JSON.stringify(folder)} });
       console.log((await database.pool.query('SELECT 6 * 7 AS answer')).rows[0].answer);
       await database.close();
       try { writeFileSync(${JSON.stringify(path.join(root, 'elsewhere'))}, ''); } catch (error) { console.log(error.code); }`,
    );
    const answer = execFileSync(
      process.execPath,
      [
        ...['--experimental-permission', `--allow-fs-read=${out}/*`, `--allow-fs-read=${repository}/node_modules/*`],
        ...[`--allow-fs-read=${folder}/*`, `--allow-fs-write=${folder}/*`, main],
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
    );
    expect(answer.split('\n').slice(0, 2)).toEqual(['42', 'ERR_ACCESS_DENIED']);
  });
});

describe.skipIf(postgresUrl === undefined)('a PostgreSQL that ends a session', () => {
  it('ends no process whose client is in use and waits for no answer', async () => {
    const database = await openDatabase({ url: postgresUrl ?? '', schema: makeSchemaName() });
    const client = await database.pool.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await ended;
    const failure = await client.query('SELECT 1').catch((error: unknown) => error);
    expect(isServerAway(failure)).toBe(true);
    client.release(true);
    expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await database.close();
  });
});
