/** `wayleave incidents`: the incidents of your tenant, which are records of the broker. */
import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { incidentFormat, incidentReportForm, reportIncident, showIncident } from './incident-report.ts';

export function defineIncidents(program: Command, act: Act): void {
  const incidents = program.command('incidents').helpCommand(false).description('See incidents of your tenant');
  withAs(incidents.command('list', { isDefault: true }))
    .description('List incidents')
    .addHelpText('after', '\nExample:\n  wayleave incidents list --as operator@acme')
    .action(act(asForm, listIncidents));
  withAs(incidents.command('show'))
    .description('What happened, when, and who did what about it')
    .argument('<incident>', 'inc_…')
    .action(act(asForm, showIncident));
  withAs(incidents.command('report'))
    .description('Write the report of an incident: timeline, evidence, impact, fix and time to repair')
    .argument('<incident>', 'inc_…')
    .addOption(new Option('--format <format>', 'Preset: markdown').choices(incidentFormat.options))
    .option('--out <file>', 'Instead of stdout')
    .addHelpText(
      'after',
      '\nExample:\n  wayleave incidents report inc_… --format html --out incident.html --as operator@acme',
    )
    .action(act(incidentReportForm, reportIncident));
}

export async function listIncidents(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const found = await control.incidents();
  const rows = found.map((one) => [
    one.id,
    one.severity,
    one.state,
    one.openedBy,
    one.openedAt,
    String(one.evidence.length),
    one.title,
  ]);
  printRows(cli, found, ['INCIDENT', 'SEVERITY', 'STATE', 'OPENED BY', 'OPENED AT', 'RECORDS', 'TITLE'], rows);
  return 0;
}
