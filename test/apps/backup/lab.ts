/** Small installations of records alone, embedded or on PostgreSQL, for backups: no process, but the real stores and log. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { openRecords } from '../../../agents/conversations.ts';
import { openLog, type Places, placesOf } from '../../../apps/backup/places.ts';
import type { RestoreOptions } from '../../../apps/backup/restore.ts';
import { BROKER_MIGRATIONS } from '../../../apps/compose/broker-migrations.ts';
import { openHome } from '../../../apps/home.ts';
import { createFilePort } from '../../../broker/audit/file-port.ts';
import { createFileAuditStore } from '../../../broker/audit/file-store.ts';
import { createAuditLog } from '../../../broker/audit/log.ts';
import { parseVerifier, printVerifier } from '../../../broker/audit/note.ts';
import { createSqlAuditStore } from '../../../broker/audit/sql-store.ts';
import { createWitnessClient } from '../../../broker/audit/witness/client.ts';
import { startWitness } from '../../../broker/audit/witness/server.ts';
import { migrate } from '../../../storage/migrate.ts';
import { type Database, openDatabase } from '../../../storage/open-database.ts';
import { makeSchemaName, postgresUrl } from '../../storage/sql-databases.ts';

export const NOW = Date.parse('2026-03-01T00:00:00Z');
export const clock = { now: () => NOW };

export interface Lab {
  readonly root: string;
  readonly places: Places;
  /** Where a restoration of it to the other kind goes, with the same home. */
  readonly onServer: (() => Places) | undefined;
  /** Appends entries under the witness, and puts rows of every awkward kind into the tables. */
  write(entries: number): Promise<void>;
  /** Opens the broker's part as a start does: with the witness. Answers with the size of the log. */
  open(places?: Places): Promise<number>;
  options(source: string, places?: Places): RestoreOptions;
  close(): Promise<void>;
}

/** Text that JSON, SQL and COPY all have an opinion about. */
export const AWKWARD = '{"quote":"\\"","line":"a\\nb","tab":"\\t","null":"\\u0000","back":"\\\\u0000","é":"𝄞"}';

export function openLab(kind: 'pglite' | 'postgres'): Lab {
  const root = mkdtempSync(path.join(tmpdir(), 'wayleave-backup-'));
  const schemas: string[] = [];
  const home = openHome(path.join(root, 'home'));
  const embedded = placesOf({ databaseUrl: '', agentsDatabaseUrl: '', databaseSchema: 'unused' }, home);
  const onServer = (): Places => {
    const databaseSchema = makeSchemaName();
    schemas.push(`${databaseSchema}_broker`, `${databaseSchema}_agents`);
    return placesOf({ databaseUrl: postgresUrl ?? '', agentsDatabaseUrl: postgresUrl ?? '', databaseSchema }, home);
  };
  const places = kind === 'pglite' ? embedded : onServer();
  const { signer } = openLog(home);

  const withLog = async <T>(
    at: Places,
    database: Database,
    work: (log: Awaited<ReturnType<typeof createAuditLog>>) => Promise<T>,
  ): Promise<T> => {
    const key = { name: 'wayleave-witness', key: signer.key };
    const files = createFilePort(home.witness);
    const witness = await startWitness({ files, signer: key, log: parseVerifier(printVerifier(signer, 'log')), clock });
    try {
      const store =
        at.audit === undefined ? createSqlAuditStore(database.pool) : createFileAuditStore(createFilePort(at.audit));
      const client = createWitnessClient({ url: witness.url, verifier: printVerifier(key, 'witness') });
      const log = await createAuditLog({ store, signer, witness: client, clock });
      try {
        return await work(log);
      } finally {
        await log.close();
      }
    } finally {
      await witness.close();
    }
  };

  return {
    root,
    places,
    onServer: postgresUrl === undefined ? undefined : onServer,
    async write(entries) {
      const agents = await openDatabase(places.agents);
      const { threads } = await openRecords(agents.pool, 'url' in places.agents ? places.agents.schema : undefined);
      const turn = { text: AWKWARD, at: new Date(NOW).toISOString(), from: 'e000000' };
      await threads.add({ tenant: 'acme', human: 'operator@acme' }, `thr_${entries}`, turn);
      await agents.pool.query(
        `INSERT INTO checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob) VALUES ('t', '', 'c', $1, 'json', $2)`,
        [String(entries), Buffer.from([0, 1, 254, 255])],
      );
      await agents.close();
      const database = await openDatabase(places.broker);
      await migrate(database.pool, BROKER_MIGRATIONS);
      await database.pool.query(
        `INSERT INTO sessions (id, tenant, created_at, record) VALUES ($1, 'acme', '2026', '{}')`,
        [`ses_${entries}`],
      );
      await database.pool.query(
        `INSERT INTO approvals (tenant, id, intent, status, created_at, record) VALUES ('acme', $1, 'int_1', 'pending', '2026', '{"status":"pending"}')`,
        [`apr_${entries}`],
      );
      await database.pool.query(`INSERT INTO evidence_blocks (tenant, block, records) VALUES ('acme', $1, $2)`, [
        `evd_${entries}`,
        AWKWARD,
      ]);
      await database.pool.query(
        `INSERT INTO event_counters (tenant, stream, last) VALUES ('acme', $1, 9223372036854775807)`,
        [`s${entries}`],
      );
      await database.pool.query(
        `INSERT INTO transaction_steps (intent, device, step) VALUES ('int_1', 'br1_edge', 'lock')`,
      );
      await withLog(places, database, async (log) => {
        for (let n = 0; n < entries; n += 1)
          await log.append({ at: new Date(NOW).toISOString(), tenant: 'acme', kind: 'test', content: { n } });
      });
      await database.close();
    },
    async open(at = places) {
      const database = await openDatabase(at.broker);
      try {
        return await withLog(at, database, async (log) => log.size());
      } finally {
        await database.close();
      }
    },
    options: (source, at = places) => ({
      ...{ source, places: at, anchors: [], moves: false, prepareAgents: openRecords, now: clock.now },
      progress: () => undefined,
    }),
    async close() {
      if (schemas.length > 0) {
        const client = new pg.Client({ connectionString: postgresUrl });
        await client.connect();
        for (const schema of schemas) await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
        await client.end();
      }
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Every row of a part as text, by table. */
export async function rowsOf(
  at: Places,
  part: 'broker' | 'agents',
): Promise<{ readonly [table: string]: readonly string[] }> {
  const { listTables } = await import('../../../storage/dump-tables.ts');
  const database = await openDatabase(at[part]);
  try {
    const rows: { [table: string]: readonly string[] } = {};
    for (const table of await listTables(database.pool))
      rows[table] = (await database.pool.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t`)).rows
        .map(({ row }) => row)
        .sort();
    return rows;
  } finally {
    await database.close();
  }
}
