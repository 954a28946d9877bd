/** `wayleave notifications`: what was told to people elsewhere, whether a channel works, and sending again what failed. */
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';

const replayForm = asForm.extend({ failed: z.boolean().default(false) });

export function defineNotifications(program: Command, act: Act): void {
  const notifications = program
    .command('notifications')
    .helpCommand(false)
    .description('See what was told by webhook, try a channel, and send again what failed')
    .addHelpText(
      'after',
      `
Channels stand in the file of the setting \`notifications\`; docs/notifications.md explains it and the events.

Examples:
  wayleave notifications list --as admin@acme
  wayleave notifications test security --as admin@acme         exit code 1 when it was not delivered
  wayleave notifications replay --failed --as admin@acme`,
    );
  withAs(notifications.command('list', { isDefault: true }))
    .description('Show the channels of your tenant and the latest deliveries')
    .action(act(asForm, listNotifications));
  withAs(notifications.command('test <channel>'))
    .description('Send a test to one channel, and say whether it arrived')
    .action(act(asForm, testNotifications));
  withAs(notifications.command('replay [notice]'))
    .description('Send one notice again, or with --failed all that were given up; receivers know them by their ids')
    .option('--failed', 'All that were given up')
    .action(act(replayForm, replayNotifications));
}

export async function listNotifications(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const { channels, notices } = await control.notices();
  if (cli.json) {
    cli.emit({ channels, notices });
    return 0;
  }
  printRows(
    cli,
    channels,
    ['CHANNEL', 'TENANT', 'TO', 'EVENTS'],
    channels.map(({ name, tenant, origin, events }) => [name, tenant, oneLine(origin), events.join(' ') || '-']),
  );
  printRows(
    cli,
    notices,
    ['NOTICE', 'EVENT', 'CHANNEL', 'SINCE', 'STATE', 'TRIES', 'WHY'],
    notices.map(({ notice, type, channel, createdAt, state, attempts, error = '' }) => [
      ...[notice, type, channel, createdAt, state, String(attempts), oneLine(error)],
    ]),
  );
  return 0;
}

export async function testNotifications(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [channel = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(options.as);
  const sent = await control.testChannel(channel);
  if (cli.json) cli.emit(sent);
  else if (sent.state === 'delivered') cli.terminal.data(`${channel} took ${sent.notice}.`);
  else cli.terminal.data(`${channel} did not take ${sent.notice}: ${oneLine(sent.error ?? 'it is tried again')}.`);
  return sent.state === 'delivered' ? 0 : 1;
}

export async function replayNotifications(
  cli: Cli,
  options: z.infer<typeof replayForm>,
  [notice]: readonly string[],
): Promise<number> {
  if ((notice === undefined) !== options.failed)
    throw new WayleaveError('USAGE', 'Name one notice, or give --failed for all that were given up.');
  const { control } = await cli.person(options.as);
  const replayed = await control.replayNotices(notice === undefined ? { failed: true } : { notice });
  if (cli.json) cli.emit({ replayed });
  else cli.terminal.data(`${replayed} ${replayed === 1 ? 'delivery is' : 'deliveries are'} on the way again.`);
  return 0;
}
