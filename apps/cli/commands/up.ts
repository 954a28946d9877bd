/** `wayleave up`: starts everything, says where it is and who may log in, and stops it all at Ctrl-C. */
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import { interruption } from '../interruption.ts';
import type { Cli, Started } from '../io.ts';
import type { Act } from '../program.ts';
import { printable, table } from '../terminal.ts';

/** Settings among the options have been read with the configuration. */
const form = z.object({});

export function defineUp(program: Command, act: Act): void {
  program
    .command('up')
    .description(
      'Start everything: simulated network, broker with the console, witness and agents; Ctrl-C stops it all',
    )
    .option('--tenants <list>', 'Tenants and sizes, e.g. acme:m,globex:s (s 2, m 4, l 8 branches)')
    .option('--network <name>', 'Network of every tenant: refnet:<size>, an example or a YAML file')
    .option('--topology <name>', 'The same')
    .option('--inventory <file>', 'Real devices instead of a simulated network (docs/real-devices.md)')
    .option('--seed <n>', 'Seed of the simulated network')
    .option('--speed <n>', 'How much faster than real time it runs')
    .option('--informs <yes|no>', 'Devices tell by informs, repeated until acknowledged, instead of traps')
    .option('--imperfections <knobs>', 'What telemetry lacks: lost=0.02,statistics=60,… (docs/simulator.md)')
    .option('--broker-port <port>', 'Port of the broker on 127.0.0.1 (0: any free one)')
    .option('--agents-port <port>', 'Port of the agents on 127.0.0.1 (0: any free one)')
    .addHelpText(
      'after',
      `
Examples:
  wayleave up
  wayleave up --tenants acme:l --seed 7 --broker-port 0 --agents-port 0
  wayleave up --topology my-network.yaml   a network of your own (docs/topologies.md)
  wayleave up --inventory devices.json  real devices (docs/real-devices.md)
  wayleave up --json > running.json     one object with URLs and logins, then it stays until Ctrl-C

Exit codes: 0 stopped by Ctrl-C · 1 a part could not start, or ended by itself`,
    )
    .action(act(form, up));
}

interface Crash {
  readonly name: string;
  readonly detail: string;
  readonly lastLines: readonly string[];
}

export async function up(cli: Cli): Promise<number> {
  const { talk, style } = cli.terminal;
  let sayCrash: (crash: Crash) => void = () => undefined;
  const crashed = new Promise<Crash>((resolve) => {
    sayCrash = resolve;
  });
  const started = await cli.doors.startInstallation({
    config: cli.config,
    progress: (line) => talk(style.dim(printable(line))),
    onCrash: (name, detail, lastLines) => sayCrash({ name, detail, lastLines }),
  });
  let crash: Crash | undefined;
  try {
    show(cli, started);
    crash = await Promise.race([crashed, interruption(cli.interrupted)]);
    talk(crash === undefined ? 'Stopping.' : `${style.red(`The ${crash.name} ended`)} (${printable(crash.detail)}).`);
  } finally {
    await started.stop();
  }
  if (crash === undefined) return 0;
  for (const line of crash.lastLines) talk(`  ${printable(line)}`);
  throw new WayleaveError('UNAVAILABLE', `The ${crash.name} ended (${crash.detail}); the others were stopped.`);
}

const consoleUrl = ({ brokerUrl }: Started['running']): string => `${brokerUrl}/console/`;

function show(cli: Cli, { running, logins }: Started): void {
  const { data, talk, style } = cli.terminal;
  if (cli.json) {
    cli.emit({ ...running, consoleUrl: consoleUrl(running), logins });
    return;
  }
  data(`console     ${consoleUrl(running)}`);
  data(`broker      ${running.brokerUrl}`);
  data(`agents      ${running.agentsUrl}`);
  data(`network     ${running.simulators?.url ?? cli.config.inventory}`);
  data('');
  const rows = logins.map(({ user, roles, password }) => [user, roles.join(','), password]);
  for (const line of table(['USER', 'ROLES', 'PASSWORD'], rows)) data(line);
  talk('');
  talk('From another terminal, these logins need no password:');
  talk(style.cyan('  wayleave ask "why can branch 2 not reach the data centre?" --as operator@acme'));
  talk('Ctrl-C stops everything.');
}
