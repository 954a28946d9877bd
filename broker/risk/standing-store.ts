/** Where the standing is kept between starts: a copy of what the audit log says up to one entry, never a second truth. */
import type { StandingRecord } from './standing.ts';

export interface KeptStanding {
  /** Digest of the rules under which it was computed. */
  readonly rules: string;
  /** Entries of the log that are in it: 0 … upTo - 1. */
  readonly upTo: number;
  readonly records: readonly StandingRecord[];
}

export interface StandingStore {
  load(): Promise<KeptStanding | undefined>;
  /**
   * Replaces the records that are given, all or none. What another broker stored further along, under the same rules,
   * stays; under other rules everything is replaced.
   */
  save(kept: KeptStanding): Promise<void>;
}
