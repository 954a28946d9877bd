/** Every seed whose history ever broke a rule, with what was wrong then. They are always played, and never taken out. */

export interface KnownSeed {
  readonly seed: number;
  readonly was: string;
}

export const KNOWN_SEEDS: readonly KnownSeed[] = [
  { seed: 651, was: 'time went on by minutes while a broker had work left, and its answer came too late' },
  { seed: 1831, was: 'a broker that had been taken over repaired a device on which its successor was at work' },
  {
    seed: 4938,
    was: 'a change of which nothing had been sent was unknown, since others had changed the device meanwhile',
  },
  {
    seed: 5337,
    was: 'one of two devices had been sent nothing, and the change was unknown since others had changed it',
  },
  {
    seed: 5584,
    was: 'a device kept a lost confirmation to itself, and any refusal of a second one counted as the proof',
  },
  { seed: 6931, was: 'time went on by minutes while the only broker had work left, and its answer came too late' },
  { seed: 3126813, was: 'time went on by minutes while the only broker was still starting' },
];
