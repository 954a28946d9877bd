/** `wayleave route`: shows how a question is understood, and scores the router on phrasings of anybody. */
import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { oneLine } from '../terminal.ts';

const form = z.object({
  text: z.string().optional(),
  context: z.array(z.string()).optional(),
  inventory: z.string().optional(),
  threshold: z.coerce.number().min(0).max(1).default(0),
});
type Options = z.infer<typeof form>;

export function defineRoute(program: Command, act: Act): void {
  program
    .command('route')
    .description('Show how the router understands questions, and score it on a file of phrasings')
    .argument('[file]', 'JSON lines {text, context?, expect: {agent, entities}}; - reads standard input')
    .option('--text <question>', 'Understand this one question instead of scoring a file')
    .option(
      '--context <question>',
      'A question that was asked before; may be given several times',
      (one, all: string[]) => [...all, one],
      [],
    )
    .option('--network <name>', 'Whose names are meant: refnet:s|m|l|xl, an example or a YAML file (preset: refnet:m)')
    .option('--topology <name>', 'The same')
    .option('--inventory <file>', 'Or the names of an inventory: the output of `wayleave inventory list --json`')
    .option('--threshold <share>', 'Exit code 20 when the accuracy is below this, 0 to 1 (preset: 0)')
    .addHelpText(
      'after',
      `
Examples:
  wayleave route --text "why can branch 2 not reach the ERP, and is br1 ok?"
  wayleave route --text "and branch 3?" --context "why is br2 down" --json
  wayleave route phrasings.jsonl --threshold 0.95
  wayleave route phrasings.jsonl --network shops --json > scored.json

One line of the file, with everything that may be in it:
  {"text": "and branch 2?", "context": ["why is branch 1 down"], "network": "refnet:m",
   "expect": {"agent": "troubleshooter", "entities": ["br2", "application/erp"]}}

agent      troubleshooter, health-monitor, threat-watcher, experience-optimizer, compliance-auditor, or router
           for what the router answers itself: lists, help, a question back, a text that it does not understand.
entities   Names as people say them or as resources: br2, br2_edge, circuit/br2/mpls, application/erp, user/bob.
           Only the kinds that are named are compared, and of these all must be found and no other; where
           something leads to ("reach the data centre") may be named or not. [] means that no place is named.
expect     A list of such objects when the text asks several questions, in their order.

Nothing is sent anywhere and nothing needs to run. docs/router.md explains how a question is read.

Exit codes: 0 scored · 2 a line is not understood · 20 the accuracy is below --threshold`,
    )
    .action(act(form, route));
}

export async function route(cli: Cli, options: Options, [file]: readonly string[]): Promise<number> {
  const { text, context = [], inventory, threshold } = options;
  if ((text === undefined) === (file === undefined))
    throw new WayleaveError('USAGE', 'Give either a file of phrasings or --text with one question.');
  const { MAX_BYTES, parsePhrasings, scorePhrasing, summarisePhrasings } = await import(
    '../../../agents/router/score-phrasings.ts'
  );
  const inventoryOf = await openInventories(cli, inventory);
  const now = cli.now();
  if (text !== undefined) {
    const { routeText } = await import('../../../agents/router/route.ts');
    let before: ReturnType<typeof routeText>[number] | undefined;
    for (const one of context) before = routeText(one, inventoryOf(undefined), { before, now }).at(-1);
    const readings = routeText(text, inventoryOf(undefined), { before, now });
    if (cli.json) cli.emit({ readings });
    else for (const reading of readings) sayReading(cli, reading);
    return 0;
  }
  const { phrasings, errors } = parsePhrasings(readText(file ?? '-', MAX_BYTES));
  if (errors.length > 0) {
    const shown = errors.slice(0, 5).map(({ line, message }) => `${file}:${line}: ${message}`);
    const more = errors.length > shown.length ? ` (and ${errors.length - shown.length} more lines)` : '';
    throw new WayleaveError('PHRASINGS_INVALID', `${shown.join('; ')}${more}`);
  }
  if (phrasings.length === 0) throw new WayleaveError('PHRASINGS_INVALID', `${file}: has no line to score`);
  const cases = phrasings.map((one) => scorePhrasing(one, inventoryOf(one.network, `${file}:${one.line}`), now));
  const summary = summarisePhrasings(cases);
  if (cli.json) cli.emit({ cases, summary });
  else {
    for (const one of cases.filter(({ right }) => !right)) {
      const wanted = one.expect.map(({ agent, entities }) => `${agent} ${entities.join(',')}`.trim()).join(' + ');
      const got = one.got.map(({ agent, entities }) => `${agent} ${entities.join(',')}`.trim()).join(' + ');
      cli.terminal.data(`${oneLine(file)}:${one.line}: ${oneLine(one.text).slice(0, 100)}`);
      cli.terminal.data(`    expected ${oneLine(wanted)}; got ${oneLine(got)}`);
    }
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
    cli.terminal.data(
      `${summary.cases} phrasings, ${percent(summary.accuracy)} right (agent ${percent(summary.agent_accuracy)}, entities ${percent(summary.entity_accuracy)})`,
    );
  }
  return summary.accuracy < threshold ? 20 : 0;
}

function readText(file: string, limit: number): string {
  try {
    if (file !== '-' && statSync(file).size > limit)
      throw new WayleaveError('PHRASINGS_INVALID', `${file}: larger than ${limit} bytes`);
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    if (error instanceof WayleaveError) throw error;
    throw new WayleaveError('PHRASINGS_INVALID', `${file}: there is no such file, or it cannot be read`);
  }
}

/** Gives the inventory of a network by name, each built once; of the run when a line names none. */
async function openInventories(cli: Cli, file: string | undefined) {
  const { inventorySchema } = await import('../../../agents/inventory.ts');
  const { describeTopology } = await import('../../../scenarios/describe-topology.ts');
  const { loadTopology } = await import('../../../simulators/topologies/load-topology.ts');
  const { ModelError } = await import('../../../simulators/model/network.ts');
  const given = file === undefined ? undefined : parseInventoryFile(file, inventorySchema);
  const built = new Map<string, ReturnType<typeof describeTopology>>();
  const preset = cli.config.network === '' ? 'refnet:m' : cli.config.network;
  return (name: string | undefined, where = '--network') => {
    if (given !== undefined && name === undefined) return given;
    const network = name ?? preset;
    const kept = built.get(network);
    if (kept !== undefined) return kept;
    try {
      const made = describeTopology(loadTopology(network, { tenant: 'acme', seed: cli.config.seed, tenantIndex: 0 }));
      built.set(network, made);
      return made;
    } catch (error) {
      if (error instanceof ModelError) throw new WayleaveError('TOPOLOGY_INVALID', `${where}: ${error.message}`);
      throw error;
    }
  };
}

/** `{devices, circuits, hosts}`, or the same with circuits and hosts under `topology` as `wayleave inventory list --json` prints it. */
function parseInventoryFile<Known>(file: string, schema: z.ZodType<Known>): Known {
  const MAX_INVENTORY = 100_000_000;
  let json: unknown;
  try {
    json = JSON.parse(readText(file, MAX_INVENTORY));
  } catch {
    throw new WayleaveError('TOPOLOGY_INVALID', `${file}: is no JSON, or cannot be read`);
  }
  const outer = z.looseObject({ topology: z.looseObject({}).optional() }).safeParse(json).data;
  const parsed = schema.safeParse(outer?.topology === undefined ? json : { ...outer, ...outer.topology });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new WayleaveError(
    'TOPOLOGY_INVALID',
    `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not an inventory'}`,
  );
}

interface Said {
  readonly question: string;
  readonly agent: string;
  readonly entities: readonly { readonly name: string; readonly part: string }[];
  readonly time?: { readonly from: string; readonly to: string } | undefined;
  readonly ask?: string | undefined;
  readonly because: readonly string[];
}

function sayReading({ terminal: { data, style } }: Cli, { question, agent, entities, time, ask, because }: Said): void {
  data(`${style.bold(agent)}  ${oneLine(question).slice(0, 200)}`);
  const about = entities.map(({ name, part }) => (part === 'subject' ? name : `${name} (${part})`)).join(', ');
  data(`  about    ${oneLine(about) || 'the whole network'}`);
  if (time !== undefined) data(`  time     ${time.from} to ${time.to}`);
  if (ask !== undefined) data(`  asks     ${oneLine(ask)}`);
  if (because.length > 0) data(`  because  ${oneLine(because.join(', '))}`);
}
