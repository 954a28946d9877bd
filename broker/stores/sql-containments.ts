/** Containments in SQL; whoever changes one holds its row, so that a person's word and a reversal do not overwrite each other. */
import type { Pool } from 'pg';
import { inTransaction } from '../../storage/in-transaction.ts';
import { type Containment, type Containments, containmentForm, isOpen } from '../containment/containment.ts';
import { WayleaveError } from '../errors.ts';

const read = (rows: readonly { readonly record: string }[]): readonly Containment[] =>
  rows.map(({ record }) => containmentForm.parse(JSON.parse(record)));

/** `pool` must have run `STORE_MIGRATIONS`. */
export function createSqlContainments(pool: Pool): Containments {
  const select = async (rest: string, values: readonly (string | number)[]): Promise<readonly Containment[]> => {
    const { rows } = await pool.query<{ record: string }>(`SELECT record FROM containments ${rest}`, [...values]);
    return read(rows);
  };
  const latest = 'ORDER BY begins COLLATE "C" DESC, id COLLATE "C" DESC';
  return {
    async add(containment) {
      const { tenant, id, from } = containment;
      await pool.query('INSERT INTO containments (tenant, id, begins, is_open, record) VALUES ($1, $2, $3, $4, $5)', [
        ...[tenant, id, from, isOpen(containment), JSON.stringify(containment)],
      ]);
    },
    get: async (tenant, id) => (await select('WHERE tenant = $1 AND id = $2', [tenant, id]))[0],
    list: (tenant, limit) => select(`WHERE tenant = $1 ${latest} LIMIT $2`, [tenant, limit]),
    open: () => select(`WHERE is_open ${latest}`, []),
    async update(tenant, id, change) {
      return inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ record: string }>(
          'SELECT record FROM containments WHERE tenant = $1 AND id = $2 FOR UPDATE',
          [tenant, id],
        );
        const [before] = read(rows);
        if (before === undefined) throw new WayleaveError('NOT_FOUND');
        const after = change(before);
        await client.query('UPDATE containments SET is_open = $3, record = $4 WHERE tenant = $1 AND id = $2', [
          ...[tenant, id, isOpen(after), JSON.stringify(after)],
        ]);
        return after;
      });
    },
  };
}
