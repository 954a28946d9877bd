/** `wayleave mcp upstream`: the MCP servers of others behind the broker, what they offer, and what people decide about it. */
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import type { ServerReport, ToolReport } from '../../../broker/upstream/desk.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine, printable, table } from '../terminal.ts';

const DIFFERENCE = 20;
const reasonForm = asForm.extend({ reason: z.string().trim().min(1, 'give a reason of at least one word').max(500) });
const measureForm = z.object({ file: z.array(z.string()).default([]) });
const approveForm = reasonForm.extend({ readsOnly: z.boolean().default(false) });

export function defineMcpUpstream(mcp: Command, act: Act): void {
  const upstream = mcp
    .command('upstream')
    .helpCommand(false)
    .description('See, approve and stop the tools of other MCP servers behind the broker')
    .addHelpText(
      'after',
      `
Examples:
  wayleave mcp upstream list --as admin@acme
  wayleave mcp upstream show tickets --as admin@acme          asks the server, and shows every definition
  wayleave mcp upstream approve tickets search --as admin@acme --reason "read it"
  wayleave mcp upstream diff tickets --as admin@acme          what differs from what was approved
  wayleave mcp upstream measure /usr/local/bin/tickets-mcp    the digest that pins a program

Servers are named in a file (setting \`upstream\`, docs/mcp.md). Nothing of them is offered before two people approved
its definition word by word; one that changes is in quarantine until two people approved it again. Their tools only read.`,
    );
  withAs(upstream.command('list', { isDefault: true }))
    .description('List the servers of your tenant')
    .action(act(asForm, listUpstream));
  withAs(upstream.command('show'))
    .description('Ask a server what it offers now, and show it')
    .argument('<server>', 'tickets')
    .action(act(asForm, showUpstream));
  withAs(upstream.command('diff'))
    .description('Show what differs from what was approved; exit code 20 when something does')
    .argument('<server>', 'tickets')
    .action(act(asForm, diffUpstream));
  withAs(upstream.command('approve'))
    .description('Approve tools as the server describes them now; two people must')
    .argument('<server>', 'tickets')
    .argument('<tool...>', 'search, or `all` for every one that waits or is in quarantine')
    .requiredOption('--reason <text>', 'Why; it is kept in the audit log')
    .option('--reads-only', 'You state that tools which do not say so of themselves only read')
    .action(act(approveForm, approveUpstream));
  withAs(upstream.command('quarantine'))
    .description('Stop a tool, or all of a server, from the next call on')
    .argument('<server>', 'tickets')
    .argument('[tool]', 'search; without it, all of them')
    .requiredOption('--reason <text>', 'Why; it is kept in the audit log')
    .action(act(reasonForm, quarantineUpstream));
  withAs(upstream.command('remove'))
    .description('Forget what was approved of a server; it begins anew, with nothing')
    .argument('<server>', 'tickets')
    .requiredOption('--reason <text>', 'Why; it is kept in the audit log')
    .action(act(reasonForm, removeUpstream));
  upstream
    .command('measure')
    .description('Print the digest of a program that speaks MCP over stdin, for the file of servers')
    .argument('<program>', 'Absolute path of the executable')
    .argument('[arguments...]', 'As the file has them; after `--` when one begins with a dash')
    .option('--file <path...>', 'Further files that it is made of')
    .addHelpText(
      'after',
      '\nExample:\n  wayleave mcp upstream measure -- /usr/bin/node /opt/tickets/server.js --readonly',
    )
    .action(act(measureForm, measure));
}

/** The same computation that stands before each start of the program. */
export async function measure(
  cli: Cli,
  { file }: z.infer<typeof measureForm>,
  [program = '', ...rest]: readonly string[],
): Promise<number> {
  const { measureProgram } = await import('../../../broker/upstream/program.ts');
  const digest = await measureProgram({ run: [program, ...rest], files: file });
  if (cli.json) cli.emit({ digest });
  else cli.terminal.data(digest);
  return 0;
}

/** How many tools are in each state: `2 offered, 1 quarantined`. */
export function countStates({ tools }: ServerReport): string {
  const counts = new Map<string, number>();
  for (const { state } of tools) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ') || 'no tools';
}

export async function listUpstream(cli: Cli, { as }: z.infer<typeof asForm>): Promise<number> {
  const found = await (await cli.person(as)).upstream.list();
  const rows = found.map((one) => [
    one.server,
    one.domain,
    countStates(one),
    one.seenAt ?? 'never',
    one.problem ?? '-',
  ]);
  printRows(cli, found, ['SERVER', 'DOMAIN', 'TOOLS', 'SEEN', 'PROBLEM'], rows);
  return 0;
}

export async function showUpstream(
  cli: Cli,
  { as }: z.infer<typeof asForm>,
  [server = '']: readonly string[],
): Promise<number> {
  return print(cli, await (await cli.person(as)).upstream.show(server));
}

export async function diffUpstream(
  cli: Cli,
  { as }: z.infer<typeof asForm>,
  [server = '']: readonly string[],
): Promise<number> {
  const { tools } = await (await cli.person(as)).upstream.show(server);
  const changed = tools.filter(({ state, diff }) => diff.length > 0 || state === 'waiting' || state === 'quarantined');
  if (cli.json) cli.emit(changed.map(({ tool, state, why, diff }) => ({ tool, state, why, diff })));
  else if (changed.length === 0) cli.terminal.data('Everything is as it was approved.');
  else
    for (const one of changed) {
      cli.terminal.data(`${oneLine(one.tool)}: ${one.state}${one.why === undefined ? '' : ` (${oneLine(one.why)})`}`);
      for (const line of one.diff) cli.terminal.data(`  ${oneLine(line)}`);
    }
  return changed.length === 0 ? 0 : DIFFERENCE;
}

export async function approveUpstream(
  cli: Cli,
  { as, reason, readsOnly }: z.infer<typeof approveForm>,
  [server = '', ...names]: readonly string[],
): Promise<number> {
  const { upstream } = await cli.person(as);
  const { tools } = await upstream.show(server);
  const isOpen = ({ state }: ToolReport): boolean => state === 'waiting' || state === 'quarantined';
  const wanted = names.includes('all') ? tools.filter(isOpen) : tools.filter(({ tool }) => names.includes(tool));
  if (wanted.length === 0)
    throw new WayleaveError('NOT_FOUND', `No such tool of ${oneLine(server)} waits for approval.`);
  // By the digest of what this person was shown: what changes in between is not approved.
  const pins = wanted.map(({ tool, digest }) => ({ tool, digest }));
  const report = await upstream.approve(server, pins, reason, readsOnly);
  if (cli.json) cli.emit(report);
  else
    for (const { tool, state, votes } of report.tools.filter(({ tool: one }) =>
      wanted.some((each) => each.tool === one),
    ))
      cli.terminal.data(`${oneLine(tool)} is ${state}${state === 'offered' ? '' : ` (${votes.length} of 2)`}.`);
  return 0;
}

export async function quarantineUpstream(
  cli: Cli,
  { as, reason }: z.infer<typeof reasonForm>,
  [server = '', tool]: readonly string[],
): Promise<number> {
  const report = await (await cli.person(as)).upstream.quarantine(server, tool, reason);
  if (cli.json) cli.emit(report);
  else
    cli.terminal.data(
      `${oneLine(tool ?? server)} is in quarantine. Two people must approve it before it is used again.`,
    );
  return 0;
}

export async function removeUpstream(
  cli: Cli,
  { as, reason }: z.infer<typeof reasonForm>,
  [server = '']: readonly string[],
): Promise<number> {
  const report = await (await cli.person(as)).upstream.remove(server, reason);
  if (cli.json) cli.emit(report);
  else
    cli.terminal.data(
      `What was approved of ${oneLine(server)} is forgotten. To leave it for good, take it out of the file.`,
    );
  return 0;
}

function print(cli: Cli, report: ServerReport): number {
  if (cli.json) {
    cli.emit(report);
    return 0;
  }
  const { data, talk, style } = cli.terminal;
  const { server, url, domain, budget, seenAt, problem } = report;
  const { callsPerMinute, seconds, kilobytes } = budget;
  data(
    `${oneLine(server)} at ${oneLine(url)}, in ${domain}; ${callsPerMinute} calls a minute, ${seconds} s, ${kilobytes} KiB a call`,
  );
  data(`Seen ${seenAt ?? 'never'}${problem === undefined ? '' : `; ${style.red(oneLine(problem))}`}`);
  const rows = report.tools.map((one) => [
    one.tool,
    one.state,
    `${one.votes.length}/2`,
    one.undeclared ? 'not declared' : 'declared',
    one.digest.slice(0, 23),
    [...(one.why === undefined ? [] : [one.why]), ...one.warnings].join('; ') || '-',
  ]);
  for (const line of table(['TOOL', 'STATE', 'VOTES', 'READS ONLY', 'DIGEST', 'REMARKS'], rows)) data(line);
  talk('The definitions are the words of the server. Read them as a stranger\u2019s:');
  for (const { tool, definition } of report.tools) data(`${oneLine(tool)}:\n${indent(definition)}`);
  return 0;
}

/** JSON over several lines; a newline inside a text stays an escape, so that none of its lines looks like ours. */
function indent(definition: string): string {
  try {
    return printable(JSON.stringify(JSON.parse(definition), null, 2).replace(/^/gm, '  '));
  } catch {
    return `  ${oneLine(definition)}`; // one that was too long and was cut
  }
}
