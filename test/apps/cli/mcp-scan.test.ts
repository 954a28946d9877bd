/** Which MCP servers the clients of a machine are configured for: found in every place, without a secret, and judged. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readServers } from '../../../apps/cli/commands/mcp-scan.ts';
import { RUNNING, wayleave } from './fake-io.ts';

const KNOWN = { ours: ['http://127.0.0.1:7420/mcp'], federated: ['https://tickets.example/mcp'] };
const CONFIGURED = {
  mcpServers: {
    broker: { url: 'http://127.0.0.1:7420/mcp/wan' },
    lookalike: { url: 'http://127.0.0.1:7420/mcpx' },
    bridge: { command: 'wayleave', args: ['mcp', '--as', 'operator@acme'] },
    tickets: { type: 'http', url: 'https://tickets.example/mcp?key=hunter2' },
  },
  projects: {
    '/work': {
      mcpServers: { files: { command: 'npx', args: ['files-mcp', '--token', 'hunter2'], env: { A: 'hunter2' } } },
    },
  },
};

it('judges each server, also those of projects, and shows no secret', async () => {
  const found = await readServers('claude-code', 'x.json', JSON.stringify(CONFIGURED), KNOWN);
  expect(found.map(({ name, state }) => [name, state])).toEqual([
    ['broker', 'ours'],
    ['lookalike', 'unregistered'],
    ['bridge', 'ours'],
    ['tickets', 'federated'],
    ['files', 'unregistered'],
  ]);
  expect(JSON.stringify(found)).not.toContain('hunter2');
  expect(found.at(-1)?.what).toBe('npx (3 arguments)');
});

it('looks where clients keep their configuration, and ends with 20 when one is not registered', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'wayleave-scan-'));
  const HOME = { env: { HOME: home } };
  const doors = { running: () => RUNNING };
  expect(await wayleave(['mcp', 'scan', '--json'], { io: HOME, doors })).toMatchObject({ exit: 0, out: '[]\n' });
  mkdirSync(path.join(home, '.cursor'));
  const file = path.join(home, '.cursor', 'mcp.json');
  writeFileSync(file, JSON.stringify(CONFIGURED));
  const told = await wayleave(['mcp', 'scan', '--json'], { io: HOME, doors });
  expect(told.exit).toBe(20);
  expect(JSON.parse(told.out)).toContainEqual(
    expect.objectContaining({
      client: 'cursor',
      name: 'tickets',
      state: 'unregistered',
      what: 'https://tickets.example/mcp',
    }),
  );
  expect((await wayleave(['mcp', 'scan', file], { io: HOME, doors })).out).toMatch(/cursor +broker +ours/);
  writeFileSync(file, '{ // mine\n]');
  const unread = await wayleave(['mcp', 'scan'], { io: HOME, doors });
  expect([unread.exit, unread.err]).toEqual([1, expect.stringContaining('mcp.json:2 is no JSON')]);
  expect((await wayleave(['mcp', 'scan', path.join(home, 'none.json')], { io: HOME, doors })).exit).toBe(2);
});

it('reads JSON with comments as editors write it, and TOML', async () => {
  const jsonc = `{
  // mine
  "servers": { "files": { "command": "npx", "args": ["files-mcp",], }, /* "off": {} */ },
}`;
  expect((await readServers('vscode', 'mcp.json', jsonc, KNOWN)).map(({ name, what }) => [name, what])).toEqual([
    ['files', 'npx (1 arguments)'],
  ]);
  const toml = `# mine
model = "o"
[mcp_servers.broker]
url = "http://127.0.0.1:7420/mcp/wan"
[mcp_servers.files]
command = "npx"
args = ["files-mcp", "--token", "hunter2"]
env = { KEY = "hunter2" }
`;
  const found = await readServers('codex', 'config.toml', toml, KNOWN);
  expect(found.map(({ name, state }) => [name, state])).toEqual([
    ['broker', 'ours'],
    ['files', 'unregistered'],
  ]);
  expect(JSON.stringify(found)).not.toContain('hunter2');
  await expect(readServers('vscode', 'mcp.json', '['.repeat(1_000_000), KNOWN)).rejects.toThrow(/nested too deep/);
  await expect(readServers('codex', 'config.toml', '[mcp_servers\n', KNOWN)).rejects.toThrow(
    /config\.toml is no TOML: /,
  );
});
