/** `wayleave tools`: what you may ask for yourself, and a direct call, which passes the same pipeline as an agent's. */
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { type Answer, type CallArguments, DOMAINS, type Domain, type Json } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli, Person } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { showChange } from '../render/show-change.ts';
import { oneLine, table } from '../terminal.ts';

const PENDING = 8;
const listForm = asForm.extend({ domain: z.enum(DOMAINS).optional() });
const names = z.string().transform((text) => text.split(',').filter((one) => one !== ''));
const callForm = asForm.extend({
  input: z.string().default('{}'),
  target: names.optional(),
  purpose: z.string().default('chat:cli'),
  evidence: names.optional(),
  intent: z.string().optional(),
});

export function defineTools(program: Command, act: Act): void {
  const tools = program
    .command('tools')
    .helpCommand(false)
    .description('See and call the tools that policy gives you')
    .addHelpText(
      'after',
      `
Examples:
  wayleave tools list --as operator@acme
  wayleave tools call bgp.read --target br2_edge --as operator@acme
  wayleave tools call routes.read --input '{"vrf":10}' --target br1_edge,br2_edge --as operator@acme
  wayleave tools call interface.set-description --target br1_edge --purpose inc_… \\
      --input '{"interface":"ge0/0","description":"MPLS"}' --as operator@acme
                               exit code 8: it waits for approval; then call again with --intent int_…`,
    );
  withAs(tools.command('list', { isDefault: true }))
    .description('List the tools you may call; --json has the schema of their input')
    .addOption(new Option('--domain <domain>', 'Only these').choices(DOMAINS))
    .action(act(listForm, listTools));
  withAs(tools.command('call'))
    .description('Call a tool')
    .argument('<name>', 'E.g. bgp.read')
    .option('--input <json>', 'Its input (preset: {})')
    .option('--target <devices>', 'Devices, separated by commas')
    .option('--purpose <purpose>', 'What it is for: an incident (inc_…) or chat:… (preset: chat:cli)')
    .option('--evidence <ids>', 'Records that support it, separated by commas')
    .option('--intent <id>', 'Id of your own (int_…): the same one again never does it twice')
    .action(act(callForm, callTool));
}

export async function listTools(cli: Cli, options: z.infer<typeof listForm>): Promise<number> {
  const person = await cli.person(options.as);
  const found: {
    readonly domain: Domain;
    readonly name: string;
    readonly description: string;
    readonly inputSchema: unknown;
  }[] = [];
  for (const domain of options.domain === undefined ? DOMAINS : [options.domain]) {
    for (const tool of await readTools(person, domain)) found.push({ domain, ...tool });
  }
  printRows(
    cli,
    found,
    ['DOMAIN', 'TOOL', 'DOES'],
    found.map((one) => [one.domain, one.name, one.description]),
  );
  return 0;
}

async function readTools(person: Person, domain: Domain) {
  const client = await person.tools(domain);
  try {
    return await client.listTools();
  } finally {
    await client.close();
  }
}

export async function callTool(
  cli: Cli,
  options: z.infer<typeof callForm>,
  [name = '']: readonly string[],
): Promise<number> {
  const input = parseInput(options.input);
  const person = await cli.person(options.as);
  const { findTool } = await import('../../../tools/registry.ts');
  const domain = findTool(name)?.domain;
  if (domain === undefined)
    throw new WayleaveError('NOT_FOUND', `There is no tool ${name}; \`wayleave tools list\` shows yours.`);
  const client = await person.tools(domain);
  const args: CallArguments = {
    input,
    purpose: options.purpose,
    ...(options.target === undefined ? {} : { target: { devices: options.target } }),
    ...(options.evidence === undefined ? {} : { evidence: options.evidence }),
    ...(options.intent === undefined ? {} : { intent: options.intent }),
  };
  try {
    const answer = await client.callTool(name, args);
    if (cli.json) cli.emit(answer);
    else showAnswer(cli, answer);
    return exitOf(answer);
  } finally {
    await client.close();
  }
}

const inputForm: z.ZodType<{ readonly [key: string]: Json }> = z.record(z.string(), z.json());

function parseInput(text: string): { readonly [key: string]: Json } {
  try {
    return inputForm.parse(JSON.parse(text));
  } catch {
    throw new WayleaveError('USAGE', '--input is not a JSON object.');
  }
}

function showAnswer(cli: Cli, answer: Answer): void {
  const { data, talk, style } = cli.terminal;
  if (answer.status === 'pending') {
    data(`${oneLine(answer.intent)} waits for approval ${style.yellow(oneLine(answer.approval))}`);
    for (const line of showChange(answer.summary, style)) data(line);
    return;
  }
  const { receipt, evidence } = answer;
  if (receipt !== undefined) data(`${oneLine(answer.intent)} ${receipt.outcome}: ${oneLine(receipt.detail)}`);
  const rows = evidence.map((one) => [one.id, one.resource, one.signal, one.observedAt, String(one.value)]);
  if (rows.length > 0)
    for (const line of table(['RECORD', 'RESOURCE', 'SIGNAL', 'OBSERVED AT', 'VALUE'], rows)) data(line);
  else if (receipt === undefined) talk('Nothing to report.');
}

function exitOf(answer: Answer): number {
  if (answer.status === 'pending') return PENDING;
  return answer.receipt === undefined || answer.receipt.outcome === 'succeeded' ? 0 : 1;
}
