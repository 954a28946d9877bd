/** `wayleave scenarios`: which incidents there are, and which of them can be told as a story. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';

const listForm = z.object({ catalogue: z.string().optional() });
const checkForm = z.object({});

export function defineScenarios(program: Command, act: Act): void {
  const scenarios = program
    .command('scenarios')
    .helpCommand(false)
    .description('See the catalogue of incidents, and check a story of your own')
    .addHelpText(
      'after',
      `
Examples:
  wayleave scenarios list                       every incident of the catalogue, and which of them the demo tells
  wayleave scenarios list --catalogue my.json   a catalogue of your own
  wayleave scenarios check my-story.yaml        is it well-formed? (docs/scenarios.md)
  wayleave scenarios schema > story.schema.json the form of a story, for editors (JSON Schema)`,
    );
  scenarios
    .command('list', { isDefault: true })
    .description('List the incidents of the catalogue')
    .option('--catalogue <file>', 'Another catalogue (preset: the one that ships)')
    .action(act(listForm, listScenarios));
  scenarios
    .command('check')
    .description('Check a story without running it')
    .argument('<file>', 'YAML file, or the id of a story that ships')
    .action(act(checkForm, checkScenario));
  scenarios
    .command('schema')
    .description('Print the form of a story as JSON Schema')
    .action(act(checkForm, showSchema));
}

/** The same text with and without --json: it is JSON. */
async function showSchema(cli: Cli): Promise<number> {
  const { writeStorySchema } = await import('../../../scenarios/story-form.ts');
  cli.terminal.data(JSON.stringify(writeStorySchema(), null, 2));
  return 0;
}

export async function listScenarios(cli: Cli, { catalogue }: z.infer<typeof listForm>): Promise<number> {
  const { loadCatalogue } = await import('../../../scenarios/catalogue.ts');
  const { CONTAINMENT_TOUR_IDS, EXPERIENCE_IDS, TOUR_IDS } = await import('../../../scenarios/story.ts');
  const { incidents } = catalogue === undefined ? loadCatalogue() : loadCatalogue(catalogue);
  const told: readonly string[] = [...TOUR_IDS, ...EXPERIENCE_IDS, ...CONTAINMENT_TOUR_IDS];
  const rows = incidents.map(({ id, title, domain, severity, fault_type, min_size }) => ({
    id,
    title,
    domain,
    severity,
    fault_type,
    min_size,
    demo: told.includes(id),
  }));
  if (cli.json) cli.emit({ incidents: rows });
  else
    printRows(
      cli,
      rows,
      ['ID', 'DEMO', 'SEVERITY', 'DOMAIN', 'FROM SIZE', 'TITLE'],
      rows.map((row) => [row.id, row.demo ? 'yes' : 'no', row.severity, row.domain, row.min_size, row.title]),
    );
  return 0;
}

export async function checkScenario(cli: Cli, _: object, [file = '']: readonly string[]): Promise<number> {
  const { checkStory } = await import('../../../scenarios/check-story.ts');
  const { loadAnyStory } = await import('../../../scenarios/story.ts');
  const any = loadAnyStory(file);
  if ('recorded' in any) {
    const { readRecording } = await import('../../../scenarios/recording/recording.ts');
    const { moments } = readRecording(any.file);
    if (cli.json) cli.emit({ id: any.id, title: any.title, recorded: any.recorded, moments: moments.length });
    else cli.terminal.data(`${any.id} is well-formed: ${any.title}; a recording of ${moments.length} moments.`);
    return 0;
  }
  const { id, title, branch, symptoms, stays_healthy: healthy } = checkStory(file);
  if (cli.json) cli.emit({ id, title, branch, symptoms: symptoms.length, stays_healthy: healthy.length });
  else
    cli.terminal.data(
      `${id} is well-formed: ${title}; ${symptoms.length} symptoms, ${healthy.length} that stay healthy.`,
    );
  return 0;
}
