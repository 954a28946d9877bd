/** Tables that are divided by time: a partition is made before its first row, and dropped as a whole when its time is over. */
import pg, { type ClientBase, type Pool } from 'pg';

/** A partition holds a day or a month, UTC, of the column `at`. */
export interface Divided {
  readonly table: string;
  readonly by: 'day' | 'month';
}

const DAY_MS = 86_400_000;
/** Two that make the same partition take turns ("part" in ASCII). */
const LOCK = 0x70617274;
const NAME = /^(.+)_(\d{4})(\d{2})(\d{2})?$/;

interface Partition {
  readonly name: string;
  /** Epoch milliseconds: from, and the first that is no longer in it. */
  readonly from: number;
  readonly to: number;
}

/** The partition that holds the moment, e.g. `telemetry_readings_20260301`. */
export function partitionAt({ table, by }: Divided, at: number): Partition {
  const date = new Date(at).toISOString().slice(0, by === 'day' ? 10 : 7);
  return spanOf(table, date.replaceAll('-', ''));
}

/** Reads a partition's name; undefined when it is none of such a table. */
export function readPartition(name: string): (Partition & { readonly table: string }) | undefined {
  const [, table = '', year = '', month = '', day = ''] = NAME.exec(name) ?? [];
  return table === '' ? undefined : { table, ...spanOf(table, `${year}${month}${day}`) };
}

function spanOf(table: string, digits: string): Partition {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8)].map(Number);
  const from = Date.UTC(year ?? 0, (month ?? 1) - 1, digits.length === 8 ? day : 1);
  const to = digits.length === 8 ? from + DAY_MS : Date.UTC(year ?? 0, month ?? 1, 1);
  return { name: `${table}_${digits}`, from, to };
}

/** Makes the partition by its name when it is missing, inside the caller's transaction. */
export async function makePartition(client: ClientBase, name: string): Promise<void> {
  const partition = readPartition(name);
  if (partition === undefined) throw new TypeError(`${name} is no partition`);
  const { table, from, to } = partition;
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
  const [text, parent] = [name, table].map((one) => pg.escapeIdentifier(one));
  const [since, until] = [from, to].map((ms) => pg.escapeLiteral(new Date(ms).toISOString()));
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${text} PARTITION OF ${parent} FOR VALUES FROM (${since}) TO (${until})`,
  );
}

/** Names of the partitions of a table in this schema, oldest first. */
export async function listPartitions(pool: Pool | ClientBase, table: string): Promise<readonly string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = to_regclass($1) ORDER BY c.relname`,
    [pg.escapeIdentifier(table)],
  );
  return rows.map(({ name }) => name);
}

/** Drops what ended before the moment; answers with the names. */
export async function dropPartitions(pool: Pool, { table }: Divided, before: number): Promise<readonly string[]> {
  const dropped: string[] = [];
  for (const name of await listPartitions(pool, table)) {
    const partition = readPartition(name);
    if (partition === undefined || partition.to > before) continue;
    await pool.query(`DROP TABLE IF EXISTS ${pg.escapeIdentifier(name)}`);
    dropped.push(name);
  }
  return dropped;
}
