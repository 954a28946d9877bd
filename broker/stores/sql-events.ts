/** Received events in SQL: numbered per tenant and stream under the lock of a counter row, so that no reader misses one that commits late. */
import type { Pool } from 'pg';
import { inTransaction } from '../../storage/in-transaction.ts';
import {
  type Events,
  KEPT_EVENTS,
  type ReceivedEvent,
  type StoredEvent,
  streamOf,
} from '../telemetry/received-event.ts';
import type { EventHistory } from './sql-history.ts';

/** `pool` must have run `STORE_MIGRATIONS`; with `history` the same transaction keeps them for days. */
export function createSqlEvents(pool: Pool, keep: number = KEPT_EVENTS, history?: EventHistory): Events {
  return {
    async append(events) {
      if (events.length === 0) return;
      // Counters are locked in one order: two writers never wait for each other.
      const order = (event: ReceivedEvent): string => JSON.stringify([event.tenant, streamOf(event)]);
      const groups = new Map<string, ReceivedEvent[]>();
      for (const event of events) groups.set(order(event), [...(groups.get(order(event)) ?? []), event]);
      await history?.prepareEvents(events);
      return inTransaction(pool, async (client) => {
        for (const key of [...groups.keys()].sort()) {
          const group = groups.get(key) ?? [];
          const [tenant, stream] = JSON.parse(key) as [string, string];
          const { rows } = await client.query<{ last: string }>(
            `INSERT INTO event_counters (tenant, stream, last) VALUES ($1, $2, $3)
             ON CONFLICT (tenant, stream) DO UPDATE SET last = event_counters.last + excluded.last RETURNING last`,
            [tenant, stream, group.length],
          );
          const last = Number(rows[0]?.last);
          const before = last - group.length;
          await client.query(
            `INSERT INTO events (tenant, stream, seq, record)
             SELECT $1, $2, $3 + n, record FROM unnest($4::text[]) WITH ORDINALITY AS given (record, n)`,
            [tenant, stream, before, group.map((event) => JSON.stringify(event))],
          );
          // Once in every `keep` events: what is older than the newest `keep` goes.
          if (Math.floor(last / keep) > Math.floor(before / keep))
            await client.query('DELETE FROM events WHERE tenant = $1 AND stream = $2 AND seq <= $3', [
              ...[tenant, stream],
              last - keep,
            ]);
        }
        await history?.keepEvents(client, events);
      });
    },
    async after(tenant, stream, since, limit) {
      const { rows } = await pool.query<{ seq: string; record: string }>(
        `SELECT seq, record FROM events WHERE tenant = $1 AND stream = $2 AND seq > $3 ORDER BY seq LIMIT $4`,
        [tenant, stream, since, limit],
      );
      return rows.map((row): StoredEvent => ({ ...JSON.parse(row.record), seq: Number(row.seq) }));
    },
  };
}
