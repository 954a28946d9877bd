/** `wayleave fault`: breaks the simulated network on purpose and repairs it; there is no such door to a real one. */
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';

const none = z.object({});
const seconds = z.coerce.number('give seconds').min(0, 'give seconds').optional();
const injectForm = z.object({
  tenant: z.string(),
  intensity: z.coerce.number('give a number').positive('give more than 0').max(10, 'give at most 10').optional(),
  after: seconds,
  lasts: seconds,
});
const placesForm = z.object({ tenant: z.string() });
const personaForm = z.object({
  tenant: z.string(),
  step: z.coerce
    .number('give a whole number')
    .int()
    .min(1, 'give at least 1')
    .max(1_000, 'give at most 1000')
    .optional(),
});
const personasForm = z.array(z.object({ name: z.string(), protocol: z.string(), does: z.string() }));
const typesForm = z.array(z.object({ type: z.string(), kinds: z.array(z.string()), mechanism: z.string() }));
const faultsForm = z.array(z.object({ id: z.string(), tenant: z.string(), type: z.string(), resource: z.string() }));
const refusal = z.object({ error: z.string(), message: z.string() });

export function defineFault(program: Command, act: Act): void {
  const fault = program
    .command('fault')
    .helpCommand(false)
    .description('Break the simulated network, and repair it')
    .addHelpText(
      'after',
      `
Examples:
  wayleave fault list                                                 active faults, types and what can bear them
  wayleave fault places link_down --tenant acme                       where it can be injected
  wayleave fault inject bgp_asn_mismatch node/br2_edge --tenant acme
  wayleave fault inject circuit_jitter circuit/br1/mpls --tenant acme --intensity 2 --after 60 --lasts 600
  wayleave fault clear flt_1
  wayleave fault persona br1_edge drops-session --tenant acme --step 3    a device that is trouble to its manager
  wayleave fault persona br1_edge none --tenant acme                      well again`,
    );
  fault
    .command('list', { isDefault: true })
    .description('List active faults and all types')
    .action(act(none, listFaults));
  fault
    .command('places')
    .description('List the resources that can bear a fault')
    .argument('<type>', 'E.g. link_down')
    .requiredOption('--tenant <tenant>', 'Whose network')
    .action(act(placesForm, listPlaces));
  fault
    .command('inject')
    .description('Inject a fault')
    .argument('<type>', 'E.g. link_down')
    .argument('<resource>', 'E.g. interface/br1_edge/ge0/0')
    .requiredOption('--tenant <tenant>', 'Whose network')
    .option('--intensity <n>', "How bad, as a multiple of the catalogue's figure (where a fault has a degree)")
    .option('--after <seconds>', "Begin later, by the network's clock")
    .option('--lasts <seconds>', 'End by itself')
    .action(act(injectForm, injectFault));
  fault
    .command('clear')
    .description('Clear a fault')
    .argument('<id>', 'As `fault list` shows it')
    .action(act(none, clearFault));
  fault
    .command('personas')
    .description('List the ways in which a device can be trouble to who manages it')
    .action(act(none, listPersonas));
  fault
    .command('persona')
    .description('Make a device behave so until told otherwise; `none` is as it should be')
    .argument('<device>', 'E.g. br1_edge')
    .argument('<persona>', 'As `fault personas` lists them, or none')
    .requiredOption('--tenant <tenant>', 'Whose network')
    .option('--step <k>', 'Which rpc of a session it is, for drops-session (preset: 1)')
    .action(act(personaForm, setPersona));
}

export async function listFaults(cli: Cli): Promise<number> {
  const faults = await askSimulators(cli, 'GET', '/faults', faultsForm);
  const types = await askSimulators(cli, 'GET', '/fault-types', typesForm);
  if (cli.json) {
    cli.emit({ faults, types });
    return 0;
  }
  const { talk, style } = cli.terminal;
  talk(style.bold('Active faults'));
  printRows(
    cli,
    faults,
    ['ID', 'TENANT', 'TYPE', 'RESOURCE'],
    faults.map(({ id, tenant, type, resource }) => [id, tenant, type, resource]),
  );
  talk(style.bold('Types'));
  printRows(
    cli,
    types,
    ['TYPE', 'BORNE BY', 'HOW'],
    types.map(({ type, kinds, mechanism }) => [type, kinds.join(','), mechanism]),
  );
  return 0;
}

export async function listPlaces(
  cli: Cli,
  { tenant }: z.infer<typeof placesForm>,
  [type = '']: readonly string[],
): Promise<number> {
  const query = new URLSearchParams({ tenant, type });
  const places = await askSimulators(cli, 'GET', `/bearers?${query.toString()}`, z.array(z.string()));
  if (cli.json) cli.emit({ type, tenant, places });
  else for (const place of places) cli.terminal.data(oneLine(place));
  return 0;
}

export async function injectFault(
  cli: Cli,
  { tenant, intensity, after, lasts }: z.infer<typeof injectForm>,
  [type = '', resource = '']: readonly string[],
): Promise<number> {
  const fault = { tenant, type, resource, intensity, after, lasts };
  const { id } = await askSimulators(cli, 'POST', '/faults', z.object({ id: z.string() }), fault);
  if (cli.json) cli.emit({ id, tenant, type, resource });
  else cli.terminal.data(`${oneLine(id)}: ${oneLine(type)} at ${oneLine(resource)} of ${oneLine(tenant)}`);
  return 0;
}

export async function clearFault(cli: Cli, _: object, [id = '']: readonly string[]): Promise<number> {
  await askSimulators(cli, 'DELETE', `/faults/${encodeURIComponent(id)}`, z.object({ cleared: z.string() }));
  if (cli.json) cli.emit({ cleared: id });
  else cli.terminal.data(`${oneLine(id)} is cleared.`);
  return 0;
}

export async function listPersonas(cli: Cli): Promise<number> {
  const personas = await askSimulators(cli, 'GET', '/personas', personasForm);
  if (cli.json) {
    cli.emit({ personas });
    return 0;
  }
  printRows(
    cli,
    personas,
    ['PERSONA', 'PROTOCOL', 'WHAT IT DOES'],
    personas.map(({ name, protocol, does }) => [name, protocol, does]),
  );
  return 0;
}

export async function setPersona(
  cli: Cli,
  { tenant, step }: z.infer<typeof personaForm>,
  [device = '', persona = '']: readonly string[],
): Promise<number> {
  const asked = { tenant, device, persona, step };
  await askSimulators(cli, 'POST', '/persona', z.object({ device: z.string(), persona: z.string() }), asked);
  if (cli.json) cli.emit({ tenant, device, persona });
  else cli.terminal.data(`${oneLine(device)} of ${oneLine(tenant)}: ${oneLine(persona)}`);
  return 0;
}

/** One request to the simulators' own door. What they refuse is `FAULT_INVALID` with their words. */
async function askSimulators<T>(cli: Cli, method: string, path: string, form: z.ZodType<T>, body?: object): Promise<T> {
  const { url, token } = cli.doors.simulators(cli.config.home);
  const response = await cli
    .fetch(`${url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      redirect: 'error',
      signal: cli.interrupted,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    .catch((error: unknown) => {
      if (cli.interrupted.aborted) throw error;
      throw new WayleaveError('UNAVAILABLE', 'The simulated network cannot be reached.');
    });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.status === 400) {
    const refused = refusal.safeParse(answer);
    throw new WayleaveError('FAULT_INVALID', refused.success ? refused.data.message : undefined);
  }
  const parsed = form.safeParse(answer);
  if (!response.ok || !parsed.success)
    throw new WayleaveError('UNAVAILABLE', `The simulated network answered with status ${response.status}.`);
  return parsed.data;
}
