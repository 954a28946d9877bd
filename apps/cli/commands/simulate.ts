/** `wayleave simulate`: the simulated network alone, on real protocols, until Ctrl-C. */
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import { interruption } from '../interruption.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printable, table } from '../terminal.ts';

/** Settings among the options have been read with the configuration. */
const form = z.object({
  tenant: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'give a name like acme'),
  snmpCommunity: z.string().min(1).max(64).optional(),
  monitor: z.boolean().optional(),
});

/** The part of the inventory that a person is shown; the whole goes out with --json. */
const inventoryForm = z.object({
  tenants: z.array(
    z.object({
      tenant: z.string(),
      devices: z.array(
        z.object({
          name: z.string(),
          role: z.string(),
          endpoint: z.object({
            netconf: z.object({ host: z.string(), port: z.number() }).optional(),
            snmp: z.object({ host: z.string(), port: z.number() }).optional(),
            rest: z.object({ baseUrl: z.string() }).optional(),
          }),
        }),
      ),
    }),
  ),
});

export function defineSimulate(program: Command, act: Act): void {
  program
    .command('simulate')
    .description('Start the simulated network alone and print how its devices are reached; Ctrl-C stops it')
    .option('--network <name>', 'refnet:s|m|l|xl, refnet:<branches>, an example or a YAML file (preset: refnet:m)')
    .option('--topology <name>', 'The same')
    .option('--tenant <name>', 'Name of its tenant', 'acme')
    .option('--seed <n>', 'Seed of the network')
    .option('--speed <n>', 'How much faster than real time it runs')
    .option('--informs <yes|no>', 'Devices tell by informs, repeated until acknowledged, instead of traps')
    .option('--imperfections <knobs>', 'What telemetry lacks: lost=0.02,statistics=60,… (docs/simulator.md)')
    .option(
      '--monitor',
      'Also an account `monitor` on every device, which may look and not touch (printed with --json)',
    )
    .option('--snmp-community <text>', 'Also answer SNMPv2c with this community: nothing protects it')
    .addHelpText(
      'after',
      `
Examples:
  wayleave simulate --network refnet:l --json > inventory.json    endpoints, keys and passwords of every device
  wayleave simulate --topology my-network.yaml --seed 7           docs/topologies.md explains the file
  wayleave simulate --monitor --snmp-community public --json      for tools of others: docs/simulator.md
  wayleave fault inject link_down interface/br1_edge/ge0/0 --tenant acme    from another terminal

Exit codes: 0 stopped by Ctrl-C · 1 it could not start, or ended by itself`,
    )
    .action(act(form, simulate));
}

export async function simulate(cli: Cli, { tenant, snmpCommunity, monitor }: z.infer<typeof form>): Promise<number> {
  const { talk, data, style } = cli.terminal;
  const network = cli.config.network === '' ? 'refnet:m' : cli.config.network;
  talk(style.dim(`building ${printable(network)}, seed ${cli.config.seed}`));
  let sayCrash: (detail: string) => void = () => undefined;
  const crashed = new Promise<string>((resolve) => {
    sayCrash = resolve;
  });
  const started = await cli.doors.startSimulation({
    home: cli.config.home,
    tenants: [{ name: tenant, network }],
    seed: cli.config.seed,
    speed: cli.config.speed,
    informs: cli.config.informs === 'yes',
    imperfections: cli.config.imperfections,
    ...(snmpCommunity === undefined ? {} : { community: snmpCommunity }),
    ...(monitor === undefined ? {} : { monitor }),
    onCrash: (detail, lastLines) => sayCrash([detail, ...lastLines].join('\n')),
  });
  let crash: string | undefined;
  try {
    const { inventory, control, monitors } = started.ready;
    if (cli.json) cli.emit({ network, inventory, control, ...(monitor === true ? { monitors } : {}) });
    else {
      for (const line of table(['DEVICE', 'ROLE', 'NETCONF', 'SNMP', 'REST'], rowsOf(inventory))) data(line);
      data('');
      data(`faults   ${control.url}`);
      talk('Keys and passwords: --json. Ctrl-C stops it.');
    }
    crash = await Promise.race([crashed, interruption(cli.interrupted)]);
  } finally {
    await started.stop();
  }
  if (crash === undefined) return 0;
  throw new WayleaveError('UNAVAILABLE', `The simulated network ended: ${printable(crash)}`);
}

const rowsOf = (inventory: unknown): readonly (readonly string[])[] =>
  inventoryForm.parse(inventory).tenants.flatMap(({ devices }) =>
    devices.map(({ name, role, endpoint }) => {
      const at = (one: { readonly host: string; readonly port: number } | undefined) =>
        one === undefined ? '-' : `${one.host}:${one.port}`;
      return [name, role, at(endpoint.netconf), at(endpoint.snmp), endpoint.rest?.baseUrl ?? '-'];
    }),
  );
