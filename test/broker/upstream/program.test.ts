/** Upstream servers that are programs: started as pinned and with nothing of ours, held to their budget, and gone afterwards. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { measureProgram } from '../../../broker/upstream/program.ts';
import { type UpstreamServer, upstreamServers } from '../../../broker/upstream/server-list.ts';
import { ADMIN, federate } from './federated-bench.ts';
import { SEARCH } from './upstream-server.ts';

const SDK = realpathSync('node_modules/@modelcontextprotocol/sdk/dist/esm');
/** A server by the installed SDK. */
const HONEST = `#!${process.execPath}
import { Server } from '${SDK}/server/index.js';
import { StdioServerTransport } from '${SDK}/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '${SDK}/types.js';
const server = new Server({ name: 'tickets', version: '1' }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [${JSON.stringify(SEARCH)}] }));
server.setRequestHandler(CallToolRequestSchema, () => ({ content: [{ type: 'text', text: '"nothing found"' }] }));
await server.connect(new StdioServerTransport());
`;
/** A server by hand, which misbehaves as its argument says when its tool is called. */
const SERVER = `#!${process.execPath}
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
const modes = {
  tell: () => ({ env: process.env, cwd: process.cwd(), group: process.pid }),
  fork: () => ({ child: spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }).pid }),
  flood: () => 'x'.repeat(100_000),
  deep: () => void process.stdout.write('['.repeat(200) + '\\n'),
  talk: () => void process.stdout.write('hello\\n'),
  exit: () => process.exit(3),
  hang: () => undefined,
};
const results = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 't', version: '1' } }),
  'tools/list': () => ({ tools: [${JSON.stringify(SEARCH)}] }),
  'tools/call': () => {
    const value = modes[process.argv[2]]();
    return value && { content: [{ type: 'text', text: JSON.stringify(value) }] };
  },
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  const result = results[method]?.(params);
  if (result) process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
}
`;

let folder: string;
let script: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'wayleave-program-'));
  script = path.join(folder, 'tickets.mjs');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function manifest(mode: string): Promise<UpstreamServer> {
  writeFileSync(script, mode === 'honest' ? HONEST : SERVER, { mode: 0o700 });
  const run: [string, ...string[]] = [script, mode];
  const program = {
    run,
    files: [],
    digest: await measureProgram({ run, files: [] }),
    env: { TICKETS_TOKEN: 'secret' },
  };
  const budget = { callsPerMinute: 60, seconds: 30, kilobytes: 64 };
  return { tenant: 'acme', name: 'tickets', domain: 'inventory', program, budget };
}

/** What the approved tool answered. */
async function answerOf(mode: string): Promise<unknown> {
  const all = await federate([await manifest(mode)]);
  await all.approve();
  const answer = await all.federation.call('acme', 'tickets', 'search', { text: 'br2' });
  const [row] = answer as readonly { readonly value: string }[];
  return JSON.parse(row?.value ?? '');
}

/** A process that nobody has waited for yet is none any more (proc(5), state Z). */
const alive = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe('a program', () => {
  it('is a server like another: nothing before two people, then its tool, with a warning of what it is', async () => {
    const all = await federate([await manifest('honest')]);
    expect(await all.outcome()).toBe('NOT_FOUND');
    const [tool] = (await all.desk.show(ADMIN, 'tickets')).tools;
    expect(tool).toMatchObject({
      state: 'waiting',
      warnings: [expect.stringContaining('may read what the broker may')],
    });
    await all.approve();
    expect(await all.outcome()).toBe('done');
  });

  it('gets an environment and a folder of its own, in a group of its own, and both end with the call', async () => {
    vi.stubEnv('WAYLEAVE_SECRET', 'of-the-broker');
    const told = (await answerOf('tell')) as { env: Record<string, string>; cwd: string; group: number };
    vi.unstubAllEnvs();
    expect(Object.keys(told.env).toSorted()).toEqual(['HOME', 'LANG', 'PATH', 'TICKETS_TOKEN', 'TMPDIR']);
    expect(told.cwd).toBe(told.env['HOME']);
    await vi.waitFor(() => expect([alive(told.group), existsSync(told.cwd)]).toEqual([false, false]));
  });

  it('takes what it started with it', async () => {
    const { child } = (await answerOf('fork')) as { child: number };
    await vi.waitFor(() => expect(alive(child)).toBe(false));
  });

  it.each([
    ['flood', 'UPSTREAM_PROTOCOL'],
    ['deep', 'UPSTREAM_PROTOCOL'],
    ['talk', 'UPSTREAM_PROTOCOL'],
    ['exit', 'UPSTREAM_UNREACHABLE'],
  ])('that would %s is refused', async (mode, code) => {
    const all = await federate([await manifest(mode)]);
    await all.approve();
    expect(await all.outcome()).toBe(code);
  });

  it('that hangs is killed when its time is over', async () => {
    const deadline = new AbortController();
    const all = await federate([await manifest('hang')]);
    await all.approve();
    const bound = await federate([await manifest('hang')], { deadline: deadline.signal, records: all.records });
    const outcome = bound.federation.call('acme', 'tickets', 'search', { text: 'br2' });
    queueMicrotask(() => deadline.abort());
    await expect(outcome).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  });
});

describe('a pin', () => {
  it('keeps another program from being started, says which it is now, and is in the log', async () => {
    const server = await manifest('tell');
    const all = await federate([server]);
    await all.approve();
    appendFileSync(script, '// one more line\n');
    const now = await measureProgram(server.program ?? { run: [''], files: [] });
    expect(await all.outcome()).toBe('UPSTREAM_UNREACHABLE');
    expect((await all.desk.show(ADMIN, 'tickets')).problem).toContain(now);
    expect(all.log.at(-1)).toMatchObject({ kind: 'upstream.program-failed', tenant: 'acme' });
  });

  it('covers arguments and further files, and what was approved of one program is not approved of another', async () => {
    await manifest('tell');
    const library = path.join(folder, 'library.mjs');
    writeFileSync(library, '', { mode: 0o600 });
    const run: [string, ...string[]] = [script, 'honest'];
    const digests = [
      await measureProgram({ run, files: [] }),
      await measureProgram({ run: [script, 'tell'], files: [] }),
      await measureProgram({ run, files: [library] }),
    ];
    writeFileSync(library, '1', { mode: 0o600 });
    expect(new Set([...digests, await measureProgram({ run, files: [library] })]).size).toBe(4);
    const all = await federate([await manifest('fork')]);
    await all.approve();
    const next = await federate([await manifest('tell')], { records: all.records });
    expect(await next.outcome()).toBe('NOT_FOUND');
    expect(await next.states()).toEqual({ search: 'quarantined' });
  });

  it('refuses a file that others can write, or that is not there', async () => {
    await manifest('tell');
    chmodSync(script, 0o622);
    const run: [string, ...string[]] = [script];
    await expect(measureProgram({ run, files: [] })).rejects.toThrow('can be written by others');
    await expect(measureProgram({ run: ['/nowhere/at-all'], files: [] })).rejects.toThrow('is no file');
  });

  it('is demanded, beside an absolute path, and never a credential', async () => {
    const good = await manifest('honest');
    const { program } = good;
    const bad: readonly object[] = [
      { ...good, url: 'https://tickets.example/mcp' },
      { ...good, credential: 'secret' },
      { ...good, program: { ...program, digest: '' } },
      { ...good, program: { ...program, run: ['tickets'] } },
      { ...good, program: { ...program, shell: true } },
      { ...good, program: undefined },
    ];
    for (const one of bad) expect(upstreamServers.safeParse([one]).success).toBe(false);
    expect(upstreamServers.safeParse([good]).success).toBe(true);
  });
});
