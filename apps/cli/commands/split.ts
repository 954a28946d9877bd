/** `wayleave split`: writes what broker, agents and workers need to run in containers and networks of their own. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';

const host = z
  .string()
  .regex(
    /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    'give a host name',
  );
const form = z.object({ brokerHost: host, agentsHost: host, out: z.string().min(1) });

export function defineSplit(program: Command, act: Act): void {
  program
    .command('split')
    .description('Write the files with which broker, agents and workers run in containers of their own')
    .requiredOption('--broker-host <name>', 'Name under which people and agents reach the broker')
    .requiredOption('--agents-host <name>', 'Name under which people reach the agents')
    .requiredOption('--out <folder>', 'Gets a folder each: broker, agents, worker')
    .addHelpText(
      'after',
      `
Each part is given its own folder and no other: the broker gets no key of an agent, the agents get none of the broker.
The key that signs what is launched stays in --home. Run it again, with the same --home, for each new version of the
program or model, and for new certificates (398 days). See docs/deployment.md.

Examples:
  wayleave split --broker-host wayleave.example --agents-host agents.wayleave.example --out parts --home ./split-home
  WAYLEAVE_PART=broker WAYLEAVE_PART_FOLDER=parts/broker wayleave up --inventory devices.json
  WAYLEAVE_PART=agents WAYLEAVE_PART_FOLDER=parts/agents wayleave up
  WAYLEAVE_PART_FOLDER=parts/worker wayleave worker`,
    )
    .action(act(form, split));
}

export async function split(cli: Cli, options: z.infer<typeof form>): Promise<number> {
  const folders = await cli.doors.split(cli.config, options);
  if (cli.json) cli.emit({ folders });
  else for (const folder of folders) cli.terminal.data(folder);
  return 0;
}
