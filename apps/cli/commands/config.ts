/** `wayleave config`: every setting in force and where it comes from; of a secret only whether it is set. */
import type { Command } from 'commander';
import { z } from 'zod';
import { SETTINGS } from '../../settings.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { table } from '../terminal.ts';

const form = z.object({ origin: z.boolean().default(false) });

export function defineConfig(program: Command, act: Act): void {
  const config = program.command('config').helpCommand(false).description('See the configuration');
  config
    .command('show', { isDefault: true })
    .description('Show every setting')
    .option('--origin', 'Also where each value comes from')
    .addHelpText(
      'after',
      '\nExample:\n  wayleave config show --origin     flags win over the environment, that over the file, that over presets',
    )
    .action(act(form, showConfig));
}

export async function showConfig(cli: Cli, { origin }: z.infer<typeof form>): Promise<number> {
  const shown = cli.origins.map((one) => {
    const isSecret = 'secret' in SETTINGS[one.name];
    return { ...one, value: isSecret ? (one.value === '' ? 'unset' : 'set') : one.value };
  });
  if (cli.json) {
    const entries = shown.map(({ name, value, origin: from }) => [name, origin ? { value, origin: from } : value]);
    cli.emit(Object.fromEntries(entries));
    return 0;
  }
  const rows = shown.map((one) => [one.name, String(one.value) || '-', ...(origin ? [one.origin] : [])]);
  const header = ['SETTING', 'VALUE', ...(origin ? ['ORIGIN'] : [])];
  for (const line of table(header, rows)) cli.terminal.data(line);
  return 0;
}
