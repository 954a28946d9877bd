/** `wayleave keys`: which keys sign, authenticate and encrypt, and their rotation while everything runs. */
import type { Command } from 'commander';
import type { z } from 'zod';
import type { KeyReport } from '../../../broker/identity/key-desk.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';

export function defineKeys(program: Command, act: Act): void {
  const keys = program
    .command('keys')
    .helpCommand(false)
    .description('See and rotate keys')
    .addHelpText(
      'after',
      `
Examples:
  wayleave keys list --as admin@acme
  wayleave keys rotate tokens --as admin@acme     new tokens under a new key; those given out stay good for their minutes
  wayleave keys rotate agents --as admin@acme     a new key for every agent and worker
  wayleave keys rotate policy --as admin@acme     bundles are signed with a new key; the old one holds until it is retired
  wayleave keys rotate vault --as admin@acme      device credentials sealed anew under a new master key
  wayleave keys rotate audit --as admin@acme      the audit log signs with a new key, which its old one names

Nothing stops meanwhile. Only the names of keys are ever shown.`,
    );
  withAs(keys.command('list', { isDefault: true }))
    .description('List the keys in use')
    .action(act(asForm, listKeys));
  withAs(keys.command('rotate'))
    .description('Put a new key in the place of the present one')
    .argument('<kind>', 'tokens, agents, policy, vault or audit')
    .action(act(asForm, rotate));
}

export async function listKeys(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { identity } = await cli.person(options.as);
  print(cli, await identity.keys());
  return 0;
}

export async function rotate(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [kind = '']: readonly string[],
): Promise<number> {
  const { identity } = await cli.person(options.as);
  print(
    cli,
    (await identity.rotateKey(kind)).filter((one) => one.kind === kind),
  );
  return 0;
}

function print(cli: Cli, found: readonly KeyReport[]): void {
  const rows = found.map(({ kind, of, id, status }) => [kind, of, id, status]);
  printRows(cli, found, ['KIND', 'OF', 'KEY', 'STATUS'], rows);
}
