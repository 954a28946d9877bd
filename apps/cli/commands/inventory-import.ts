/** `wayleave inventory import`: takes devices over from NetBox, or from an inventory file; says first what would change. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import type { NewDevice } from '../../../broker/inventory/import-devices.ts';
import type { Difference } from '../../netbox/map-devices.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { oneLine } from '../terminal.ts';
import { importFile } from './inventory-file.ts';

const form = asForm.extend({
  netbox: z.url({ protocol: /^https?$/, error: 'give the URL of a NetBox' }).optional(),
  file: z.string().optional(),
  device: z.array(z.string()).default([]),
  tokenFile: z.string().optional(),
  netboxTenant: z.string().optional(),
  role: z.array(z.string()).default([]),
  credentials: z.string().optional(),
  dryRun: z.boolean().default(false),
  remove: z.boolean().default(false),
});

export function defineImport(inventory: Command, act: Act): void {
  withAs(inventory.command('import'))
    .description('Take devices over from NetBox or from an inventory file: what is new and what has changed')
    .option('--netbox <url>', 'Its address, e.g. https://netbox.example.com')
    .option('--file <file>', 'Inventory file (docs/real-devices.md): its devices, and the keys that it names now')
    .option(
      '--device <name>',
      'Only this device of the file; may be repeated',
      (one: string, all: readonly string[] | undefined) => [...(all ?? []), one],
    )
    .option('--token-file <file>', 'File with its API token (NETBOX_TOKEN in the environment)')
    .option('--netbox-tenant <slug>', 'Slug of the tenant there (the name of the tenant here)')
    .option(
      '--role <slug=role>',
      'What a role there is here: edge, hub or controller; may be repeated',
      (one: string, all: readonly string[] | undefined) => [...(all ?? []), one],
    )
    .option('--credentials <file>', 'How devices are reached, by name (docs/netbox.md)')
    .option('--dry-run', 'Only say what would change')
    .option('--remove', 'Also remove devices that NetBox does not have')
    .addHelpText(
      'after',
      `
Examples:
  wayleave inventory import --netbox https://netbox.example.com --token-file token --dry-run --as admin@acme
  wayleave inventory import --netbox https://netbox.example.com --role branch-router=edge --as admin@acme
  wayleave inventory import --file devices.json --device hq_edge --as admin@acme      a new key of one device, nothing stops

Only active devices with a known role and an address are taken over; the others are listed with the reason.
Exit codes: 0 nothing differs, or it was taken over · 20 a dry run found differences`,
    )
    .action(act(form, importInventory));
}

/** Devices of one request to the broker. */
const BATCH = 200;

export async function importInventory(cli: Cli, options: z.infer<typeof form>): Promise<number> {
  const { netbox: url, file } = options;
  if (file !== undefined && url === undefined) return importFile(cli, { ...options, file });
  if (url === undefined || file !== undefined)
    throw new WayleaveError('USAGE', 'Give the address of a NetBox by --netbox, or an inventory file by --file.');
  return importFromNetbox(cli, options, url);
}

async function importFromNetbox(cli: Cli, options: z.infer<typeof form>, url: string): Promise<number> {
  const token = readToken(options.tokenFile, cli.env);
  const { control, user } = await cli.person(options.as);
  const tenant = options.netboxTenant ?? user.split('@')[1] ?? '';
  const { readNetbox } = await import('../../netbox/read-netbox.ts');
  const { compareDevices, mapDevices } = await import('../../netbox/map-devices.ts');
  const { talk, data, style } = cli.terminal;
  const progress = (what: string, read: number, of: number): void => talk(style.dim(`${what}: ${read} of ${of}`));
  const netbox = await readNetbox({ fetch: cli.fetch, progress, signal: cli.interrupted }, url, token);
  if (!netbox.tenants.some(({ slug }) => slug === tenant)) {
    const known = netbox.tenants.map(({ slug }) => slug).slice(0, 20);
    throw new WayleaveError(
      'NOT_FOUND',
      `NetBox has no tenant ${oneLine(tenant)}. It has: ${oneLine(known.join(', ') || 'none')}. Say which with --netbox-tenant.`,
    );
  }
  const mapped = mapDevices(netbox, tenant, readRoles(options.role));
  const differences = compareDevices((await control.inventory()).devices, mapped.devices);
  const endpoints = await readEndpoints(options.credentials, cli.env);
  const put = [
    ...differences.flatMap((one) => ('device' in one ? [one.device] : [])),
    // Credentials alone are news, too: they cannot be compared, so they are put whenever they are given.
    ...mapped.devices.filter(({ name }) => endpoints.has(name) && !differences.some((one) => nameOf(one) === name)),
  ].map((device): NewDevice => withEndpoint(device, endpoints));
  const missing = differences.flatMap((one) => (one.kind === 'missing' ? [one.name] : []));
  const remove = options.remove ? missing : [];
  if (cli.json)
    cli.emit({
      tenant,
      differences,
      skipped: mapped.skipped,
      endpoints: [...endpoints.keys()],
      dryRun: options.dryRun,
    });
  else {
    for (const one of differences) data(printDifference(one, options.remove));
    for (const { device, why } of mapped.skipped) data(`  ${oneLine(device)}: left out, ${oneLine(why)}`);
    const count = (kind: string): number => differences.filter((one) => one.kind === kind).length;
    data(
      `${mapped.devices.length} devices in NetBox: ${count('add')} new, ${count('change')} changed, ${missing.length} only here, ${mapped.skipped.length} left out.`,
    );
  }
  if (options.dryRun) return put.length + remove.length === 0 ? 0 : 20;
  for (let at = 0; at < Math.max(put.length, remove.length); at += BATCH) {
    const part = { put: put.slice(at, at + BATCH), remove: remove.slice(at, at + BATCH) };
    await control.importDevices({ source: `NetBox ${new URL(url).host}`, ...part });
    talk(style.dim(`${Math.min(at + BATCH, put.length)} of ${put.length} taken over`));
  }
  return 0;
}

const nameOf = (one: Difference): string => ('device' in one ? one.device.name : one.name);

function printDifference(one: Difference, remove: boolean): string {
  if (one.kind === 'missing')
    return `${remove ? '-' : '?'} ${oneLine(one.name)}: only here${remove ? '' : ' (kept; --remove removes it)'}`;
  const { name, role, site, systemIp } = one.device;
  if (one.kind === 'add') return `+ ${oneLine(name)}: ${role} at ${oneLine(site)}, ${systemIp}`;
  return `~ ${oneLine(name)}: ${oneLine(one.fields.join(', '))}`;
}

function withEndpoint(
  device: NewDevice,
  endpoints: ReadonlyMap<string, NonNullable<NewDevice['endpoint']>>,
): NewDevice {
  const endpoint = endpoints.get(device.name);
  return endpoint === undefined ? device : { ...device, endpoint };
}

function readToken(file: string | undefined, env: Cli['env']): string {
  let token: string | undefined;
  try {
    token = file === undefined ? env['NETBOX_TOKEN'] : readFileSync(file, 'utf8');
  } catch {
    throw new WayleaveError('USAGE', `The file ${file} cannot be read.`);
  }
  const trimmed = token?.trim() ?? '';
  if (!/^[\x21-\x7e]{8,200}$/.test(trimmed))
    throw new WayleaveError('USAGE', 'Give an API token of NetBox by --token-file or NETBOX_TOKEN.');
  return trimmed;
}

/** Names of our own stand for themselves. */
function readRoles(pairs: readonly string[]): ReadonlyMap<string, NewDevice['role']> {
  const roles = new Map<string, NewDevice['role']>([
    ['edge', 'edge'],
    ['hub', 'hub'],
    ['controller', 'controller'],
  ]);
  for (const pair of pairs) {
    const [slug = '', name = ''] = pair.split('=');
    const role = roles.get(name);
    if (slug === '' || !['edge', 'hub', 'controller'].includes(name) || role === undefined)
      throw new WayleaveError('USAGE', `--role ${oneLine(pair)}: give SLUG=edge, SLUG=hub or SLUG=controller.`);
    roles.set(slug, role);
  }
  return roles;
}

async function readEndpoints(
  file: string | undefined,
  env: Cli['env'],
): Promise<ReadonlyMap<string, NonNullable<NewDevice['endpoint']>>> {
  if (file === undefined) return new Map();
  return (await import('../../netbox/credentials-file.ts')).readCredentials(file, env);
}
