/** The option `--as USER`, which every command has that acts for a person. */
import type { Command } from 'commander';
import { z } from 'zod';

export const withAs = (command: Command): Command =>
  command.option('--as <user>', 'Who you are: a login of the simulated installation, e.g. operator@acme');

export const asForm = z.object({ as: z.string().optional() });
