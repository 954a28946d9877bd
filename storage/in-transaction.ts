/** Runs work in one transaction of one connection: all of it is committed, or none. */
import type { Pool, PoolClient } from 'pg';

/**
 * Answers what `work` answers, once that is committed; throws what `work` or the server threw, after a rollback. A
 * connection that cannot even roll back is closed, which ends its transaction.
 */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('BEGIN');
    const answer = await work(client);
    await client.query('COMMIT');
    return answer;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
