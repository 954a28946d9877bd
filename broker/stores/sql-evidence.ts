/** Evidence in SQL: what one call collected is one statement, and a stored record is never replaced. */
import type { Pool } from 'pg';
import type { Evidence } from '../contract.ts';
import type { EvidenceStore } from '../ports.ts';
import { KEPT_SLOTS, MOST_SAMPLES, MOST_TOLD, slotOf } from './samples.ts';

/** `pool` must have run `STORE_MIGRATIONS`. */
export function createSqlEvidence(pool: Pool): EvidenceStore {
  /** Keeps what is watched over time findable by its course, and forgets what is too old. */
  async function keepSamples(records: readonly Evidence[]): Promise<void> {
    const samples = records.flatMap((one) => {
      const slot = slotOf(one);
      return slot === undefined ? [] : [{ ...one, slot, device: one.resource.split('/')[1] ?? '' }];
    });
    if (samples.length === 0) return;
    await pool.query(
      `INSERT INTO samples (tenant, device, signal, resource, slot, evidence)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
       ON CONFLICT DO NOTHING`,
      [
        samples.map(({ tenant }) => tenant),
        samples.map(({ device }) => device),
        samples.map(({ signal }) => signal),
        samples.map(({ resource }) => resource),
        samples.map(({ slot }) => slot),
        samples.map(({ id }) => id),
      ],
    );
    const last = Math.max(...samples.map(({ slot }) => slot));
    for (const tenant of new Set(samples.map((one) => one.tenant)))
      await pool.query('DELETE FROM samples WHERE tenant = $1 AND slot < $2', [tenant, last - KEPT_SLOTS]);
  }

  return {
    async put(records) {
      if (records.length === 0) return;
      await pool.query(
        `INSERT INTO evidence (tenant, id, record) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
         ON CONFLICT DO NOTHING`,
        [records.map(({ tenant }) => tenant), records.map(({ id }) => id), records.map((one) => JSON.stringify(one))],
      );
      await keepSamples(records);
    },
    async get(tenant, ids) {
      if (ids.length === 0) return [];
      const { rows } = await pool.query<{ record: string }>(
        `SELECT e.record FROM unnest($2::text[]) WITH ORDINALITY AS wanted (id, n)
         JOIN evidence e ON e.tenant = $1 AND e.id = wanted.id ORDER BY wanted.n`,
        [tenant, [...new Set(ids)]],
      );
      return rows.map((row): Evidence => JSON.parse(row.record));
    },
    async history(tenant, devices, signals) {
      const { rows } = await pool.query<{ record: string }>(
        `SELECT e.record FROM (
           SELECT DISTINCT ON (signal, resource, part) signal, resource, part, slot, evidence FROM (
             SELECT *, ntile(${MOST_SAMPLES}) OVER (PARTITION BY signal, resource ORDER BY slot) AS part FROM samples
             WHERE tenant = $1 AND device = ANY($2) AND signal = ANY($3)) AS parted
           ORDER BY signal, resource, part, slot DESC) AS thinned
         JOIN evidence e ON e.tenant = $1 AND e.id = thinned.evidence
         ORDER BY thinned.signal, thinned.resource, thinned.slot LIMIT ${MOST_TOLD}`,
        [tenant, devices, signals],
      );
      return rows.map((row): Evidence => JSON.parse(row.record));
    },
  };
}
