/** The defences that attacks name, all in one map; a file a category in `defences/`. */
import type { Defence } from './defences/defence.ts';
import { TOKEN_DEFENCES } from './defences/token.ts';

export type { Defence } from './defences/defence.ts';

export const DEFENCES = {
  ...TOKEN_DEFENCES,
} as const satisfies Readonly<Record<string, Defence>>;

export type DefenceName = keyof typeof DEFENCES;
