/** `wayleave policy check|test|matrix`: for whoever writes policies; works on a folder, needs no broker and no login. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';

const DIFFERENCE = 20;
const folderForm = z.object({ policies: z.string().optional() });
const matrixForm = folderForm.extend({ narrow: z.string().optional() });

/** The referee, the tools and the validator are only loaded by these commands. */
const open = async (folder: string | undefined, narrow?: string) =>
  (await import('../../compose/policy-workbench.ts')).openWorkbench(folder, narrow);

export function definePolicyWorkbench(policy: Command, act: Act): void {
  const withFolder = (command: Command): Command =>
    command.option(
      '--policies <folder>',
      'Folder of *.cedar and *.test.yaml files; without it, the policies that are shipped',
    );
  withFolder(policy.command('check'))
    .description('Parse, validate and compile the policies, and name what no case tests')
    .action(act(folderForm, checkPolicies));
  withFolder(policy.command('test'))
    .description('Run the cases beside the policies')
    .action(act(folderForm, testPolicies));
  withFolder(policy.command('matrix'))
    .description('Show who may use which tool, by role')
    .option('--narrow <folder>', 'Folder of *.cedar files by which a tenant forbids more')
    .action(act(matrixForm, showMatrix));
}

async function checkPolicies(cli: Cli, options: z.infer<typeof folderForm>): Promise<number> {
  const bench = await open(options.policies);
  const { findGaps, runCases } = await import('../../../broker/policy/cases.ts');
  const names = bench.policies.map(({ id }) => id);
  const gaps = findGaps(bench.cases, bench.tools, names);
  const { asked, failures } = runCases(bench.cases, bench.tools, bench.judge);
  if (cli.json) cli.emit({ policies: names, cases: bench.cases.length, asked, failures, gaps });
  else {
    for (const gap of gaps) cli.terminal.data(gap);
    for (const { name, asked: who, expected, got } of failures)
      cli.terminal.data(`FAILED ${name} (${who}): ${got}, not ${expected}`);
    cli.terminal.data(
      `${names.length} policies, ${bench.cases.length} cases, ${asked} questions, ${failures.length} failures, ${gaps.length} gaps`,
    );
  }
  return gaps.length + failures.length === 0 ? 0 : DIFFERENCE;
}

async function testPolicies(cli: Cli, options: z.infer<typeof folderForm>): Promise<number> {
  const bench = await open(options.policies);
  const { runCases } = await import('../../../broker/policy/cases.ts');
  const { asked, failures } = runCases(bench.cases, bench.tools, bench.judge);
  if (cli.json) cli.emit({ cases: bench.cases.length, asked, failures });
  else {
    for (const { name, asked: who, expected, got } of failures)
      cli.terminal.data(`FAILED ${name} (${who})\n  expected ${expected}\n  got      ${got}`);
    cli.terminal.data(`${bench.cases.length} cases, ${asked} questions, ${failures.length} failures`);
  }
  return failures.length === 0 ? 0 : DIFFERENCE;
}

async function showMatrix(cli: Cli, options: z.infer<typeof matrixForm>): Promise<number> {
  const bench = await open(options.policies, options.narrow);
  const { buildRequests, Circumstances } = await import('../../../broker/policy/cases.ts');
  const { nameObligations } = await import('../../../broker/policy/obligations.ts');
  const { ROLES } = await import('../../../broker/contract.ts');
  const cells = bench.tools.map((tool) => ({
    tool: tool.name,
    roles: ROLES.map((role) => {
      const [request] = buildRequests(Circumstances.parse({ as: role, tool: tool.name }), bench.tools);
      const verdict = request === undefined ? undefined : bench.judge(request);
      return { role, effect: verdict?.effect ?? 'deny', obligations: nameObligations(verdict?.obligations ?? []) };
    }),
  }));
  const rows = cells.map(({ tool, roles }) => [
    tool,
    ...roles.map(({ effect, obligations }) => {
      const approvals = obligations.find((one) => one.includes('approval'));
      return effect === 'deny' ? '-' : (approvals?.replace(/ approvals? by /, ' ') ?? 'permit');
    }),
  ]);
  printRows(cli, cells, ['TOOL', ...ROLES.map((role) => role.toUpperCase())], rows);
  return 0;
}
