/** A journal of before: what it finished keeps its place in the list of changes, also where its input is no JSON of the database. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { STORE_MIGRATIONS } from '../../../broker/stores/migrations.ts';
import { createSqlJournal } from '../../../broker/stores/sql-journal.ts';
import { migrate } from '../../../storage/migrate.ts';
import { openDatabase } from '../../../storage/open-database.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-migration-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('is listed in the order of the audit log after the migration', { timeout: 60_000 }, async () => {
  const { pool, close } = await openDatabase({ folder });
  const before = STORE_MIGRATIONS.findIndex(({ name }) => name === 'journal-audit-index-1');
  await migrate(pool, STORE_MIGRATIONS.slice(0, before));
  // Names and texts that look like the field that is read, and a NUL, which is no jsonb.
  const inputs = [{ auditIndex: 700 }, { text: '"auditIndex":800' }, { text: 'a\u0000' }];
  for (const [at, input] of inputs.entries()) {
    const receipt = { intent: { id: `int_${at}`, input }, detail: '', auditIndex: 10 + at };
    const values = [`int_${at}`, JSON.stringify(receipt.intent), JSON.stringify(receipt)];
    await pool.query(
      `INSERT INTO intents (id, tenant, digest, state, intent, subject, receipt) VALUES ($1, 'acme', 'd', 'done', $2, '{}', $3)`,
      values,
    );
  }
  await migrate(pool, STORE_MIGRATIONS);
  const changes = await createSqlJournal(pool, () => undefined).changes('acme', 10);
  expect(changes.map(({ receipt }) => receipt.auditIndex)).toEqual([12, 11, 10]);
  await close();
});
