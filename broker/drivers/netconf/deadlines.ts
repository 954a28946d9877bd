/** How long a NETCONF driver waits for what. */

/** Milliseconds. */
export interface NetconfDeadlines {
  /** TCP connect. */
  readonly connectMs: number;
  /** SSH key exchange, authentication, subsystem and hello together. */
  readonly helloMs: number;
  /** Reads, probes, locks and everything that changes no configuration. */
  readonly readMs: number;
  /** edit-config, validate, commit, cancel-commit, discard-changes. */
  readonly writeMs: number;
  /** A whole read or probe from the first packet on, whatever its parts may take. */
  readonly runMs: number;
  /** A whole write session: longer than the longest confirm timeout in use. */
  readonly sessionMs: number;
  /** Between two signs of life that a quiet connection is asked for; three without an answer end it. */
  readonly keepAliveMs: number;
  /** The first rpc of a session is brought to mind after so long: see `session.ts`. */
  readonly remindMs: number;
  /** A read session without work is closed. */
  readonly idleMs: number;
}

export const NETCONF_DEADLINES: NetconfDeadlines = {
  connectMs: 3_000,
  helloMs: 10_000,
  readMs: 15_000,
  writeMs: 60_000,
  runMs: 30_000,
  sessionMs: 3_600_000,
  keepAliveMs: 20_000,
  remindMs: 3_000,
  idleMs: 60_000,
};
