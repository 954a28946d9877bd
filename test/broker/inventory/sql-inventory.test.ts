/** The inventory: import, tenancy, and that credentials are only readable with the master key at their own place. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addMasterKey,
  dropEarlierKeys,
  nameMasterKey,
  openMasterKey,
  openMasterKeys,
} from '../../../broker/inventory/master-key.ts';
import { INVENTORY_MIGRATIONS } from '../../../broker/inventory/migrations.ts';
import { createSqlInventory } from '../../../broker/inventory/sql-inventory.ts';
import { openSecret, sealSecret } from '../../../broker/inventory/vault.ts';
import { migrate } from '../../../storage/migrate.ts';
import type { Database } from '../../../storage/open-database.ts';
import { reportSkippedPostgres, sqlDatabases } from '../../storage/sql-databases.ts';

const root = mkdtempSync(path.join(tmpdir(), 'wayleave-inventory-'));
const keyFile = path.join(root, 'keys', 'master.key');
const endpoint = {
  netconf: { host: '127.0.0.1', port: 830, hostKey: 'SHA256:abc', user: 'wayleave', privateKey: 'PRIVATE-MARK' },
  snmp: { host: '127.0.0.1', port: 161, user: 'u', authPassword: 'authentic', privPassword: 'PASSWORD-MARK' },
  rest: { baseUrl: 'https://127.0.0.1:8443', ca: 'PEM', user: 'u', password: 'p' },
};
const device = (name: string, systemIp: string) => ({
  name,
  role: 'edge',
  site: 'br1',
  systemIp,
  asn: 4_200_000_001,
  endpoint,
});
const acme = {
  tenant: 'acme',
  devices: [device('br1_edge', '10.0.0.1'), device('br2_edge', '10.0.0.2')],
  circuits: [
    { device: 'br1_edge', interface: 'ge0/0', color: 'mpls', provider: 'isp1', onewayMs: 4, capacityBps: 1e8 },
  ],
  hosts: [{ name: 'pc1', site: 'br1', vrf: 1, address: '10.1.0.2', services: [{ name: 'web', port: 443 }], users: 3 }],
  addresses: ['192.0.2.1'],
};

afterAll(() => rmSync(root, { recursive: true, force: true }));
reportSkippedPostgres();

describe.each(Object.entries(sqlDatabases))('inventory on %s', (name, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    await migrate(database.pool, INVENTORY_MIGRATIONS);
  });
  afterAll(() => database.close());

  it('imports a document, again and smaller, and keeps tenants apart', async () => {
    const inventory = createSqlInventory(database.pool, () => openMasterKeys(keyFile));
    await inventory.importInventory({
      tenants: [acme, { ...acme, tenant: 'globex', addresses: undefined, hosts: [] }],
    });
    // Every row that is there must be under a key that is known: one that no key opens ends the rotation.
    await inventory.importInventory({
      tenants: [acme, { ...acme, tenant: 'globex', addresses: undefined, hosts: [] }],
    });
    expect((await inventory.devices('acme')).map(({ name }) => name)).toEqual(['br1_edge', 'br2_edge']);
    const { endpoint: _, ...plain } = device('br1_edge', '10.0.0.1');
    expect(await inventory.device('globex', 'br1_edge')).toEqual({ tenant: 'globex', ...plain });
    expect(await inventory.topology('acme')).toEqual({
      circuits: acme.circuits,
      hosts: acme.hosts,
      addresses: acme.addresses,
    });
    expect(await inventory.endpoint('acme', 'br2_edge')).toEqual({ tenant: 'acme', device: 'br2_edge', ...endpoint });
    await inventory.importInventory({ tenants: [{ ...acme, devices: acme.devices.slice(1) }] });
    expect(await inventory.device('acme', 'br1_edge')).toBeUndefined();
    await expect(inventory.endpoint('acme', 'br1_edge')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await inventory.devices('globex')).toHaveLength(2);
    expect(await inventory.tenants()).toEqual(['acme', 'globex']);
  });

  it('takes single devices over: facts change, credentials stay unless given, and only what is named goes', async () => {
    const inventory = createSqlInventory(database.pool, () => openMasterKeys(keyFile));
    const tenant = 'initech';
    const others = await inventory.devices('acme');
    await inventory.importInventory({ tenants: [{ ...acme, tenant }] });
    const put = { name: 'br1_edge', role: 'hub', site: 'br9', systemIp: '10.9.9.9', criticality: 'critical' } as const;
    const added = { ...put, name: 'br3_edge', endpoint: { netconf: { ...endpoint.netconf, host: '10.0.0.3' } } };
    await inventory.putDevices(tenant, [put, { ...put, name: 'br4_edge' }, added], ['br2_edge']);
    expect((await inventory.devices(tenant)).map((one) => [one.name, one.role, one.site, one.criticality])).toEqual(
      ['br1_edge', 'br3_edge', 'br4_edge'].map((known) => [known, 'hub', 'br9', 'critical']),
    );
    expect(await inventory.endpoint(tenant, 'br1_edge')).toEqual({ tenant, device: 'br1_edge', ...endpoint });
    expect((await inventory.endpoint(tenant, 'br3_edge')).netconf?.host).toBe('10.0.0.3');
    for (const silent of ['br2_edge', 'br4_edge'])
      await expect(inventory.endpoint(tenant, silent)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await inventory.topology(tenant)).circuits).toEqual(acme.circuits);
    expect(await inventory.devices('acme')).toEqual(others);
    await inventory.importInventory({ tenants: [{ tenant, devices: [], circuits: [], hosts: [] }] });
  });

  it('knows how much hangs on a site', async () => {
    const inventory = createSqlInventory(database.pool, () => openMasterKeys(keyFile));
    const { site } = device('br1_edge', '10.0.0.1');
    await inventory.importInventory({ tenants: [{ ...acme, sites: [{ name: site, criticality: 'critical' }] }] });
    expect(await inventory.device('acme', 'br1_edge')).toMatchObject({ criticality: 'critical' });
    await inventory.importInventory({ tenants: [acme] });
    expect(await inventory.device('acme', 'br1_edge')).not.toHaveProperty('criticality');
  });

  it('refuses an invalid document as a whole and names the field, not the secret', async () => {
    const inventory = createSqlInventory(database.pool, () => openMasterKeys(keyFile));
    const bad = {
      ...acme,
      devices: [{ ...device('x', '10.0.0.9'), endpoint: { ...endpoint, telnet: 'PRIVATE-MARK' } }],
    };
    const refused = await inventory.importInventory({ tenants: [bad] }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('tenants.0.devices.0.endpoint'),
    });
    expect(String(refused)).not.toContain('PRIVATE-MARK');
  });

  it('keeps no secret in the clear, and opens none with another key or at another place', async () => {
    const { rows } = await database.pool.query<{ tenant: string; sealed: string }>('SELECT * FROM inventory_endpoints');
    expect(JSON.stringify(rows)).not.toMatch(/MARK/);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const other = createSqlInventory(database.pool, () => openMasterKeys(path.join(root, 'keys', 'other.key')));
    await expect(other.endpoint('globex', 'br1_edge')).rejects.toMatchObject({ code: 'INTERNAL' });
    await database.pool.query(
      `UPDATE inventory_endpoints SET sealed = (SELECT sealed FROM inventory_endpoints WHERE tenant = 'globex' AND device = 'br1_edge')
       WHERE tenant = 'acme' AND device = 'br2_edge'`,
    );
    const inventory = createSqlInventory(database.pool, () => openMasterKeys(keyFile));
    await expect(inventory.endpoint('acme', 'br2_edge')).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('reads the ways to many devices with one query, each its own, and a missing one fails alone', async () => {
    let queries = 0;
    const query = (...given: Parameters<Database['pool']['query']>) => {
      queries += 1;
      return database.pool.query(...given);
    };
    const keys = openMasterKeys(keyFile);
    await createSqlInventory(database.pool, () => keys).importInventory({ tenants: [acme] });
    const inventory = createSqlInventory({ ...database.pool, query } as unknown as Database['pool'], () => keys);
    const found = await Promise.allSettled(
      [...['br1_edge', 'nobody', 'br2_edge', 'br1_edge']].map((one) => inventory.endpoint('acme', one)),
    );
    expect(queries).toBe(1);
    expect(found.map((one) => (one.status === 'fulfilled' ? one.value.device : one.reason.code))).toEqual([
      ...['br1_edge', 'NOT_FOUND', 'br2_edge', 'br1_edge'],
    ]);
    await expect(inventory.endpoint('initech', 'br1_edge')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('a rotation of the master key leaves every endpoint open at every step, and nothing under the old key at the end', async () => {
    const file = path.join(root, 'keys', `rotating-${name}.key`);
    let keys = openMasterKeys(file);
    const old = keys;
    const inventory = createSqlInventory(database.pool, () => keys);
    // Every row that is there must be under a key that is known: one that no key opens ends the rotation.
    await inventory.importInventory({
      tenants: [acme, { ...acme, tenant: 'globex', addresses: undefined, hosts: [] }],
    });
    const before = await inventory.endpoint('acme', 'br2_edge');
    keys = addMasterKey(file);
    expect(keys.earlier).toHaveLength(1);
    expect(await inventory.endpoint('acme', 'br2_edge')).toEqual(before);
    keys = openMasterKeys(file); // a crash here finds both
    await inventory.rewrap();
    keys = dropEarlierKeys(file);
    expect(keys.earlier).toEqual([]);
    expect(await inventory.endpoint('acme', 'br2_edge')).toEqual(before);
    const stolen = createSqlInventory(database.pool, () => old);
    await expect(stolen.endpoint('acme', 'br2_edge')).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(nameMasterKey(keys.current)).not.toBe(nameMasterKey(old.current));
  });
});

describe('vault', () => {
  it('notices every flipped byte of a sealed secret', () => {
    const key = openMasterKey(keyFile);
    const sealed: { readonly v: 1; readonly key: string; readonly body: string } = JSON.parse(
      sealSecret(key, 't', 'd', 'secret'),
    );
    expect(openSecret(key, 't', 'd', JSON.stringify(sealed))).toBe('secret');
    for (const field of ['key', 'body'] as const) {
      const bytes = Buffer.from(sealed[field], 'base64');
      for (let index = 0; index < bytes.length; index += 1) {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(bytes.readUInt8(index) ^ 1, index);
        const text = JSON.stringify({ ...sealed, [field]: flipped.toString('base64') });
        expect(() => openSecret(key, 't', 'd', text)).toThrow();
      }
    }
  });
});
