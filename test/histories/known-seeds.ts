/** Every seed whose history ever broke a rule, with what was wrong then. They are always played, and never taken out. */

export interface KnownSeed {
  readonly seed: number;
  readonly was: string;
}

export const KNOWN_SEEDS: readonly KnownSeed[] = [
  { seed: 1831, was: 'a broker that had been taken over repaired a device on which its successor was at work' },
];
