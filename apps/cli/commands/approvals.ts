/** `wayleave approvals`: the approver's desk. The vote goes from the person's own login straight to the broker. */
import { type Command, Option } from 'commander';
import { z } from 'zod';
import type { Approval } from '../../../broker/contract.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli, Person } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { showApproval } from '../render/show-change.ts';
import { oneLine } from '../terminal.ts';

const STATUSES = ['pending', 'approved', 'rejected', 'expired', 'consumed', 'void'] as const;
const listForm = asForm.extend({ status: z.enum(STATUSES).optional() });
const voteForm = asForm.extend({ reason: z.string().trim().min(1, 'give a reason of at least one word').max(500) });

export function defineApprovals(program: Command, act: Act): void {
  const approvals = program
    .command('approvals')
    .helpCommand(false)
    .description('See and decide what waits for people')
    .addHelpText(
      'after',
      `
Examples:
  wayleave approvals list --status pending --as admin@acme
  wayleave approvals show apr_… --as admin@acme        decision, policies, exact diff, rehearsal, votes
  wayleave approvals approve apr_… --as admin@acme --reason "matches ticket 4711"
  wayleave approvals reject apr_… --as admin@acme --reason "not in office hours"

Who asked for a change cannot decide on it, not even through an agent.`,
    );
  withAs(approvals.command('list', { isDefault: true }))
    .description('List approvals of your tenant')
    .addOption(new Option('--status <status>', 'Only these').choices(STATUSES))
    .action(act(listForm, listApprovals));
  withAs(approvals.command('show'))
    .description('Show all that an approver should know')
    .argument('<id>', 'apr_…')
    .action(act(asForm, showOne));
  for (const verdict of ['approve', 'reject'] as const) {
    withAs(approvals.command(verdict))
      .description(verdict === 'approve' ? 'Approve exactly this change' : 'Reject it')
      .argument('<id>', 'apr_…')
      .requiredOption('--reason <text>', 'Why; it is kept in the audit log')
      .action(act(voteForm, (cli, options, args) => vote(cli, verdict, options, args)));
  }
}

export async function listApprovals(cli: Cli, options: z.infer<typeof listForm>): Promise<number> {
  return printApprovals(cli, await cli.person(options.as), options.status);
}

/** The list as a table, the newest last. */
export async function printApprovals(cli: Cli, { control }: Person, status?: Approval['status']): Promise<number> {
  const found = await control.approvals(status);
  const rows = found.map((one) => [
    one.id,
    one.status,
    one.intent.tool,
    one.intent.target.devices.join(','),
    one.requester.chain.join(' ← '),
    `${one.votes.filter((cast) => cast.verdict === 'approve').length}/${one.needed.count} ${one.needed.role}`,
    one.expiresAt,
  ]);
  const header = ['APPROVAL', 'STATUS', 'CHANGE', 'DEVICES', 'ASKED BY', 'VOTES', 'UNTIL'];
  printRows(cli, found, header, rows);
  return 0;
}

export async function showOne(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [id = '']: readonly string[],
): Promise<number> {
  return printApproval(cli, await cli.person(options.as), id);
}

/** All that an approver should know of one. */
export async function printApproval(cli: Cli, { control }: Person, id: string): Promise<number> {
  const approval = await control.approval(id);
  if (cli.json) cli.emit(approval);
  else for (const line of showApproval(approval, cli.terminal.style)) cli.terminal.data(line);
  return 0;
}

export async function vote(
  cli: Cli,
  verdict: 'approve' | 'reject',
  options: z.infer<typeof voteForm>,
  [id = '']: readonly string[],
): Promise<number> {
  return castVote(cli, await cli.person(options.as), verdict, id, options.reason);
}

/** Votes and says what is still missing. */
export async function castVote(
  cli: Cli,
  { control }: Person,
  verdict: 'approve' | 'reject',
  id: string,
  reason: string,
): Promise<number> {
  const voted = await control[verdict](id, reason);
  if (cli.json) cli.emit(voted);
  else {
    const missing = voted.needed.count - voted.votes.filter((cast) => cast.verdict === 'approve').length;
    const more = voted.status === 'pending' ? ` ${missing} more to go.` : '';
    cli.terminal.data(`${oneLine(voted.id)} is ${voted.status}.${more}`);
  }
  return 0;
}
