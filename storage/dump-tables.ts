/**
 * Writes the tables of a schema as lines of JSON and fills them again, the same on PGlite and PostgreSQL, so that what
 * was kept in one comes up in the other. Rows pass as text: a bigint never becomes a JavaScript number.
 */
import pg, { type ClientBase, type Pool } from 'pg';

/** Rows of one page, and bytes of one statement. */
const PAGE = 500;
const STATEMENT_BYTES = 4 * 1024 * 1024;
const CURSOR = 'dumped_rows';

/**
 * Tables with rows of their own in the current schema, in the order in which they were made, so that a reference stands
 * behind what it names. Of a divided table these are its partitions.
 */
export async function listTables(client: ClientBase | Pool): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema() AND c.relkind = 'r' ORDER BY c.oid`,
  );
  return rows.map(({ name }) => name);
}

/** Rows of a table, each one line of JSON; call it inside a transaction, whose snapshot it shows. */
export async function* dumpTable(client: ClientBase, table: string): AsyncGenerator<string> {
  const name = pg.escapeIdentifier(table);
  await client.query(`DECLARE ${CURSOR} NO SCROLL CURSOR FOR SELECT row_to_json(t)::text AS row FROM ${name} t`);
  for (;;) {
    const { rows } = await client.query<{ row: string }>(`FETCH ${PAGE} FROM ${CURSOR}`);
    for (const { row } of rows) yield row;
    if (rows.length < PAGE) break;
  }
  await client.query(`CLOSE ${CURSOR}`);
}

/**
 * Replaces what a table holds by these rows, inside the caller's transaction. Columns that the rows do not have become
 * null; sequences go on behind the largest value. Answers with the number of rows.
 */
export async function fillTable(
  client: ClientBase,
  table: string,
  rows: AsyncIterable<string> | Iterable<string>,
): Promise<number> {
  const name = pg.escapeIdentifier(table);
  await client.query(`DELETE FROM ${name}`);
  const insert = `INSERT INTO ${name} OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::${name}, $1::json)`;
  let page: string[] = [];
  let bytes = 0;
  let count = 0;
  const flush = async (): Promise<void> => {
    if (page.length === 0) return;
    await client.query(insert, [`[${page.join(',')}]`]);
    count += page.length;
    page = [];
    bytes = 0;
  };
  for await (const row of rows) {
    page.push(row);
    bytes += row.length;
    if (page.length >= PAGE || bytes >= STATEMENT_BYTES) await flush();
  }
  await flush();
  await resetSequences(client, table);
  return count;
}

async function resetSequences(client: ClientBase, table: string): Promise<void> {
  const { rows } = await client.query<{ column: string; sequence: string | null }>(
    `SELECT a.attname AS column, pg_get_serial_sequence(quote_ident($1), a.attname) AS sequence
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema() AND c.relname = $1 AND a.attnum > 0 AND NOT a.attisdropped`,
    [table],
  );
  for (const { column, sequence } of rows) {
    if (sequence === null) continue;
    const [of, from] = [column, table].map((name) => pg.escapeIdentifier(name));
    await client.query(`SELECT setval($1, (SELECT coalesce(max(${of}), 0) + 1 FROM ${from}), false)`, [sequence]);
  }
}
