/** Defences against dependencies that turn bad. */
import type { Defence } from './defence.ts';

export const DEPENDENCY_DEFENCES = {
  'locked-packages': {
    what: 'each package is locked by a digest and runs no script, or the check of the repository fails',
    without: [{ file: 'test/repository/lock-rules.ts', find: 'return breaches;', replace: 'return [];' }],
  },
} as const satisfies Readonly<Record<string, Defence>>;
