/** How the tests run: two files at a time, with patience for a busy machine; those that start whole installations are a project of their own. */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Files that start a whole installation, or workers and stores of one, kill them and start them again: minutes, in which little is computed. */
const INSTALLATIONS = [
  'test/processes/**/*.test.ts',
  'test/apps/jobs/queue.test.ts',
  'test/apps/backup/backup.test.ts',
  'test/storage/power-cut.test.ts',
];

/** Files that put modules of their own in the place of others', for which those must not have been loaded before. */
const ALONE = ['test/storage/durability.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    // Two also on two cores, where vitest would take one: many files wait for processes of their own.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A test makes and forgets a lot: with room for the young, the garbage collector copies less of it.
    execArgv: ['--max-semi-space-size=64'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [...INSTALLATIONS, ...ALONE],
          // A process plays many files and loads what they share once: half the time. Nothing here keeps state in modules.
          isolate: false,
          unstubEnvs: true,
          unstubGlobals: true,
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
      { extends: true, test: { name: 'installations', include: INSTALLATIONS } },
    ],
  },
});
