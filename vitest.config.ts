/** How the tests run: each file in a process of its own, with patience for a busy machine; those that start whole installations are a project of their own. */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Files that start a whole installation, kill it and start it again: minutes, in which little is computed. */
const INSTALLATIONS = 'test/processes/**/*.test.ts';

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
      { extends: true, test: { name: 'parts', include: ['test/**/*.test.ts'], exclude: [INSTALLATIONS] } },
      { extends: true, test: { name: 'installations', include: [INSTALLATIONS] } },
    ],
  },
});
