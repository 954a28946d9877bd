/** `wayleave policy check|test|matrix|explain`: for whoever writes policies; works on a folder, needs no broker and no login. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';

const DIFFERENCE = 20;
const DENIED = 3;
const folderForm = z.object({ policies: z.string().optional() });
const explainForm = folderForm.extend({
  role: z.string(),
  tool: z.string(),
  agent: z.string().optional(),
  given: z.string().default('{}'),
});

/** The referee, the tools and the validator are only loaded by these commands. */
const open = async (folder: string | undefined) =>
  (await import('../../compose/policy-workbench.ts')).openWorkbench(folder);

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
    .action(act(folderForm, showMatrix));
  withFolder(policy.command('explain'))
    .description('Explain a decision, and find the smallest change that would permit')
    .requiredOption('--role <role>', 'tenant-operator')
    .requiredOption('--tool <tool>', 'bgp.set-local-as')
    .option('--agent <agent>', 'troubleshooter')
    .option('--given <json>', 'Circumstances as in a case: {"risk":60,"purpose":"chat","ladder":"running"}')
    .action(act(explainForm, explainPolicy));
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

async function showMatrix(cli: Cli, options: z.infer<typeof folderForm>): Promise<number> {
  const bench = await open(options.policies);
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

async function explainPolicy(cli: Cli, options: z.infer<typeof explainForm>): Promise<number> {
  const bench = await open(options.policies);
  const { buildRequests, Circumstances } = await import('../../../broker/policy/cases.ts');
  const { explainDecision } = await import('../../../broker/policy/explain.ts');
  const { WayleaveError } = await import('../../../broker/errors.ts');
  const { role, tool, agent, given } = options;
  const circumstances = Circumstances.safeParse({
    ...readGiven(given),
    as: role,
    tool,
    ...(agent === undefined ? {} : { agent }),
  });
  if (!circumstances.success) throw new WayleaveError('INPUT_INVALID', z.prettifyError(circumstances.error));
  const [request] = buildRequests(circumstances.data, bench.tools);
  if (request === undefined) throw new WayleaveError('INPUT_INVALID', 'There is nothing to explain.');
  const found = explainDecision(request, bench.policies, bench.schema);
  if (cli.json) cli.emit(found);
  else {
    const { data } = cli.terminal;
    data(found.effect);
    for (const [n, id] of found.policies.entries()) data(`  ${id}: ${found.reasons[n] ?? ''}`);
    for (const reason of found.reasons.slice(found.policies.length)) data(`  ${reason}`);
    for (const { name, value } of found.attributes) data(`  ${name} = ${JSON.stringify(value)}`);
    for (const steps of found.permitted) data(`would be permitted if ${steps.join(' and ')}`);
  }
  return found.effect === 'permit' ? 0 : DENIED;
}

function readGiven(text: string): object {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? read : {};
  } catch {
    return { given: text };
  }
}
