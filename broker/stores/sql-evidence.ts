/**
 * Evidence in SQL. What one call collected is one statement, and some tens of its records are one row: writing them one by
 * one was a third of what a read costs. A stored record is never replaced.
 *
 * A block holds the records whose ids differ in the last digit only; a call numbers its records, so that they share one.
 */
import type { Pool } from 'pg';
import type { Evidence } from '../contract.ts';
import type { EvidenceStore } from '../ports.ts';
import { KEPT_SLOTS, MOST_SAMPLES, MOST_TOLD, slotOf } from './samples.ts';

/** Characters of one row, so that a look at one record does not read many configurations. */
const MOST_CHARS = 131_072;

interface Block {
  readonly tenant: string;
  readonly block: string;
  readonly texts: string[];
  chars: number;
}

const blockOf = (id: string): string => id.slice(0, -1);

/** Neighbours that belong together, in the order given. */
function divide(records: readonly Evidence[]): readonly Block[] {
  const blocks: Block[] = [];
  for (const record of records) {
    const text = JSON.stringify(record);
    const { tenant } = record;
    const block = blockOf(record.id);
    const last = blocks.at(-1);
    if (last?.block === block && last.tenant === tenant && last.chars + text.length <= MOST_CHARS) {
      last.texts.push(text);
      last.chars += text.length;
    } else blocks.push({ tenant, block, texts: [text], chars: text.length });
  }
  return blocks;
}

/** `pool` must have run `STORE_MIGRATIONS`. */
export function createSqlEvidence(pool: Pool): EvidenceStore {
  /** Keeps what is watched over time findable by its course, and forgets what is too old. */
  async function keepSamples(records: readonly Evidence[]): Promise<void> {
    const samples = records.flatMap((one) => {
      const slot = slotOf(one);
      return slot === undefined ? [] : [{ ...one, slot, device: one.resource.split('/')[1] ?? '', record: one }];
    });
    if (samples.length === 0) return;
    await pool.query(
      `INSERT INTO samples (tenant, device, signal, resource, slot, record)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
       ON CONFLICT DO NOTHING`,
      [
        samples.map(({ tenant }) => tenant),
        samples.map(({ device }) => device),
        samples.map(({ signal }) => signal),
        samples.map(({ resource }) => resource),
        samples.map(({ slot }) => slot),
        samples.map(({ record }) => JSON.stringify(record)),
      ],
    );
    const last = Math.max(...samples.map(({ slot }) => slot));
    for (const tenant of new Set(samples.map((one) => one.tenant)))
      await pool.query('DELETE FROM samples WHERE tenant = $1 AND slot < $2', [tenant, last - KEPT_SLOTS]);
  }

  return {
    async put(records) {
      if (records.length === 0) return;
      const blocks = divide(records);
      await pool.query(
        `INSERT INTO evidence_blocks (tenant, block, records)
         SELECT t, b, r FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS given (t, b, r, n) ORDER BY n`,
        [
          blocks.map(({ tenant }) => tenant),
          blocks.map(({ block }) => block),
          blocks.map(({ texts }) => `[${texts.join(',')}]`),
        ],
      );
      await keepSamples(records);
    },
    async get(tenant, ids) {
      if (ids.length === 0) return [];
      const wanted = new Set(ids);
      const { rows } = await pool.query<{ records: string }>(
        'SELECT records FROM evidence_blocks WHERE tenant = $1 AND block = ANY ($2::text[]) ORDER BY seq',
        [tenant, [...new Set(ids.map(blockOf))]],
      );
      const found = new Map<string, Evidence>();
      for (const row of rows) {
        const records: readonly Evidence[] = JSON.parse(row.records);
        // The first that was stored under an id is the one.
        for (const one of records) if (wanted.has(one.id) && !found.has(one.id)) found.set(one.id, one);
      }
      return [...wanted].flatMap((id) => found.get(id) ?? []);
    },
    async history(tenant, devices, signals) {
      const { rows } = await pool.query<{ record: string }>(
        `SELECT record FROM (
           SELECT DISTINCT ON (signal, resource, part) signal, resource, part, slot, record FROM (
             SELECT *, ntile(${MOST_SAMPLES}) OVER (PARTITION BY signal, resource ORDER BY slot) AS part FROM samples
             WHERE tenant = $1 AND device = ANY($2) AND signal = ANY($3)) AS parted
           ORDER BY signal, resource, part, slot DESC) AS thinned
         ORDER BY signal, resource, slot LIMIT ${MOST_TOLD}`,
        [tenant, devices, signals],
      );
      return rows.map((row): Evidence => JSON.parse(row.record));
    },
  };
}
