/** `wayleave policy`: which policies decide, whether changes are stopped, and the way on after a human has looked. */
import type { Command } from 'commander';
import { z } from 'zod';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { oneLine } from '../terminal.ts';
import { definePolicyWorkbench } from './policy-workbench.ts';

const resumeForm = asForm.extend({ reason: z.string() });

export function definePolicy(program: Command, act: Act): void {
  const policy = program
    .command('policy')
    .helpCommand(false)
    .description('See which policies decide, test and explain them')
    .addHelpText(
      'after',
      `
Examples:
  wayleave policy status --as auditor@acme
  wayleave policy check --policies ./policies
  wayleave policy explain --role tenant-admin --agent troubleshooter --tool bgp.set-local-as --given '{"purpose":"chat"}'
  wayleave policy resume --as admin@acme --reason "the referee was out of memory; the host has more now"

Everything but reading is decided twice: by the compiled policies and by Cedar in a process of its own. When the two
disagree, or Cedar gives no answer, changes are stopped until somebody with the role tenant-admin or provider-admin has
looked.`,
    );
  withAs(policy.command('status', { isDefault: true }))
    .description('Show the revision of the policies and whether changes are stopped')
    .action(act(asForm, showStatus));
  withAs(policy.command('resume'))
    .description('Let changes go on after they were stopped')
    .requiredOption('--reason <text>', 'What you found out; it is kept in the audit log')
    .action(act(resumeForm, resumeChanges));
  definePolicyWorkbench(policy, act);
}

async function showStatus(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const found = await control.policy();
  if (cli.json) cli.emit(found);
  else {
    cli.terminal.data(`policies  ${found.revision.slice(0, 16)}`);
    cli.terminal.data(`changes   ${found.stopped === null ? 'decided' : `STOPPED: ${oneLine(found.stopped)}`}`);
  }
  return found.stopped === null ? 0 : 20;
}

async function resumeChanges(cli: Cli, options: z.infer<typeof resumeForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const why = await control.resumeChanges(options.reason);
  if (cli.json) cli.emit({ resumed: true, why });
  else cli.terminal.data(`Changes go on. They were stopped: ${oneLine(why)}.`);
  return 0;
}
