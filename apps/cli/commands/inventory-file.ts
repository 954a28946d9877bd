/** `wayleave inventory import --file`: puts devices of an inventory file into a running installation, with the keys that it names now. */

import { WayleaveError } from '../../../broker/errors.ts';
import type { NewDevice } from '../../../broker/inventory/import-devices.ts';
import type { Cli } from '../io.ts';
import { oneLine } from '../terminal.ts';

export interface FileImport {
  readonly as?: string | undefined;
  readonly file: string;
  readonly device: readonly string[];
  readonly remove: boolean;
  readonly dryRun: boolean;
}

/** Devices of one request to the broker. */
const BATCH = 200;

/** The devices of the person's tenant; credentials cannot be compared, so that each device counts as one to put. */
export async function importFile(cli: Cli, { as, file, device, remove, dryRun }: FileImport): Promise<number> {
  const { loadInventory } = await import('../../inventory-file.ts');
  const document = loadInventory(file, cli.env);
  const { control, user } = await cli.person(as);
  const tenant = user.split('@')[1] ?? '';
  const found = document.tenants.find((one) => one.tenant === tenant);
  if (found === undefined) throw new WayleaveError('NOT_FOUND', `${oneLine(file)} has no tenant ${oneLine(tenant)}.`);
  const criticality = new Map(found.sites.map((site) => [site.name, site.criticality]));
  const unknown = device.filter((name) => !found.devices.some((one) => one.name === name));
  if (unknown.length > 0)
    throw new WayleaveError('NOT_FOUND', `${oneLine(file)} has no device ${oneLine(unknown.join(', '))}.`);
  const put = found.devices
    .filter(({ name }) => device.length === 0 || device.includes(name))
    .map((one): NewDevice => {
      const level = criticality.get(one.site);
      return level === undefined ? one : { ...one, criticality: level };
    });
  const here = (await control.inventory()).devices.map(({ name }) => name);
  const gone = remove ? here.filter((name) => !found.devices.some((one) => one.name === name)) : [];
  const rows = [
    ...put.map(({ name }) => ({ name, what: here.includes(name) ? ('change' as const) : ('add' as const) })),
    ...gone.map((name) => ({ name, what: 'remove' as const })),
  ];
  if (cli.json) cli.emit({ tenant, devices: rows, dryRun });
  else for (const { name, what } of rows) cli.terminal.data(`${SIGNS[what]} ${oneLine(name)}`);
  if (dryRun) return rows.length === 0 ? 0 : 20;
  for (let at = 0; at < Math.max(put.length, gone.length); at += BATCH)
    await control.importDevices({
      ...{ source: 'an inventory file', put: put.slice(at, at + BATCH), remove: gone.slice(at, at + BATCH) },
    });
  return 0;
}

const SIGNS = { add: '+', change: '~', remove: '-' } as const;
