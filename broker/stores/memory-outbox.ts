/** The outbox in memory, for simulation and tests. */
import type { Outbox, OutboxRow, RowKey } from '../notify/outbox.ts';

const keyOf = ({ notice, tenant, channel }: RowKey): string => JSON.stringify([notice, tenant, channel]);
const iso = (ms: number): string => new Date(ms).toISOString();

export function createMemoryOutbox(): Outbox {
  const rows = new Map<string, OutboxRow>();
  let position: number | undefined;
  const put = (row: OutboxRow): void => void rows.set(keyOf(row), row);
  const ofTenants = (tenants: readonly string[]): readonly OutboxRow[] =>
    [...rows.values()].filter(({ tenant }) => tenants.includes(tenant));
  return {
    async position(start) {
      position ??= start;
      return position;
    },
    async add(added, upTo = 0) {
      for (const row of added)
        if (!rows.has(keyOf(row))) put({ ...row, state: 'waiting', attempts: 0, nextAt: row.createdAt });
      position = Math.max(position ?? 0, upTo);
    },
    async claim(tenant, channel, now, leaseMs) {
      const due = ofTenants([tenant]).find(
        (row) => row.channel === channel && row.state === 'waiting' && Date.parse(row.nextAt) <= now,
      );
      if (due === undefined) return undefined;
      const claimed = { ...due, nextAt: iso(now + leaseMs) };
      put(claimed);
      return claimed;
    },
    async settle(key, { state, attempts, nextAt, error }) {
      const row = rows.get(keyOf(key));
      if (row === undefined) return;
      const { error: _, ...kept } = row;
      put({ ...kept, state, attempts, nextAt: iso(nextAt), ...(error === undefined ? {} : { error }) });
    },
    list: async (tenants, limit) => ofTenants(tenants).toReversed().slice(0, limit),
    find: async (tenants, notice) => ofTenants(tenants).filter((row) => row.notice === notice),
    async replay(tenants, which, now) {
      const again = ofTenants(tenants).filter((row) =>
        which === 'failed' ? row.state === 'failed' : row.notice === which.notice,
      );
      for (const { error: _, ...row } of again) put({ ...row, state: 'waiting', attempts: 0, nextAt: iso(now) });
      return again.length;
    },
    async forget(before) {
      for (const [key, row] of rows) if (Date.parse(row.createdAt) < before) rows.delete(key);
    },
  };
}
