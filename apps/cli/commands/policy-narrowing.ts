/** `wayleave policy narrowing`: policies of one's own tenant, which forbid what those of the provider would permit. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { NarrowingView } from '../../../broker/policy-bundles/narrowing-desk.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { oneLine } from '../terminal.ts';

const reasonForm = asForm.extend({ reason: z.string().trim().min(1, 'give a reason of at least one word').max(500) });

export function definePolicyNarrowing(policy: Command, act: Act): void {
  const narrowing = policy
    .command('narrowing')
    .helpCommand(false)
    .description('See and change what your tenant forbids beyond the policies of the provider')
    .addHelpText(
      'after',
      `
Examples:
  wayleave policy matrix --narrow ./own                                        what would be left
  wayleave policy narrowing propose ./own --as admin@acme --reason "BGP by hand only"
  wayleave policy narrowing --as analyst@acme                                  reads it, with the diff
  wayleave policy narrowing activate sha256:… --as analyst@acme --reason "read it"
  wayleave policy narrowing withdraw --as admin@acme --reason "no longer needed"     somebody else activates it

The folder holds *.cedar files with forbids only, each with an @id that begins with the tenant's name and a dash.`,
    );
  withAs(narrowing.command('show', { isDefault: true }))
    .description('Show what is in force for your tenant, and what waits for a second person')
    .action(act(asForm, show));
  withAs(narrowing.command('propose'))
    .description('Propose the policies of a folder; the first of two votes')
    .argument('<folder>', './own')
    .requiredOption('--reason <text>', 'Why; it is kept in the audit log')
    .action(act(reasonForm, propose));
  withAs(narrowing.command('activate'))
    .description('Vote for what is proposed; with the second person of the tenant it is in force')
    .argument('<digest>', 'As `show` prints it')
    .requiredOption('--reason <text>', 'Why; it is kept in the audit log')
    .action(act(reasonForm, activate));
  withAs(narrowing.command('withdraw'))
    .description('Propose to forbid nothing any more')
    .requiredOption('--reason <text>', 'Why; it is kept in the audit log')
    .action(act(reasonForm, withdraw));
}

async function show(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  return tell(cli, await control.narrowing());
}

async function propose(
  cli: Cli,
  { as, reason }: z.infer<typeof reasonForm>,
  [folder = '']: readonly string[],
): Promise<number> {
  const { loadPolicies } = await import('../../../broker/policy/load-policies.ts');
  const files = await loadPolicies(folder);
  const { control } = await cli.person(as);
  return tell(cli, await control.proposeNarrowing(files, reason));
}

async function activate(
  cli: Cli,
  { as, reason }: z.infer<typeof reasonForm>,
  [digest = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(as);
  return tell(cli, await control.activateNarrowing(digest, reason));
}

async function withdraw(cli: Cli, { as, reason }: z.infer<typeof reasonForm>): Promise<number> {
  const { control } = await cli.person(as);
  return tell(cli, await control.proposeNarrowing([], reason));
}

function tell(cli: Cli, found: NarrowingView): number {
  if (cli.json) {
    cli.emit(found);
    return 0;
  }
  const { data } = cli.terminal;
  const { tenant, number, files, problem, proposal } = found;
  const names = files.map(({ name }) => oneLine(name)).join(', ') || 'nothing of its own';
  data(`${oneLine(tenant)} forbids ${names}${number === 0 ? '' : ` (number ${number})`}`);
  if (problem !== undefined) data(`PROBLEM  nothing is permitted to the tenant: ${oneLine(problem)}`);
  if (proposal === undefined) return 0;
  data(`proposed ${proposal.digest}, waits for somebody else (${proposal.votes.length} of 2)`);
  for (const { human, reason, at } of proposal.votes) data(`  ${oneLine(human)} ${at}: ${oneLine(reason)}`);
  data(proposal.diff.split('\n').map(oneLine).join('\n'));
  return 0;
}
