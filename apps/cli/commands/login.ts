/** `wayleave login`, `logout`, `whoami` and `step-up`: who one is, for this command and those after it. */
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { oneLine } from '../terminal.ts';
import { askPasskeyHere } from './passkeys.ts';

const loginForm = z.object({ code: z.string().optional() });

export function defineLogin(program: Command, act: Act): void {
  program
    .command('login')
    .description('Log in for the commands that follow: in a browser, or with a password from stdin')
    .argument('[user]', 'operator@acme; without it the browser asks')
    .option('--code <digits>', 'One-time code, for people with a second factor')
    .addHelpText(
      'after',
      `
Examples:
  wayleave login                                  prints an address to open in a browser on this machine
  wayleave login operator@acme < password.txt     the login is kept for twelve hours, or until \`wayleave logout\`
  wayleave whoami

What is kept lies in the folder of the installation, readable by you alone, and is bound to a key beside it.`,
    )
    .action(act(loginForm, logIn));
  program
    .command('logout')
    .description('End the login that is kept')
    .addHelpText('after', '\nExample:\n  wayleave logout')
    .action(act(z.object({}), logOut));
  withAs(program.command('whoami'))
    .description('Show who you are to the broker, now')
    .addHelpText('after', '\nExample:\n  wayleave whoami --as operator@acme')
    .action(act(asForm, whoami));
  program
    .command('step-up')
    .description('Show a second factor for the login that is kept')
    .argument('[code]', 'Six digits of your authenticator; without them your browser asks for a passkey')
    .addHelpText(
      'after',
      `
Examples:
  wayleave step-up 123456     counts for five minutes
  wayleave step-up            by passkey: prints an address to open in a browser on this machine`,
    )
    .action(act(z.object({}), stepUp));
}

export async function logIn(
  cli: Cli,
  { code }: z.infer<typeof loginForm>,
  [user = '']: readonly string[],
): Promise<number> {
  if (user === '') return logInByBrowser(cli);
  if (cli.stdin.isTTY === true)
    cli.terminal.talk('Type your password and end with Ctrl-D; it is shown as you type it.');
  const password = (await text(cli.stdin)).replace(/\r?\n$/, '');
  if (password === '') throw new WayleaveError('USAGE', 'Give the password on stdin.');
  const person = await cli.doors.logIn(cli.config.home, cli.running(), user, password, code);
  if (cli.json) cli.emit({ user: person.user });
  else cli.terminal.data(`Logged in as ${oneLine(person.user)}.`);
  return 0;
}

async function logInByBrowser(cli: Cli): Promise<number> {
  const show = (url: string): void => {
    cli.terminal.talk('Open this address in a browser on this machine, and log in:');
    cli.terminal.talk(oneLine(url));
  };
  const person = await cli.doors.logInByBrowser(cli.config.home, cli.running(), show, cli.interrupted);
  if (cli.json) cli.emit({ user: person.user });
  else cli.terminal.data(`Logged in as ${oneLine(person.user)}.`);
  return 0;
}

export async function logOut(cli: Cli): Promise<number> {
  const kept = cli.doors.keptLogin(cli.config.home, cli.running());
  try {
    await kept?.end();
  } finally {
    cli.doors.forgetLogin(cli.config.home); // also when the broker has ended it already
  }
  if (cli.json) cli.emit({ ended: kept?.user ?? null });
  else cli.terminal.data(kept === undefined ? 'There was no login.' : `${oneLine(kept.user)} is logged out.`);
  return 0;
}

export async function whoami(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { identity } = await cli.person(options.as);
  const me = await identity.whoami();
  if (cli.json) cli.emit(me);
  else {
    cli.terminal.data(
      `${oneLine(me.human)} in ${oneLine(me.tenant)}: ${me.roles.map(oneLine).join(', ') || 'no role'}`,
    );
    cli.terminal.data(`session ${oneLine(me.session)}, second factor: ${me.secondFactor}`);
  }
  return 0;
}

export async function stepUp(cli: Cli, _options: object, [code]: readonly string[]): Promise<number> {
  const { identity } = await cli.person(undefined);
  const seconds =
    code === undefined
      ? await identity.stepUpByPasskey(await askPasskeyHere(cli, 'get', await identity.beginPasskeyStepUp()))
      : await identity.stepUp(code);
  if (cli.json) cli.emit({ seconds });
  else cli.terminal.data(`Your second factor counts for ${seconds} seconds.`);
  return 0;
}
