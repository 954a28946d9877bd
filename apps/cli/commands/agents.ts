/** `wayleave agents`: which versions of the agents were launched, and the approval that a changed one waits for. */
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';

const listForm = asForm.extend({ all: z.boolean().default(false) });
const reasonForm = asForm.extend({ reason: z.string().trim().min(1, 'give a reason of at least one word').max(500) });

export function defineAgents(program: Command, act: Act): void {
  const agents = program
    .command('agents')
    .helpCommand(false)
    .description('See, approve and stop agents')
    .addHelpText(
      'after',
      `
Examples:
  wayleave agents list --as admin@acme
  wayleave agents approve troubleshooter --as provider@acme --reason "reviewed the new prompt"
  wayleave agents stop troubleshooter --as admin@acme --reason "it reads what it should not"

An agent is its code, prompts, model, tools and packages. When one of them changes, it may do nothing until two people
approved it; one is enough to stop it.`,
    );
  withAs(agents.command('list', { isDefault: true }))
    .description('List the agents that run now')
    .option('--all', 'Also versions that ran before')
    .action(act(listForm, listAgents));
  withAs(agents.command('approve'))
    .description('Approve the version that runs now')
    .argument('<agent>', 'troubleshooter, or `all` for every one that waits')
    .requiredOption('--reason <text>', 'Why; it is kept in the audit log')
    .action(act(reasonForm, approve));
  withAs(agents.command('stop'))
    .description('Stop an agent, from its next call on')
    .argument('<agent>', 'troubleshooter')
    .requiredOption('--reason <text>', 'Why; it is kept in the audit log')
    .action(act(reasonForm, stop));
}

export async function listAgents(cli: Cli, options: z.infer<typeof listForm>): Promise<number> {
  const { identity } = await cli.person(options.as);
  const found = (await identity.agents()).filter(({ running }) => running || options.all);
  const rows = found.map((one) => [
    one.agent,
    one.status,
    one.shipped ? 'shipped' : `${one.votes.length}/2`,
    one.running ? 'yes' : 'no',
    one.changed.join(', ') || '-',
    one.digest.slice(0, 23),
  ]);
  printRows(cli, found, ['AGENT', 'STATUS', 'VOTES', 'RUNS', 'CHANGED', 'DIGEST'], rows);
  return 0;
}

export async function approve(
  cli: Cli,
  options: z.infer<typeof reasonForm>,
  [name = '']: readonly string[],
): Promise<number> {
  const { identity } = await cli.person(options.as);
  const running = (await identity.agents()).filter((one) => one.running);
  const wanted = running.filter((one) => (name === 'all' ? one.status !== 'approved' : one.agent === name));
  if (wanted.length === 0)
    throw new WayleaveError('NOT_FOUND', name === 'all' ? 'No agent waits for approval.' : `No agent ${name} runs.`);
  for (const { agent, digest } of wanted) {
    const voted = await identity.approveAgent(agent, digest, options.reason);
    if (cli.json) cli.emit(voted);
    else cli.terminal.data(`${oneLine(agent)} is ${voted.status} (${voted.votes.length} of 2).`);
  }
  return 0;
}

export async function stop(
  cli: Cli,
  options: z.infer<typeof reasonForm>,
  [name = '']: readonly string[],
): Promise<number> {
  const { identity } = await cli.person(options.as);
  const stopped = await identity.stopAgent(name, options.reason);
  if (cli.json) cli.emit(stopped);
  else cli.terminal.data(`${oneLine(name)} is stopped. Two people must approve it before it acts again.`);
  return 0;
}
