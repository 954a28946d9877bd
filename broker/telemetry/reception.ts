/** What becomes of one datagram: events to keep, perhaps an answer, or the reason why it was dropped. */
import type { ReceivedEvent } from './received-event.ts';

/** Reasons for which a datagram is dropped; each is counted. */
export const DROPS = [
  ...(['unknown-source', 'unknown-engine', 'unknown-user', 'low-security', 'wrong-digest', 'stale'] as const),
  ...(['undecipherable', 'duplicate', 'malformed', 'too-long', 'too-many', 'not-a-notification'] as const),
] as const;
export type Drop = (typeof DROPS)[number];

/** Datagrams and notifications since the start. */
export interface TelemetryCounts {
  readonly received: number;
  /** Events that are stored; one datagram may bring several. */
  readonly kept: number;
  readonly drops: Readonly<Record<Drop, number>>;
}

export interface Reception {
  readonly events: readonly ReceivedEvent[];
  readonly answer?: Buffer;
  readonly drop?: Drop;
}

export const dropped = (drop: Drop, answer?: Buffer): Reception => ({
  events: [],
  drop,
  ...(answer === undefined ? {} : { answer }),
});

/** Where a datagram came from. */
export interface Origin {
  readonly host: string;
  readonly port: number;
}
export type Receive = (bytes: Buffer, from: Origin) => Reception;
