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

it('judges each server, also those of projects, and shows no secret', () => {
  const found = readServers('claude-code', 'x.json', JSON.stringify(CONFIGURED), KNOWN);
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
  writeFileSync(file, '{ // mine\n}');
  const unread = await wayleave(['mcp', 'scan'], { io: HOME, doors });
  expect([unread.exit, unread.err]).toEqual([1, expect.stringContaining('is no JSON')]);
  expect((await wayleave(['mcp', 'scan', path.join(home, 'none.json')], { io: HOME, doors })).exit).toBe(2);
});
