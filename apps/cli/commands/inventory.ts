/** `wayleave inventory`: the devices of your tenant, as the broker knows them. */
import type { Command } from 'commander';
import type { z } from 'zod';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { defineImport } from './inventory-import.ts';

export function defineInventory(program: Command, act: Act): void {
  const inventory = program
    .command('inventory')
    .helpCommand(false)
    .description('See what your tenant has, and take over what another inventory knows');
  withAs(inventory.command('list', { isDefault: true }))
    .description('List devices; --json also has circuits, hosts and addresses')
    .addHelpText('after', '\nExample:\n  wayleave inventory list --as operator@acme')
    .action(act(asForm, listInventory));
  defineImport(inventory, act);
}

export async function listInventory(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const view = await control.inventory();
  if (cli.json) {
    cli.emit(view);
    return 0;
  }
  const rows = view.devices.map((one) => {
    const circuits = view.topology.circuits.filter(({ device }) => device === one.name).map(({ color }) => color);
    return [one.name, one.role, one.site, one.systemIp, String(one.asn ?? '-'), circuits.join(',') || '-'];
  });
  printRows(cli, view.devices, ['DEVICE', 'ROLE', 'SITE', 'SYSTEM IP', 'AS', 'CIRCUITS'], rows);
  return 0;
}
