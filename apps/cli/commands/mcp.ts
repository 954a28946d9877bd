/** `wayleave mcp`: the broker's MCP servers over stdio for somebody's own MCP client, and the configuration that such a client wants. */
import { addAbortSignal } from 'node:stream';
import type { ReadBuffer } from '@modelcontextprotocol/sdk/shared/stdio.js';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { DOMAINS, type Domain } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import type { Message } from '../../client/mcp-relay.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import { createMcpBridge } from '../mcp-bridge.ts';
import type { Act } from '../program.ts';
import { defineMcpScan } from './mcp-scan.ts';
import { defineMcpUpstream } from './mcp-upstream.ts';

/** Bytes that may wait for the end of their line; the broker has its own limit for one message. */
const MAX_WAITING_BYTES = 1_048_576;
/** JSON-RPC 2.0 §5.1. */
const PARSE_ERROR = -32700;

/** The key under which each client keeps its servers, in a file of its own. */
const CLIENTS = {
  'claude-code': 'mcpServers',
  'claude-desktop': 'mcpServers',
  cursor: 'mcpServers',
  vscode: 'servers',
} as const;
type ClientName = keyof typeof CLIENTS;
const CLIENT_NAMES = ['claude-code', 'claude-desktop', 'cursor', 'vscode'] as const satisfies readonly ClientName[];

const bridgeForm = asForm.extend({ domain: z.enum(DOMAINS).optional() });
const configForm = bridgeForm.extend({
  client: z.enum(CLIENT_NAMES),
  transport: z.enum(['stdio', 'http']).default('stdio'),
});

export function defineMcp(program: Command, act: Act): void {
  const mcp = program
    .command('mcp')
    .helpCommand(false)
    .description('Serve the tools that policy gives you to an MCP client of your own, over stdin and stdout')
    .addOption(new Option('--domain <domain>', 'Only the tools of this domain').choices(DOMAINS))
    .addHelpText(
      'after',
      `
Examples:
  wayleave login                             once: the client then works with the login that is kept
  wayleave mcp config --client vscode        prints what belongs into the client's configuration
  wayleave mcp config --client cursor --transport http
                                             for clients that log in by themselves (OAuth), in the browser
  wayleave mcp --domain wan                  what the client starts`,
    )
    .action(act(bridgeForm, serveMcp));
  withAs(mcp);
  withAs(mcp.command('config'))
    .description('Print the configuration of an MCP client')
    .addOption(new Option('--client <name>', 'Which client').choices(CLIENT_NAMES).makeOptionMandatory())
    .addOption(new Option('--transport <kind>', 'How it connects (preset: stdio)').choices(['stdio', 'http']))
    .addOption(new Option('--domain <domain>', 'Only the tools of this domain').choices(DOMAINS))
    .action(act(configForm, printConfig));
  defineMcpUpstream(mcp, act);
  defineMcpScan(mcp, act);
}

export async function serveMcp(cli: Cli, { as, domain }: z.infer<typeof bridgeForm>): Promise<number> {
  const person = await cli.person(as);
  const { findTool } = await import('../../../tools/registry.ts');
  const domains: readonly Domain[] = domain === undefined ? DOMAINS : [domain];
  const relays = new Map(await Promise.all(domains.map(async (one) => [one, await person.relay(one)] as const)));
  const bridge = createMcpBridge({ relays, domainOf: (tool) => findTool(tool)?.domain });
  const write = (message: Message | undefined): void => {
    if (message !== undefined) cli.stdout.write(`${JSON.stringify(message)}\n`);
  };
  const { ReadBuffer } = await import('@modelcontextprotocol/sdk/shared/stdio.js');
  const incoming = new ReadBuffer({ maxBufferSize: MAX_WAITING_BYTES });
  const underway = new Set<Promise<void>>();

  for await (const chunk of addAbortSignal(cli.interrupted, cli.stdin)) {
    append(incoming, Buffer.from(chunk));
    for (;;) {
      const message = readMessage(incoming);
      if (message === null) break;
      if (message === 'malformed') {
        write({ jsonrpc: '2.0', id: null, error: { code: PARSE_ERROR, message: 'Not a JSON-RPC 2.0 message.' } });
        continue;
      }
      const carried = bridge.carry(message).then(write);
      if ('method' in message && message['method'] === 'initialize') await carried; // it settles the version of the others
      underway.add(carried);
      void carried.finally(() => underway.delete(carried));
    }
  }
  await Promise.all(underway);
  return 0;
}

function append(incoming: ReadBuffer, chunk: Buffer): void {
  try {
    incoming.append(chunk);
  } catch {
    throw new WayleaveError('TOO_LARGE');
  }
}

function readMessage(incoming: ReadBuffer): Message | null | 'malformed' {
  try {
    return incoming.readMessage();
  } catch {
    return 'malformed';
  }
}

export async function printConfig(cli: Cli, options: z.infer<typeof configForm>): Promise<number> {
  const { as, client, domain, transport } = options;
  const servers: { [name: string]: unknown } = {};
  if (transport === 'http') {
    const { brokerUrl } = cli.running();
    for (const one of domain === undefined ? DOMAINS : [domain])
      servers[`wayleave-${one}`] = { type: 'http', url: `${brokerUrl}/mcp/${one}` };
  } else {
    const args = ['--home', cli.config.home, 'mcp'];
    if (domain !== undefined) args.push('--domain', domain);
    if (as !== undefined) args.push('--as', as);
    servers['wayleave'] = { type: 'stdio', command: 'wayleave', args };
  }
  cli.emit({ [CLIENTS[client]]: servers });
  return 0;
}
