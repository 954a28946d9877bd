/** The options `--as USER` and `--code DIGITS`, which every command has that acts for a person. */
import type { Command } from 'commander';
import { z } from 'zod';

export const withAs = (command: Command): Command =>
  command
    .option('--as <user>', 'Who you are: a login of the simulated installation, e.g. operator@acme')
    .option('--code <digits>', 'One-time code, for people with a second factor');

export const asForm = z.object({ as: z.string().optional(), code: z.string().optional() });
