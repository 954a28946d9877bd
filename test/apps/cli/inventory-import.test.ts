/** The import from a small server that speaks NetBox's REST API as published: pages, nested objects, tokens, and bad answers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { WantedImport } from '../../../broker/inventory/import-devices.ts';
import type { InventoryDevice } from '../../../broker/ports.ts';
import { type Said, wayleave } from './fake-io.ts';

const TOKEN = '0123456789abcdef0123456789abcdef01234567';
const nested = (slug: string) => ({ id: 1, url: '', display: slug, name: slug, slug });
const device = (name: string, more: object = {}) => ({
  ...{ id: name.length, url: '', display: name, name, role: nested('branch-router'), tenant: nested('acme') },
  ...{ site: nested('br1'), status: { value: 'active', label: 'Active' }, primary_ip4: { address: '10.0.0.1/32' } },
  ...{ custom_fields: {}, serial: '', ...more },
});
const devices = [
  device('br1_edge', { primary_ip4: { address: '10.255.0.2/32' } }),
  device('br2_edge', { site: nested('br2'), custom_fields: { system_ip: '10.255.0.9', asn: 65_009 } }),
  device('hub1_edge', { role: undefined, device_role: nested('hub'), site: nested('hub1'), tenant: null }),
  device('br3_edge', { status: { value: 'planned', label: 'Planned' } }),
  device('br4_edge', { role: nested('switch') }),
  device('br5_edge', { primary_ip4: null }),
  device('other', { tenant: nested('globex') }),
];
const sites = [
  { ...nested('br1'), asns: [{ asn: 65_001 }], custom_fields: { criticality: 'critical' } },
  { ...nested('br2'), asns: [] },
  { ...nested('hub1'), tenant: nested('acme'), asns: [{ asn: 65_000 }, { asn: 65_010 }] },
];
const OBJECTS: { readonly [path: string]: readonly object[] } = {
  '/api/tenancy/tenants/': [nested('acme'), nested('globex')],
  '/api/dcim/sites/': sites,
  '/api/dcim/devices/': devices,
};

let netbox: Server;
let url = '';
let asked: string[] = [];
let answer: ((path: string) => readonly [number, string] | undefined) | undefined;
const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-netbox-'));
beforeAll(async () => {
  netbox = createServer((request, response) => {
    const at = new URL(request.url ?? '', 'http://netbox');
    asked.push(`${at.pathname}?offset=${at.searchParams.get('offset')}`);
    const special = answer?.(at.pathname);
    const objects = OBJECTS[at.pathname];
    const isKnown = request.headers.authorization === `Token ${TOKEN}`;
    const [status, body] =
      special ??
      (!isKnown ? [403, '{"detail":"Invalid token"}'] : objects === undefined ? [404, '{}'] : [200, page(objects, at)]);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => {
    netbox.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(netbox.address() as AddressInfo).port}`;
});
afterAll(() => {
  netbox.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Three a page, whatever is asked for, as a server with a smaller MAX_PAGE_SIZE; `next` names another host. */
function page(objects: readonly object[], at: URL): string {
  const offset = Number(at.searchParams.get('offset') ?? 0);
  const next =
    offset + 3 < objects.length ? `http://elsewhere.invalid${at.pathname}?limit=3&offset=${offset + 3}` : null;
  return JSON.stringify({ count: objects.length, next, previous: null, results: objects.slice(offset, offset + 3) });
}

const here = (name: string, site: string, more: object = {}): InventoryDevice => ({
  ...{ tenant: 'acme', name, role: 'edge', site, systemIp: '10.255.0.2' },
  ...more,
});
let imported: WantedImport[] = [];
beforeEach(() => {
  imported = [];
  asked = [];
  answer = undefined;
});

const run = (...args: readonly string[]): Promise<Said> =>
  wayleave(['inventory', 'import', '--netbox', url, '--as', 'admin@acme', ...args], {
    io: { env: { WAYLEAVE_HOME: '/nowhere/home', NETBOX_TOKEN: TOKEN, NC_KEY: 'the private key' }, fetch },
    control: {
      inventory: async () => ({
        devices: [here('br1_edge', 'br1', { asn: 65_001, criticality: 'normal' }), here('old_edge', 'br7')],
        topology: { circuits: [], hosts: [], addresses: [] },
      }),
      importDevices: async (wanted) => {
        imported.push(wanted);
        return { put: wanted.put.length, removed: wanted.remove.length };
      },
    },
  });
const ROLES = ['--role', 'branch-router=edge'] as const;

it('says what would change, reads every page, and changes nothing in a dry run', async () => {
  const { exit, out } = await run(...ROLES, '--dry-run');
  expect(out.split('\n').filter(Boolean)).toEqual([
    '~ br1_edge: criticality normal → critical',
    '+ br2_edge: edge at br2, 10.255.0.9',
    '+ hub1_edge: hub at hub1, 10.0.0.1',
    '? old_edge: only here (kept; --remove removes it)',
    '  br3_edge: left out, it is planned',
    '  br4_edge: left out, no role here stands for switch: --role switch=edge',
    '  br5_edge: left out, it has neither a system_ip nor a primary IPv4 address',
    '3 devices in NetBox: 2 new, 1 changed, 1 only here, 3 left out.',
  ]);
  expect(exit).toBe(20);
  expect(imported).toEqual([]);
  expect(asked.filter((one) => one.includes('devices'))).toEqual(
    [0, 3, 6].map((offset) => `/api/dcim/devices/?offset=${offset}`),
  );
});

it('takes over what differs, with the credentials of files and environment, and removes only when told', async () => {
  const netconf = { host: '10.255.0.2', port: 830, user: 'wayleave', hostKey: 'SHA256:abc' };
  writeFileSync(path.join(folder, 'key'), 'a key in a file\n');
  const file = path.join(folder, 'credentials.yaml');
  const given = {
    br1_edge: { netconf: { ...netconf, privateKey: { file: 'key' } } },
    br2_edge: { netconf: { ...netconf, privateKey: { env: 'NC_KEY' } } },
  };
  writeFileSync(file, JSON.stringify({ devices: given }));
  expect(await run(...ROLES, '--credentials', file, '--remove')).toMatchObject({ exit: 0 });
  expect(imported).toMatchObject([
    {
      source: `NetBox ${new URL(url).host}`,
      put: [
        {
          name: 'br1_edge',
          asn: 65_001,
          criticality: 'critical',
          endpoint: { netconf: { privateKey: 'a key in a file' } },
        },
        { name: 'br2_edge', asn: 65_009, endpoint: { netconf: { privateKey: 'the private key' } } },
        { name: 'hub1_edge', role: 'hub' },
      ],
      remove: ['old_edge'],
    },
  ]);
  expect(imported[0]?.put[2]).not.toHaveProperty('endpoint');
});

it('says what is wrong, and never the token or a secret', async () => {
  const cases: readonly (readonly [readonly string[], string, typeof answer])[] = [
    [['--token-file', path.join(folder, 'none')], 'cannot be read', undefined],
    [['--netbox-tenant', 'nobody'], 'NetBox has no tenant nobody. It has: acme, globex.', undefined],
    [['--role', 'x=router'], 'give SLUG=edge', undefined],
    [[], 'refuses the token (401)', () => [401, '{}']],
    [[], 'NetBox answers 500', () => [500, '']],
    [[], 'its answer is no JSON', () => [200, '<html>']],
    [[], 'in an unknown form, at results.0.slug', () => [200, '{"count":1,"next":null,"results":[{"name":"x"}]}']],
  ];
  for (const [args, says, given] of cases) {
    answer = given;
    const { exit, err } = await run(...args);
    expect(err).toContain(says);
    expect(err).not.toContain(TOKEN);
    expect(exit).toBeGreaterThan(0);
  }
  expect(imported).toEqual([]);
});
