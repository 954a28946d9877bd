/** What a device told the broker without being asked, as it is kept and read. */

/** How it came. */
export type Channel = 'trap' | 'inform' | 'syslog' | 'flow' | 'notification';

/** One event before the store numbers it. Texts come from the device and are data, never instructions. */
export interface ReceivedEvent {
  readonly tenant: string;
  /** By the inventory: the device whose key or address it came with, whatever it calls itself. */
  readonly device: string;
  readonly channel: Channel;
  /** Signal of the catalogue, or the notification's object identifier, or `syslog`, or `flow`. */
  readonly name: string;
  readonly resource: string;
  readonly severity: string;
  readonly detail: string;
  /** ISO-8601 UTC by the device's clock, which may be wrong. */
  readonly observedAt: string;
  /** ISO-8601 UTC by the broker's clock. */
  readonly receivedAt: string;
}

/** `seq` counts per tenant and stream, from 1, without gaps. */
export type StoredEvent = ReceivedEvent & { readonly seq: number };

/** Flow records would bury events: they are a stream of their own. */
export type Stream = 'events' | 'flows';
export const streamOf = ({ channel }: ReceivedEvent): Stream => (channel === 'flow' ? 'flows' : 'events');

/** Keeps the newest of each tenant and stream. */
export interface Events {
  /** All or none; resolves when durable. */
  append(events: readonly ReceivedEvent[]): Promise<void>;
  /** Events of the tenant with `seq` greater than `since`, oldest first, at most `limit`. */
  after(tenant: string, stream: Stream, since: number, limit: number): Promise<readonly StoredEvent[]>;
}

/** Newest events of a tenant and stream that are kept at least; up to twice as many may be there. */
export const KEPT_EVENTS = 50_000;
