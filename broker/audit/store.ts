/** Where an audit log keeps its bytes: the port behind which files, PostgreSQL and memory are the same. */

/** What one group commit made durable: the lines of entries `from`, `from + 1`, … and the checkpoint that covers them. */
export interface AuditBatch {
  readonly from: number;
  readonly lines: readonly string[];
  /** Signed note over the tree of size `from + lines.length`. */
  readonly checkpoint: string;
}

/** What a writer finds when its turn has come. */
export interface AuditTurn {
  /** Under which it writes from now on: a higher one than before when somebody else has written since. */
  readonly epoch: number;
  /** What others wrote since, in order. */
  readonly missed: readonly AuditBatch[];
}

export interface AuditStore {
  /**
   * Makes the caller the only writer: recovers what was torn, and returns an epoch of at least `floor` that is
   * larger than any that was claimed before. Appends under an older epoch reject.
   */
  claim(floor: number): Promise<number>;
  /** Resolves when the batch is durable as a whole; on rejection its fate is unknown and the writer must stop. */
  append(batch: AuditBatch, epoch: number): Promise<void>;
  /**
   * Present where several brokers write one log: waits until nobody else writes, and makes the batch that `make` answers
   * with durable before anybody else does. `from` and `epoch` are what the caller knows; a rejection leaves open whether
   * the batch is there, and an unknown epoch in the next turn (0) tells.
   */
  readonly inTurn?: (from: number, epoch: number, make: (turn: AuditTurn) => AuditBatch | undefined) => Promise<void>;
  /** Batches from the one that holds entry `from` onwards, in order. */
  batches(from: number): AsyncIterable<AuditBatch>;
  /** The last milestone that was kept, as it was given; it only saves time, and whoever reads it checks its signature. */
  milestone(): Promise<string | undefined>;
  keepMilestone(text: string): Promise<void>;
  close(): Promise<void>;
}

/** The writer lost its claim to a newer one. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
  constructor() {
    super('another writer has claimed the audit log');
  }
}
