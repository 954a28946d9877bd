/** What has to be delivered, durably: one row a notice and channel, and how far the audit log has been read for news. */

export interface OutboxRow {
  readonly notice: string;
  readonly tenant: string;
  readonly channel: string;
  readonly type: string;
  /** As it is sent. */
  readonly body: string;
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly attempts: number;
  /** ISO-8601 UTC. */
  readonly createdAt: string;
  /** When it was delivered or is tried next. */
  readonly nextAt: string;
  readonly error?: string;
}

/** Identifies a row. */
export type RowKey = Pick<OutboxRow, 'notice' | 'tenant' | 'channel'>;

export interface Settlement {
  readonly state: OutboxRow['state'];
  readonly attempts: number;
  /** Epoch milliseconds. */
  readonly nextAt: number;
  readonly error?: string;
}

export interface Outbox {
  /** The first entry that was not read for news yet; `start` when the log was never read. */
  position(start: number): Promise<number>;
  /** Adds what is not there yet, and moves the position, both or none; never backwards. */
  add(rows: readonly Omit<OutboxRow, 'state' | 'attempts' | 'nextAt'>[], upTo?: number): Promise<void>;
  /** The next row of the channel that is due, hidden from other brokers until `now + leaseMs`. */
  claim(tenant: string, channel: string, now: number, leaseMs: number): Promise<OutboxRow | undefined>;
  settle(key: RowKey, settlement: Settlement): Promise<void>;
  /** The latest first. */
  list(tenants: readonly string[], limit: number): Promise<readonly OutboxRow[]>;
  find(tenants: readonly string[], notice: string): Promise<readonly OutboxRow[]>;
  /** Sends rows again, from the first attempt on: of one notice, or all that failed; resolves with how many. */
  replay(tenants: readonly string[], which: { readonly notice: string } | 'failed', now: number): Promise<number>;
  /** Forgets rows that were made before. */
  forget(before: number): Promise<void>;
}
