/** `wayleave db`: where everything is kept, and its backup, restoration and move to servers. */

import path from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import type { openRecords } from '../../../agents/conversations.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import type { Places } from '../../backup/places.ts';
import { openHome } from '../../home.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { oneLine } from '../terminal.ts';

const none = z.object({});
const restoreForm = z.object({
  acceptLoss: z.string().trim().min(1, 'say why').max(500).optional(),
  anchor: z.array(z.string()).default([]),
});
const moveForm = z.object({
  to: z.string().optional(),
  agentsTo: z.string().optional(),
  backup: z.string().optional(),
});

export function defineDb(program: Command, act: Act): void {
  const db = program
    .command('db')
    .helpCommand(false)
    .description('See, back up, restore and move what the installation keeps')
    .addHelpText(
      'after',
      `
What is embedded (no databaseUrl) belongs to its processes: stop \`wayleave up\` first. On servers a backup is taken while
everything runs. Keys and the witness's memory are in no backup: copy the folders broker-keys, supervisor and witness of the
home to another place; a backup proves itself against them.

Examples:
  wayleave db status
  wayleave db backup /backups/today
  wayleave db restore /backups/today --home /srv/wayleave --anchor checkpoint.txt
  wayleave db restore /backups/old --accept-loss "disk failed, nothing newer"
  wayleave db move --to postgres://wayleave@db/broker --agents-to postgres://agents@db/agents

Exit codes: 0 ok · 1 error · 2 usage · 20 the backup is damaged or old, or the audit log does not verify`,
    );
  db.command('status', { isDefault: true })
    .description('Where everything is, the state of its schema, and whether the audit log verifies')
    .action(act(none, showStatus));
  db.command('migrate')
    .description('Bring the broker’s tables to this version (a start does the same)')
    .action(act(none, migrate));
  db.command('backup').description('Write everything into a new folder').argument('<folder>').action(act(none, back));
  db.command('restore')
    .description('Fill an empty installation from a backup, after verifying it')
    .argument('<folder>')
    .option('--accept-loss <why>', 'Take a backup that is older than what the witness saw; the log tells it')
    .option('--anchor <file...>', 'Checkpoints that were kept elsewhere: the backup must reach them')
    .action(act(restoreForm, restore));
  db.command('move')
    .description('Carry an embedded installation over to PostgreSQL, audit proofs included')
    .option('--to <url>', 'Database of the broker (preset: databaseUrl)')
    .option('--agents-to <url>', 'Database of the agents (preset: agentsDatabaseUrl; none = they stay embedded)')
    .option('--backup <folder>', 'Where the backup between stays (preset: a folder in the home)')
    .action(act(moveForm, move));
}

async function openPlaces(cli: Cli, urls = cli.config): Promise<Places> {
  const { placesOf } = await import('../../backup/places.ts');
  return placesOf({ ...cli.config, ...urls }, openHome(cli.config.home));
}

const say = (cli: Cli) => (line: string) => cli.terminal.talk(cli.terminal.style.dim(oneLine(line)));

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

async function showStatus(cli: Cli): Promise<number> {
  const { readStatus } = await import('../../backup/status.ts');
  const status = await readStatus(await openPlaces(cli));
  if (cli.json) cli.emit(status);
  else {
    const { broker, agents, audit } = status;
    const schema = broker.missing.length === 0 ? 'up to date' : `missing: ${broker.missing.join(', ')}`;
    cli.terminal.data(`broker  ${broker.place} · ${megabytes(broker.bytes)} · ${broker.applied} migrations, ${schema}`);
    cli.terminal.data(`agents  ${agents.place} · ${megabytes(agents.bytes)}`);
    cli.terminal.data(`audit   ${audit.entries} entries, verified · witness: ${oneLine(audit.witness)}`);
  }
  return 0;
}

async function migrate(cli: Cli): Promise<number> {
  const { migrateBroker } = await import('../../backup/status.ts');
  const added = await migrateBroker(await openPlaces(cli));
  if (cli.json) cli.emit({ added });
  else cli.terminal.data(added.length === 0 ? 'nothing was missing' : `applied: ${added.join(', ')}`);
  return 0;
}

async function back(cli: Cli, _: z.infer<typeof none>, [target = '']: readonly string[]): Promise<number> {
  const { backUp } = await import('../../backup/back-up.ts');
  const manifest = await backUp({ places: await openPlaces(cli), target, now: cli.now, progress: say(cli) });
  if (cli.json) cli.emit({ folder: path.resolve(target), ...manifest });
  else
    cli.terminal.data(`${target}: ${manifest.audit.size} audit entries, ${Object.keys(manifest.files).length} files`);
  return 0;
}

/** LangGraph, whose tables most of these are, takes a second to load. */
const prepareAgents = async (...given: Parameters<typeof openRecords>) =>
  (await import('../../../agents/conversations.ts')).openRecords(...given);

async function restore(
  cli: Cli,
  { acceptLoss, anchor: anchors }: z.infer<typeof restoreForm>,
  [source = '']: readonly string[],
): Promise<number> {
  const { restore: restoreBackup } = await import('../../backup/restore.ts');
  const places = await openPlaces(cli);
  const { now } = cli;
  const options = { source, places, acceptLoss, anchors, moves: false, prepareAgents, now, progress: say(cli) };
  const { manifest, loss, entry } = await restoreBackup(options);
  if (cli.json) cli.emit({ ...manifest, lost: loss, entry });
  else {
    cli.terminal.data(`restored the state of ${manifest.at}; audit entry ${entry} tells of it`);
    if (loss !== undefined) cli.terminal.data(`lost: audit entries ${loss.from} to ${loss.to}`);
    cli.terminal.talk('Sessions have ended and open approvals are void: people log in and decide anew.');
  }
  return 0;
}

async function move(cli: Cli, options: z.infer<typeof moveForm>): Promise<number> {
  const { moveToServers } = await import('../../backup/move.ts');
  const databaseUrl = options.to ?? cli.config.databaseUrl;
  const agentsDatabaseUrl = options.agentsTo ?? cli.config.agentsDatabaseUrl;
  if (databaseUrl === '')
    throw new WayleaveError('USAGE', 'Name the database of the broker with --to, or set databaseUrl.');
  const stamp = new Date(cli.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const moved = await moveToServers({
    from: await openPlaces(cli, { ...cli.config, databaseUrl: '', agentsDatabaseUrl: '' }),
    to: await openPlaces(cli, { ...cli.config, databaseUrl, agentsDatabaseUrl }),
    backup: options.backup ?? path.join(cli.config.home, `backup-before-move-${stamp}`),
    ...{ prepareAgents, now: cli.now, progress: say(cli) },
  });
  if (cli.json) cli.emit({ ...moved.manifest, entry: moved.entry, backup: moved.backup, aside: moved.aside });
  else {
    cli.terminal.data(
      `moved ${moved.manifest.audit.size} audit entries and all tables; audit entry ${moved.entry} tells of it`,
    );
    for (const folder of moved.aside) cli.terminal.data(`no longer used: ${folder}`);
    cli.terminal.talk('Set databaseUrl (DATABASE_URL) and agentsDatabaseUrl to these databases before the next start.');
  }
  return 0;
}
