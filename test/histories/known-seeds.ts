/** Every seed whose history ever broke a rule, with what was wrong then. They are always played, and never taken out. */

export interface KnownSeed {
  readonly seed: number;
  readonly was: string;
}

export const KNOWN_SEEDS: readonly KnownSeed[] = [];
