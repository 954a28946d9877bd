/** kill -9 of a process that writes the journal on PGlite: what it acknowledged is there afterwards, whole and in order. */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, it } from 'vitest';
import { createSqlJournal } from '../../../broker/stores/sql-journal.ts';
import { openDatabase } from '../../../storage/open-database.ts';

const root = mkdtempSync(path.join(tmpdir(), 'wayleave-journal-'));
const folder = path.join(root, 'database');
afterAll(() => rmSync(root, { recursive: true, force: true }));
const repository = path.resolve(import.meta.dirname, '../../..');
const source = (name: string): string => JSON.stringify(path.join(repository, name));

/** Intents `int_<n>` from the given number on, each with a transaction of two steps; a line after each acknowledgement. */
const script = (from: number): string => `
import { STORE_MIGRATIONS } from ${source('broker/stores/migrations.ts')};
import { createSqlJournal } from ${source('broker/stores/sql-journal.ts')};
import { openSqlLeases } from ${source('broker/stores/sql-leases.ts')};
import { migrate } from ${source('storage/migrate.ts')};
import { openDatabase } from ${source('storage/open-database.ts')};
const { pool } = await openDatabase({ folder: ${JSON.stringify(folder)} });
await migrate(pool, STORE_MIGRATIONS);
const leases = await openSqlLeases(pool, { holder: 1, alone: true });
const token = await leases.take(JSON.stringify(['acme', 'd']));
const journal = createSqlJournal(pool, () => token);
const subject = { human: 'operator@acme', roles: [], tenant: 'acme', session: 'ses_1', chain: [] };
const say = (what, id) => process.stdout.write(what + ' ' + id + '\\n');
const write = async (id) => {
  const intent = { id, tenant: 'acme', target: { devices: ['d'] }, digest: 'sha256:' + id, input: { text: 'x'.repeat(3000) } };
  await journal.begin(intent, subject);
  say('begun', id);
  await journal.openTransaction({ intent: id, tenant: 'acme', device: 'd', state: 'open', steps: [] });
  say('opened', id);
  for (const step of ['lock', 'edit']) {
    await journal.recordStep({ intent: id, tenant: 'acme' }, { device: 'd', step, ok: true, detail: '', at: 't' });
    say(step, id);
  }
  await journal.setState(intent, 'executing');
  say('executing', id);
};
let next = ${from};
await Promise.all(Array.from({ length: 4 }, async () => { for (;;) await write('int_' + next++); }));
`;

/** Small generator of the points at which to kill (mulberry32, public domain). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Each line is a commit that waits for the disk, which others may be using: some thirty intents are as good as hundreds. */
const MOST_LINES = 150;

it('loses nothing that was acknowledged, in three rounds', async () => {
  const seed = Number(process.env['CRASH_SEED'] ?? randomInt(2 ** 31));
  console.log(`CRASH_SEED=${seed}`);
  const random = createRandom(seed);
  const acknowledged = new Map<string, string[]>();
  for (let round = 0; round < 3; round += 1) {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script(round * 1_000_000)], {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let left = 1 + Math.floor(random() * MOST_LINES);
    for await (const line of createInterface({ input: child.stdout })) {
      const [what = '', id = ''] = line.split(' ');
      acknowledged.set(id, [...(acknowledged.get(id) ?? []), what]);
      left -= 1;
      if (left === 0) child.kill('SIGKILL');
    }
    expect(await exited).toEqual([null, 'SIGKILL']);

    const database = await openDatabase({ folder });
    const journal = createSqlJournal(database.pool, () => undefined);
    const open = new Map((await journal.unfinished()).map((record) => [record.intent, record]));
    const executing = new Set((await journal.executing()).map(({ intent }) => intent));
    for (const [id, said] of acknowledged) {
      expect((await journal.find('acme', id))?.intent.digest).toBe(`sha256:${id}`);
      const steps = said.filter((what) => what === 'lock' || what === 'edit');
      if (said.includes('opened'))
        expect(
          open
            .get(id)
            ?.steps.map(({ step }) => step)
            .slice(0, steps.length),
        ).toEqual(steps);
      if (said.includes('executing')) expect(executing).toContain(id);
    }
    await database.close();
  }
  expect(acknowledged.size).toBeGreaterThan(3);
});
