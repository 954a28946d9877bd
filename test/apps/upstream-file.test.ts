/** The file of upstream servers: what it names, where the credentials come from, and what is never said about them. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadUpstream } from '../../apps/upstream-file.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'wayleave-upstream-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, 'upstream.yaml');
const token = path.join(folder, 'token');
writeFileSync(token, 'secret-in-a-file\n', { mode: 0o600 });

const SERVER = '{ tenant: acme, name: tickets, url: "https://tickets.example/mcp", domain: inventory';
const load = (text: string, env = {}) => {
  writeFileSync(file, text);
  return loadUpstream(file, env);
};

it('takes credentials from the environment or a file', () => {
  const text = `servers:\n  - ${SERVER}, credential: { env: T } }\n  - ${SERVER.replace('tickets,', 'wiki,')}, credential: { file: ${token} } }\n`;
  expect(load(text, { T: 'secret-in-env' })).toMatchObject([
    { name: 'tickets', credential: 'secret-in-env', budget: { callsPerMinute: 60, seconds: 15, kilobytes: 512 } },
    { name: 'wiki', credential: 'secret-in-a-file' },
  ]);
  expect(loadUpstream('', {})).toEqual([]);
});

it.each([
  ['a credential that is not there', `servers: [${SERVER}, credential: { env: T } }]`],
  ['a credential in the file itself', `servers: [${SERVER}, credential: secret }]`],
  ['a name twice', `servers: [${SERVER} }, ${SERVER} }]`],
  ['another scheme', `servers: [${SERVER.replace('https:', 'ftp:')} }]`],
  ['http beyond this machine', `servers: [${SERVER.replace('https:', 'http:')} }]`],
  ['a password in the address', `servers: [${SERVER.replace('//', '//a:b@')} }]`],
  ['a dot in a name', `servers: [${SERVER.replace('tickets,', 'tick.ets,')} }]`],
  ['a command to start', `servers: [${SERVER}, command: "sh -c id" }]`],
  ['no YAML', '{'],
])('refuses %s', (_, text) => {
  expect(() => load(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});

it('tells no credential in an error, and takes none that others can read', () => {
  const bad = { T: 'secret with spaces' };
  expect(() => load(`servers: [${SERVER}, credential: { env: T } }]`, bad)).toThrow(/^(?!.*secret with)/);
  chmodSync(token, 0o644);
  expect(() => load(`servers: [${SERVER}, credential: { file: ${token} } }]`)).toThrow(/others can read/);
});
