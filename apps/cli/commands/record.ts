/** `wayleave record`: keeps what the broker sees of a network as a story that can be replayed, and scored once somebody knows. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { z } from 'zod';
import type { Domain } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import type { McpClient } from '../../client/mcp-client.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';

const MAX_TIMES = 1_000;
const pairText = z
  .string()
  .regex(/^[a-z0-9_]+@\S+$/, 'give TYPE@RESOURCE, e.g. link_down@circuit/br1/mpls')
  .transform((text) => ({ fault_type: text.slice(0, text.indexOf('@')), resource: text.slice(text.indexOf('@') + 1) }));

const form = asForm.extend({
  title: z.string().min(1).max(200).default('What was seen'),
  id: z
    .string()
    .regex(/^[A-Z]\d{2}$/, 'give a letter and two digits')
    .default('Z01'),
  question: z.string().min(3).max(500).optional(),
  times: z.coerce.number('give a number').int('give a whole number').min(1).max(MAX_TIMES).default(1),
  every: z.coerce.number('give seconds').int('give whole seconds').min(1).max(86_400).default(60),
  probes: z.boolean().default(true),
  service: z.string().min(1).max(100).optional(),
  cause: z.array(pairText).default([]),
  healthy: z.boolean().default(false),
  force: z.boolean().default(false),
});

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export function defineRecord(program: Command, act: Act): void {
  withAs(program.command('record'))
    .description('Keep what the broker sees of the network now, as a story to replay')
    .argument('<story.yaml>', 'The story to write; what was seen goes into a file beside it (.jsonl)')
    .option('--title <text>', 'What it is about')
    .option('--id <id>', 'Its id, a letter and two digits (preset: Z01)')
    .option('--question <text>', 'What was asked')
    .option('--times <n>', 'How often to look (preset: 1)')
    .option('--every <seconds>', 'Time between two looks (preset: 60)')
    .option('--no-probes', 'Send no test traffic: only read')
    .option('--service <name>', 'Application whose server the probes try (preset: erp)')
    .option('--cause <type@resource>', 'What was broken, if you know; also several times', collect)
    .option('--healthy', 'Nothing was broken')
    .option('--force', 'Write over files that are there')
    .addHelpText(
      'after',
      `
Examples:
  wayleave record monday.yaml --as operator@acme
  wayleave record monday.yaml --times 10 --every 60 --as operator@acme       ten looks; Ctrl-C keeps those so far
  wayleave record cut.yaml --cause link_down@circuit/br1/mpls --as operator@acme
  wayleave replay monday.yaml                                                 what does the diagnosis say of it?

Every look makes all reads and probes that a diagnosis could want, in your name and through your policies. Secrets,
keys and people are taken out; addresses and names of devices stay. Without --cause or --healthy the story has no
\`expect\`: write it in later, and the replay is scored. docs/scenarios.md tells more.

Exit codes: 0 written · 2 an option or file that makes no sense · 4 not authenticated`,
    )
    .action(act(form, record));
}

export async function record(cli: Cli, options: z.infer<typeof form>, [file = '']: readonly string[]): Promise<number> {
  const data = dataFile(file, options.force);
  if (options.healthy && options.cause.length > 0)
    throw new WayleaveError('USAGE', '--healthy says that nothing was broken, and --cause that something was.');
  const { isCondition } = await import('../../../scenarios/replay/plan.ts');
  for (const { fault_type: type } of options.cause) isCondition(type, '--cause');
  const person = await cli.person(options.as);
  const { recordNetwork } = await import('../../recording/record-network.ts');
  const { redactReads } = await import('../../recording/redact-reads.ts');
  const { writeRecording } = await import('../../../scenarios/recording/recording.ts');
  const clients = new Map<Domain, McpClient>();
  const clientFor = async (domain: Domain): Promise<McpClient> => {
    const known = clients.get(domain) ?? (await person.tools(domain));
    clients.set(domain, known);
    return known;
  };
  const began = new Date(cli.now()).toISOString();
  try {
    const { times, every, probes, service } = options;
    const seen = await recordNetwork(
      {
        call: async (domain, tool, args) => (await clientFor(domain)).callTool(tool, args),
        now: cli.now,
        pause: (ms) => cli.pause(ms),
        progress: (text) => cli.terminal.talk(text),
        stop: cli.interrupted,
      },
      { times, everyMs: every * 1_000, probes, ...(service === undefined ? {} : { service }) },
    );
    const reads = redactReads(seen);
    if (reads.length === 0)
      throw new WayleaveError('USAGE', 'Nothing was recorded: it was broken off before the first look.');
    writeFileSync(data, writeRecording(began, reads), { mode: 0o600 });
    writeFileSync(file, writeStory(options, path.basename(data)), { mode: 0o600 });
    const evidence = reads.reduce((sum, one) => sum + (one.evidence?.length ?? 0), 0);
    const refused = reads.filter((one) => one.refused !== undefined).length;
    const moments = new Set(reads.map(({ moment }) => moment)).size;
    if (cli.json) cli.emit({ story: file, recording: data, moments, reads: reads.length, refused, evidence });
    else
      cli.terminal.data(
        `${file}: ${moments} ${moments === 1 ? 'look' : 'looks'}, ${reads.length} reads, ${evidence} records${refused === 0 ? '' : `, ${refused} reads refused`}. Now: wayleave replay ${file}`,
      );
    return 0;
  } finally {
    await Promise.all([...clients.values()].map((client) => client.close()));
  }
}

/** Where what was seen goes. Said before an hour of looking, not after. */
function dataFile(file: string, force: boolean): string {
  if (!/\.ya?ml$/.test(file)) throw new WayleaveError('USAGE', `${file}: give a name that ends in .yaml.`);
  const data = file.replace(/\.ya?ml$/, '.jsonl');
  const there = [file, data].find((one) => existsSync(one));
  if (there !== undefined && !force)
    throw new WayleaveError('USAGE', `${there} is there already; --force writes over it.`);
  try {
    writeFileSync(data, '', { flag: 'a', mode: 0o600 });
  } catch {
    throw new WayleaveError('USAGE', `${data} cannot be written.`);
  }
  return data;
}

function writeStory({ id, title, question, cause, healthy }: z.infer<typeof form>, recorded: string): string {
  const known = healthy || cause.length > 0;
  const story = {
    ...{ id, title, recorded },
    ...(question === undefined ? {} : { question }),
    ...(known ? { expect: healthy ? { verdict: 'healthy' } : { verdict: 'root-cause', causes: cause } } : {}),
  };
  const open = `# What was so? With this part the replay is scored:
# expect:
#   verdict: root-cause
#   causes: [{ resource: circuit/br1/mpls, fault_type: link_down }]
`;
  return `${stringify(story)}${known ? '' : open}`;
}
