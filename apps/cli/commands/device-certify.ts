/** `wayleave device certify`: has the broker learn how a device takes changes back, and shows what it learnt. */
import { z } from 'zod';
import type { Answer } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import { asForm } from '../as-option.ts';
import type { Cli, Person } from '../io.ts';
import { showChange } from '../render/show-change.ts';
import { showDevice } from '../render/show-device.ts';
import { oneLine } from '../terminal.ts';

const PENDING = 8;
export const certifyForm = asForm.extend({
  interface: z.string().optional(),
  intent: z.string().optional(),
});

export async function certifyDevice(
  cli: Cli,
  options: z.infer<typeof certifyForm>,
  [name = '']: readonly string[],
): Promise<number> {
  const person = await cli.person(options.as);
  const port = options.interface ?? (await lastPort(person, name));
  cli.terminal.talk(
    `Certifying ${oneLine(name)} on the description of ${oneLine(port)}; trials may take half a minute.`,
  );
  const answer = await callTool(person, 'inventory', 'device.certify', {
    target: { devices: [name] },
    input: { interface: port },
    purpose: 'chat:certify',
    ...(options.intent === undefined ? {} : { intent: options.intent }),
  });
  if (answer.status === 'pending') {
    showPending(cli, answer, name, port, person.user);
    return PENDING;
  }
  const device = await person.control.device(name);
  if (cli.json)
    cli.emit({ ...answer, ...(device.certificate === undefined ? {} : { certificate: device.certificate }) });
  else {
    const { receipt } = answer;
    cli.terminal.data(`${oneLine(answer.intent)} ${receipt?.outcome ?? 'done'}: ${oneLine(receipt?.detail)}`);
    for (const line of showDevice(device)) cli.terminal.data(line);
  }
  return answer.receipt?.outcome === 'succeeded' ? 0 : 1;
}

function showPending(
  cli: Cli,
  answer: Extract<Answer, { readonly status: 'pending' }>,
  name: string,
  port: string,
  user: string,
): void {
  const { data, talk, style } = cli.terminal;
  if (cli.json) cli.emit({ ...answer, interface: port });
  else {
    data(`${oneLine(answer.intent)} waits for approval ${style.yellow(oneLine(answer.approval))}`);
    for (const line of showChange(answer.summary, style)) data(line);
  }
  talk('When it is approved:');
  talk(`  wayleave device certify ${name} --interface ${port} --intent ${oneLine(answer.intent)} --as ${user}`);
}

async function callTool(
  person: Person,
  domain: 'inventory' | 'diagnostics',
  tool: string,
  args: Parameters<Awaited<ReturnType<Person['tools']>>['callTool']>[1],
): Promise<Answer> {
  const client = await person.tools(domain);
  try {
    return await client.callTool(tool, args);
  } finally {
    await client.close();
  }
}

/** The last port of the configuration: its description is all that is touched. */
async function lastPort(person: Person, device: string): Promise<string> {
  const answer = await callTool(person, 'diagnostics', 'config.read', {
    ...{ target: { devices: [device] }, input: { section: 'interfaces' }, purpose: 'chat:certify' },
  });
  const { childText, children, parseXml } = await import('../../../protocols/netconf/xml.ts'); // as heavy as all the rest
  const portsOf = (xml: string): readonly string[] => {
    try {
      return children(parseXml(xml), 'interface').flatMap((port) => childText(port, 'name') ?? []);
    } catch {
      return []; // what cannot be read names no port
    }
  };
  const chosen = (answer.status === 'done' ? answer.evidence : [])
    .flatMap(({ value }) => portsOf(String(value)))
    .at(-1);
  if (chosen === undefined)
    throw new WayleaveError('NOT_FOUND', `${device} has no port in its configuration; name one with --interface.`);
  return chosen;
}
