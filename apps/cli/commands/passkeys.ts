/** `wayleave users passkey`: your own passkeys, made in the browser of this machine. */
import type { Command } from 'commander';
import type { z } from 'zod';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';

export function definePasskeys(users: Command, act: Act): void {
  const passkeys = users
    .command('passkey')
    .helpCommand(false)
    .description('See, add and remove passkeys of your own (WebAuthn), a second factor that cannot be phished')
    .addHelpText(
      'after',
      `
Examples:
  wayleave users passkey add "blue key"      prints an address to open in a browser on this machine
  wayleave users passkey list
  wayleave users passkey remove ID
  wayleave step-up                           shows it for the five minutes after

Who has a second factor shows it first: \`wayleave step-up\`. Keep two: a login asks for one from then on.`,
    );
  withAs(passkeys.command('list', { isDefault: true }))
    .description('List your passkeys')
    .action(act(asForm, list));
  withAs(passkeys.command('add'))
    .description('Make a passkey in your browser')
    .argument('[name]', 'What you call it', 'passkey')
    .action(act(asForm, add));
  withAs(passkeys.command('remove'))
    .description('Remove a passkey that you lost or no longer use')
    .argument('<id>', 'As `list` shows it')
    .action(act(asForm, remove));
}

async function list(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { identity } = await cli.person(options.as);
  const found = await identity.passkeys();
  const rows = found.map(({ id, name, createdAt, usedAt }) => [oneLine(name), id, createdAt, usedAt ?? 'never']);
  printRows(cli, found, ['NAME', 'ID', 'ADDED', 'USED'], rows);
  return 0;
}

async function add(cli: Cli, options: z.infer<typeof asForm>, [name = 'passkey']: readonly string[]): Promise<number> {
  const { identity } = await cli.person(options.as);
  const response = await askPasskeyHere(cli, 'create', await identity.beginPasskey());
  const made = await identity.addPasskey(name, response);
  if (cli.json) cli.emit(made);
  else cli.terminal.data(`Your passkey ${oneLine(made.name)} is added. From now on a login asks for a second factor.`);
  return 0;
}

async function remove(cli: Cli, options: z.infer<typeof asForm>, [id = '']: readonly string[]): Promise<number> {
  const { identity } = await cli.person(options.as);
  await identity.removePasskey(id);
  if (cli.json) cli.emit({ removed: id });
  else cli.terminal.data('The passkey is removed.');
  return 0;
}

/** Sends the person to their browser and waits for what it answers. */
export async function askPasskeyHere(
  cli: Cli,
  kind: 'create' | 'get',
  question: Awaited<ReturnType<Awaited<ReturnType<Cli['person']>>['identity']['beginPasskey']>>,
): Promise<unknown> {
  const { askPasskey } = await import('../ask-passkey.ts');
  const show = (url: string): void => {
    cli.terminal.talk('Open this address in a browser on this machine, within five minutes:');
    cli.terminal.talk(oneLine(url));
  };
  return askPasskey({ kind, question, show, interrupted: cli.interrupted });
}
