/** `wayleave mcp scan`: which MCP servers the clients on this machine are configured for, and which of them nobody registered. */
import { readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import type { ParseError } from 'jsonc-parser';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';

/** Where common clients keep their servers, below the home folder or the folder of a project; `*` is one step. */
const PLACES: readonly { readonly client: string; readonly files: readonly string[] }[] = [
  {
    client: 'claude-desktop',
    files: [
      '.config/Claude/claude_desktop_config.json',
      'Library/Application Support/Claude/claude_desktop_config.json',
      'AppData/Roaming/Claude/claude_desktop_config.json',
    ],
  },
  { client: 'claude-code', files: ['.claude.json', '.mcp.json'] },
  { client: 'cursor', files: ['.cursor/mcp.json'] },
  {
    client: 'vscode',
    files: [
      '.vscode/mcp.json',
      '.config/Code/User/mcp.json',
      'Library/Application Support/Code/User/mcp.json',
      'AppData/Roaming/Code/User/mcp.json',
    ],
  },
  { client: 'windsurf', files: ['.codeium/windsurf/mcp_config.json'] },
  { client: 'gemini', files: ['.gemini/settings.json'] },
  { client: 'zed', files: ['.config/zed/settings.json'] },
  { client: 'codex', files: ['.codex/config.toml'] },
];
/** Keys under which the clients keep their servers. */
const KEYS = ['mcpServers', 'servers', 'context_servers', 'mcp_servers'] as const;
const MAX_BYTES = 5_000_000;

const server = z.looseObject({
  command: z.union([z.string(), z.looseObject({ path: z.string() })]).optional(),
  args: z.array(z.string()).optional(),
  url: z.string().optional(),
  serverUrl: z.string().optional(),
  httpUrl: z.string().optional(),
});
const table = z.record(z.string(), server);

export interface ConfiguredServer {
  readonly client: string;
  readonly file: string;
  readonly name: string;
  /** Its address without credentials and query, or the program and how many arguments it gets: those may hold secrets. */
  readonly what: string;
  /** `ours` is this broker, `federated` stands behind it, `unregistered` is known to nobody here. */
  readonly state: 'ours' | 'federated' | 'unregistered';
}

/** What is registered: addresses of this broker, and of the servers behind it. */
export interface Registered {
  readonly ours: readonly string[];
  readonly federated: readonly string[];
}

/** The address as it may be shown; undefined for what is none. */
function bareUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`;
}

/** A configuration as its clients read it: TOML by its name, otherwise JSON with comments and trailing commas. Throws `USAGE`. */
async function parseConfiguration(file: string, text: string): Promise<unknown> {
  if (file.endsWith('.toml')) {
    const { parse } = await import('smol-toml');
    try {
      return parse(text);
    } catch (error) {
      const [reason = ''] = error instanceof Error ? error.message.split('\n') : [];
      throw new WayleaveError('USAGE', `${file} is no TOML: ${reason}. Look at it yourself.`);
    }
  }
  const { parse, printParseErrorCode } = await import('jsonc-parser');
  const errors: ParseError[] = [];
  let json: unknown;
  try {
    json = parse(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  } catch {
    // The parser goes down by calls: thousands of brackets inside each other are no configuration.
    throw new WayleaveError('USAGE', `${file} is nested too deep. Look at it yourself.`);
  }
  const [first] = errors;
  if (first === undefined) return json;
  const line = text.slice(0, first.offset).split('\n').length;
  throw new WayleaveError(
    'USAGE',
    `${file}:${line} is no JSON, with or without comments: ${printParseErrorCode(first.error)}. Look at it yourself.`,
  );
}

/** All servers of one configuration. Throws `USAGE` for a text that is neither JSON nor TOML. */
export async function readServers(
  client: string,
  file: string,
  text: string,
  known: Registered,
): Promise<readonly ConfiguredServer[]> {
  const configured = await parseConfiguration(file, text);
  const tables: [string, z.infer<typeof server>][] = [];
  // Some clients keep servers for each project as well: two steps down at most.
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 3) return;
    for (const [key, inner] of Object.entries(value)) {
      const found = KEYS.some((one) => one === key) ? table.safeParse(inner).data : undefined;
      if (found === undefined) walk(inner, depth + 1);
      else tables.push(...Object.entries(found));
    }
  };
  walk(configured, 0);
  return tables.map(([name, one]) => ({ client, file, name, ...judge(one, known) }));
}

function judge(one: z.infer<typeof server>, known: Registered): Pick<ConfiguredServer, 'what' | 'state'> {
  const url = one.url ?? one.serverUrl ?? one.httpUrl;
  if (url !== undefined) {
    const what = bareUrl(url) ?? 'an address that cannot be read';
    const isOf = (some: readonly string[]): boolean =>
      some.some((mine) => what === mine || what.startsWith(`${mine.replace(/\/$/, '')}/`));
    return { what, state: isOf(known.ours) ? 'ours' : isOf(known.federated) ? 'federated' : 'unregistered' };
  }
  const program = typeof one.command === 'object' ? one.command.path : (one.command ?? '');
  const args = one.args ?? [];
  const isOurs =
    (path.basename(program) === 'wayleave' || args.some((arg) => /(?:^|\/)wayleave(?:\.js)?$/.test(arg))) &&
    args.includes('mcp');
  const shown = args.length === 0 ? '' : ` (${args.length} arguments)`;
  return { what: `${program === '' ? 'no program' : program}${shown}`, state: isOurs ? 'ours' : 'unregistered' };
}

export function defineMcpScan(mcp: Command, act: Act): void {
  withAs(mcp.command('scan'))
    .argument('[file...]', 'Configuration files; none: where common clients keep theirs, at home and in this folder')
    .description(
      'List the MCP servers that clients on this machine are configured for, and name those nobody registered',
    )
    .addHelpText(
      'after',
      `
Examples:
  wayleave mcp scan                                  Claude Desktop and Code, Cursor, VS Code, Windsurf, Gemini, Zed, Codex
  wayleave mcp scan ~/.cursor/mcp.json --json
  wayleave mcp scan --as admin@acme                  knows the servers behind the broker, too

Nothing is sent anywhere and no server is contacted. Arguments, headers and environments are not shown: they hold secrets.

Exit codes: 0 all are registered · 1 a file found there cannot be read · 2 one that was named · 20 at least one is not registered`,
    )
    .action(act(asForm, scan));
}

export async function scan(cli: Cli, { as }: z.infer<typeof asForm>, files: readonly string[]): Promise<number> {
  const known = await findRegistered(cli, as);
  const wanted =
    files.length > 0
      ? files.map((file) => ({ client: clientOf(file), file, must: true }))
      : [cli.env['HOME'] ?? os.homedir(), '.'].flatMap((folder) =>
          PLACES.flatMap((one) =>
            one.files.map((file) => ({ client: one.client, file: path.join(folder, file), must: false })),
          ),
        );
  let unread = 0;
  const found: ConfiguredServer[] = [];
  for (const { client, file, must } of wanted) {
    try {
      const text = readConfiguration(file, must);
      if (text !== undefined) found.push(...(await readServers(client, file, text, known)));
    } catch (error) {
      if (must || !(error instanceof WayleaveError)) throw error;
      unread += 1;
      cli.terminal.talk(error.message);
    }
  }
  const rows = found.map(({ client, name, what, state, file }) => [client, name, state, what, file]);
  printRows(cli, found, ['CLIENT', 'SERVER', 'STATE', 'WHAT', 'FILE'], rows);
  const strangers = found.filter(({ state }) => state === 'unregistered').length;
  cli.terminal.talk(`${found.length} servers, ${strangers} of them not registered.`);
  return strangers > 0 ? 20 : unread > 0 ? 1 : 0;
}

/** Which client a file is of, by its name. */
const clientOf = (file: string): string =>
  PLACES.find(({ files }) => files.some((one) => path.resolve(file).endsWith(path.normalize(`/${one}`))))?.client ??
  '-';

function readConfiguration(file: string, must: boolean): string | undefined {
  try {
    if (statSync(file).size > MAX_BYTES)
      throw new WayleaveError('TOO_LARGE', `${file} has more than ${MAX_BYTES} bytes.`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof WayleaveError) throw error;
    if (!must) return undefined;
    throw new WayleaveError('USAGE', `${file} cannot be read.`);
  }
}

/** Without an installation that runs, only what starts `wayleave mcp` is known. */
async function findRegistered(cli: Cli, as: string | undefined): Promise<Registered> {
  const federated = as === undefined ? [] : (await (await cli.person(as)).upstream.list()).map(({ url }) => url);
  try {
    return { ours: [`${cli.running().brokerUrl}/mcp`], federated };
  } catch {
    return { ours: [], federated };
  }
}
