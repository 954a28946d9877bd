/** `wayleave policy`: which policies decide, whether changes are stopped, and the way on after a human has looked. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { PolicyView } from '../../../broker/http/control-desk.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { oneLine } from '../terminal.ts';
import { definePolicyBundles } from './policy-bundles.ts';
import { definePolicyExplain } from './policy-explain.ts';
import { definePolicyHistory } from './policy-history.ts';
import { definePolicyNarrowing } from './policy-narrowing.ts';
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
  wayleave policy sign ./policies --out new.bundle --as provider@acme
  wayleave policy propose new.bundle --as provider@acme --reason "auditors may read reports"
  wayleave policy activate pol_… --as steward@acme --reason "read the diff"
  wayleave policy replay --candidate ./policies --last 5000 --as auditor@acme
  wayleave policy observe report --since 24h --as auditor@acme
  wayleave policy resume --as provider@acme --reason "the referee was out of memory; the host has more now"

Everything but reading is decided twice: by the compiled policies and by Cedar in a process of its own. When the two
disagree, or Cedar gives no answer, changes are stopped until somebody with the role provider-admin has looked.
Other policies come into force as a signed bundle that two different people of the provider voted for; when what is stored is not
what was signed, changes are stopped until a good bundle is activated.`,
    );
  withAs(policy.command('status', { isDefault: true }))
    .description('Show the revision of the policies and whether changes are stopped')
    .action(act(asForm, showStatus));
  withAs(policy.command('resume'))
    .description('Let changes go on after they were stopped')
    .requiredOption('--reason <text>', 'What you found out; it is kept in the audit log')
    .action(act(resumeForm, resumeChanges));
  definePolicyBundles(policy, act);
  definePolicyNarrowing(policy, act);
  definePolicyHistory(policy, act);
  definePolicyWorkbench(policy, act);
  definePolicyExplain(policy, act);
}

async function showStatus(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const found = await control.policy();
  const going = found.stopped === null && found.problem === null;
  if (cli.json) cli.emit(found);
  else show(cli, found);
  return going ? 0 : 20;
}

function show(cli: Cli, { revision, stopped, problem, bundle }: PolicyView): void {
  const { data, talk } = cli.terminal;
  data(`policies  ${revision.slice(0, 16)}`);
  if (bundle !== null) {
    data(`bundle    ${bundle.id}, activation ${bundle.activation}, since ${bundle.since}`);
    data(`digest    ${bundle.digest}`);
    if (bundle.observe.length > 0) data(`observed  ${bundle.observe.map(oneLine).join(', ')}`);
    if (bundle.leastApprovals > 1) data(`approvals at least ${bundle.leastApprovals}`);
  }
  if (problem !== null) data(`PROBLEM   ${oneLine(problem)}`);
  data(
    `changes   ${stopped === null && problem === null ? 'decided' : `STOPPED: ${oneLine(stopped ?? problem ?? '')}`}`,
  );
  if (problem !== null)
    talk(
      'The way on: `policy sign` and `propose` a folder you trust, have somebody else `activate` it, then `resume`.',
    );
  else if (stopped !== null) talk('The way on: find out why, then `wayleave policy resume --reason …`.');
}

async function resumeChanges(cli: Cli, options: z.infer<typeof resumeForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const why = await control.resumeChanges(options.reason);
  if (cli.json) cli.emit({ resumed: true, why });
  else cli.terminal.data(`Changes go on. They were stopped: ${oneLine(why)}.`);
  return 0;
}
