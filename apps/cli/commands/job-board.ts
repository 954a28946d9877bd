/** `wayleave jobs board`: bull-board over the queue, for people of the provider, until Ctrl-C. */
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import { asForm, withAs } from '../as-option.ts';
import { interruption } from '../interruption.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';

const boardForm = asForm.extend({ port: z.coerce.number('give a whole number').int().min(0).max(65_535).default(0) });

export function defineBoard(jobs: Command, act: Act): void {
  withAs(jobs.command('board'))
    .description('Open bull-board on the queue, for reading, on this machine (people of the provider)')
    .option('--port <n>', 'Port on 127.0.0.1 (0 = any free one)')
    .addHelpText(
      'after',
      `
It shows jobs of all tenants as the queue has them, and closes itself to its reader when the login ends. What waits and runs of one's own tenant: wayleave jobs queue.

Example:
  wayleave jobs board --as provider@acme`,
    )
    .action(act(boardForm, board));
}

/** Roles that see the queue of all tenants, as in `wayleave jobs queue`. */
const PROVIDER: readonly string[] = ['provider-admin', 'provider-operator'];

export async function board(cli: Cli, { as, port }: z.infer<typeof boardForm>): Promise<number> {
  const { identity } = await cli.person(as);
  const mayLook = async (): Promise<boolean> => (await identity.whoami()).roles.some((role) => PROVIDER.includes(role));
  if (!(await mayLook()))
    throw new WayleaveError('DENIED', 'The queue has jobs of all tenants: it is for people of the provider.');
  const opened = await startBoardOf(cli, port, mayLook);
  if (cli.json) cli.emit({ url: opened.url });
  else cli.terminal.data(`${opened.url}\nGood for one browser, until Ctrl-C or the end of your login.`);
  await interruption(cli.interrupted);
  await opened.close();
  return 0;
}

/** BullMQ and bull-board are loaded by who looks. */
async function startBoardOf(cli: Cli, port: number, mayLook: () => Promise<boolean>) {
  const [{ queueOf }, { openBoardToken, openHome }, { locateQueue }, { startBoard }, { openStorePages, relayPages }] =
    await Promise.all([
      import('../../start-worker.ts'),
      import('../../home.ts'),
      import('../../jobs/queue-location.ts'),
      import('../../jobs/board.ts'),
      import('../../jobs/board-pages.ts'),
    ]);
  const home = openHome(cli.config.home);
  const location = locateQueue(queueOf(cli.config, home));
  const alarm = ({ message }: Error): void => cli.terminal.talk(`the queue: ${message}`);
  const pages =
    'folder' in location
      ? await relayPages({ agentsUrl: cli.running().agentsUrl, token: openBoardToken(home) })
      : await openStorePages(location, alarm);
  return startBoard({ pages, port, mayLook, now: cli.now });
}
