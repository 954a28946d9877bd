/** `wayleave users`: people of the tenant, what they may do, and your own second factors. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { PersonReport } from '../../../broker/identity/people-desk.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';
import { definePasskeys } from './passkeys.ts';

const factorForm = asForm.extend({ confirm: z.string().optional() });

export function defineUsers(program: Command, act: Act): void {
  const users = program
    .command('users')
    .helpCommand(false)
    .description('See and change people of your tenant')
    .addHelpText(
      'after',
      `
Examples:
  wayleave users list --as admin@acme
  wayleave users suspend operator@acme --as admin@acme           ends every login of theirs, and refuses new ones
  wayleave users roles operator@acme tenant-operator auditor --as admin@acme
  wayleave users second-factor --as admin@acme                   then once more with --confirm 123456
  wayleave users passkey add "blue key" --as admin@acme          in the browser of this machine

A change works at the next call. Nobody changes themselves.`,
    );
  withAs(users.command('list', { isDefault: true }))
    .description('List people: all of the tenant with a role for it, else yourself')
    .action(act(asForm, listUsers));
  for (const [name, disabled, says] of [
    ['suspend', true, 'Suspend a person'],
    ['restore', false, 'End a suspension by `suspend`'],
  ] as const) {
    withAs(users.command(name))
      .description(says)
      .argument('<person>', 'operator@acme')
      .action(act(asForm, (cli, options, [person = '']) => change(cli, options, person, { disabled })));
  }
  withAs(users.command('roles'))
    .description('Give a person exactly these roles')
    .argument('<person>', 'operator@acme')
    .argument('[roles...]', 'None takes all away')
    .action(act(asForm, (cli, options, [person = '', ...roles]) => change(cli, options, person, { roles })));
  withAs(users.command('second-factor'))
    .description('Enrol a second factor of your own: one-time codes of an authenticator app (RFC 6238)')
    .option('--confirm <digits>', 'The first code that the app shows')
    .action(act(factorForm, enrol));
  withAs(users.command('forget-factors'))
    .description('Let a person in again who lost every second factor: forgets them all and ends every login of theirs')
    .argument('<person>', 'operator@acme')
    .action(act(asForm, forgetFactors));
  definePasskeys(users, act);
}

export async function listUsers(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { identity } = await cli.person(options.as);
  const found = await identity.people();
  const rows = found.map((one) => [one.name, one.disabled ? 'suspended' : 'active', one.roles.join(', ')]);
  printRows(cli, found, ['PERSON', 'STATE', 'ROLES'], rows);
  return 0;
}

async function change(
  cli: Cli,
  options: z.infer<typeof asForm>,
  person: string,
  wanted: { readonly disabled?: boolean; readonly roles?: readonly string[] },
): Promise<number> {
  const { identity } = await cli.person(options.as);
  const changed = await identity.setPerson(person, wanted);
  if (cli.json) cli.emit(changed);
  else cli.terminal.data(describe(changed));
  return 0;
}

async function forgetFactors(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [person = '']: readonly string[],
): Promise<number> {
  const { identity } = await cli.person(options.as);
  const changed = await identity.forgetFactors(person);
  if (cli.json) cli.emit(changed);
  else cli.terminal.data(`${oneLine(changed.name)} has no second factor now, and must log in again.`);
  return 0;
}

const describe = ({ name, disabled, roles }: PersonReport): string =>
  `${oneLine(name)} is ${disabled ? 'suspended' : 'active'}: ${roles.map(oneLine).join(', ') || 'no role'}`;

export async function enrol(cli: Cli, options: z.infer<typeof factorForm>): Promise<number> {
  const { identity } = await cli.person(options.as);
  if (options.confirm !== undefined) {
    await identity.confirmFactor(options.confirm);
    if (cli.json) cli.emit({ enrolled: true });
    else cli.terminal.data('Your second factor is enrolled. From now on a login asks for its code.');
    return 0;
  }
  const begun = await identity.beginFactor();
  if (cli.json) cli.emit(begun);
  else {
    cli.terminal.data(begun.uri);
    cli.terminal.talk(
      'Put this into your authenticator app, then repeat the command with --confirm and the code it shows.',
    );
  }
  return 0;
}
