/** `wayleave device`: what the broker knows of single devices, and the way out of quarantine. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { DeviceView } from '../../../broker/http/control-desk.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { showDevice } from '../render/show-device.ts';
import { oneLine } from '../terminal.ts';
import { certifyDevice, certifyForm } from './device-certify.ts';

const releaseForm = asForm.extend({ reason: z.string() });

export function defineDevice(program: Command, act: Act): void {
  const device = program
    .command('device')
    .helpCommand(false)
    .description('See, certify and release devices')
    .addHelpText(
      'after',
      `
Examples:
  wayleave device list --as operator@acme
  wayleave device show br2_edge --as operator@acme
  wayleave device certify br2_edge --as operator@acme      exit code 8: it waits for approval
  wayleave device release br2_edge --as admin@acme --reason "replaced on site; the new key is in the inventory"

A device goes into quarantine when it shows another identity than the pinned one, when it keeps a change that it should
have taken back, or when nobody knows what became of a change. It then takes no change, also after a restart, until
somebody with the role tenant-admin, security-analyst or provider-admin releases it.`,
    );
  withAs(device.command('list', { isDefault: true }))
    .description('List devices with their rung of the ladder and their quarantine')
    .action(act(asForm, listDevices));
  withAs(device.command('show'))
    .description('Show what is known of a device')
    .argument('<name>', 'br2_edge')
    .action(act(asForm, showOne));
  withAs(device.command('certify'))
    .description('Learn how a device takes changes back, by trials that an administrator approves')
    .argument('<name>', 'br2_edge')
    .option('--interface <port>', 'Port whose description is changed and put back (preset: the last one)')
    .option('--intent <id>', 'Go on with this proposal once it is approved')
    .action(act(certifyForm, certifyDevice));
  withAs(device.command('release'))
    .description('Take a device out of quarantine')
    .argument('<name>', 'br2_edge')
    .requiredOption('--reason <text>', 'What you found out; it is kept in the audit log')
    .action(act(releaseForm, releaseDevice));
}

const quarantineOf = ({ quarantine }: DeviceView): string => quarantine.map(({ reason }) => reason).join(',') || '-';

export async function listDevices(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const found = await control.devices();
  const rows = found.map((one) => [
    one.device.name,
    one.device.role,
    one.device.site,
    one.device.ladder ?? '-',
    one.certificate?.certifiedAt ?? '-',
    quarantineOf(one),
  ]);
  printRows(cli, found, ['DEVICE', 'ROLE', 'SITE', 'LADDER', 'CERTIFIED', 'QUARANTINE'], rows);
  return 0;
}

export async function showOne(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [name = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(options.as);
  const found = await control.device(name);
  if (cli.json) cli.emit(found);
  else for (const line of showDevice(found)) cli.terminal.data(line);
  return 0;
}

export async function releaseDevice(
  cli: Cli,
  options: z.infer<typeof releaseForm>,
  [name = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(options.as);
  const released = await control.releaseDevice(name, options.reason);
  if (cli.json) cli.emit({ released });
  else cli.terminal.data(`${oneLine(name)} is out of quarantine (${released.map(({ reason }) => reason).join(', ')}).`);
  return 0;
}
