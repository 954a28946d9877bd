/** One suite for every adapter of the certificates; in SQL they follow the devices of the inventory. */
import { createSecretKey, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryCertificates } from '../../../broker/inventory/memory-certificates.ts';
import { INVENTORY_MIGRATIONS } from '../../../broker/inventory/migrations.ts';
import { createSqlCertificates } from '../../../broker/inventory/sql-certificates.ts';
import { createSqlInventory } from '../../../broker/inventory/sql-inventory.ts';
import type { Certificates, DeviceCertificate } from '../../../broker/standing.ts';
import { migrate } from '../../../storage/migrate.ts';
import type { Database } from '../../../storage/open-database.ts';
import { reportSkippedPostgres, sqlDatabases } from '../../storage/sql-databases.ts';

const CERTIFICATE: DeviceCertificate = {
  tenant: 'acme',
  device: 'br2_edge',
  certifiedAt: 't',
  certifiedBy: 'operator@acme',
  intent: 'int_1',
  hostKey: 'SHA256:abc',
  ladder: 'candidate',
  base: ['1.1'],
  quirks: {
    ...{ candidate: true, confirmedCommit: false, writableRunning: false, rollbackOnError: true, validate: true },
    locks: true,
  },
  streams: [{ name: 'NETCONF', replay: false }],
};

reportSkippedPostgres();

async function demandConformance(certificates: Certificates): Promise<void> {
  await certificates.put({ ...CERTIFICATE, ladder: 'running' });
  await certificates.put(CERTIFICATE);
  await certificates.put({ ...CERTIFICATE, tenant: 'globex' });
  expect(await certificates.get('acme', 'br2_edge')).toEqual(CERTIFICATE);
  expect(await certificates.get('acme', 'br1_edge')).toBeUndefined();
}

it('keeps the latest in memory', () => demandConformance(createMemoryCertificates()));

describe.each(Object.entries(sqlDatabases))('certificates on %s', (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    await migrate(database.pool, INVENTORY_MIGRATIONS);
  });
  afterAll(() => database.close());

  it('keeps the latest', () => demandConformance(createSqlCertificates(database.pool)));

  it('gives the inventory the rung, and is dropped with the key that it was learnt from', async () => {
    const keys = { current: createSecretKey(randomBytes(32)), earlier: [] };
    const inventory = createSqlInventory(database.pool, () => keys);
    const certificates = createSqlCertificates(database.pool);
    const importKey = (hostKey: string): Promise<void> => {
      const netconf = { host: '127.0.0.1', port: 830, hostKey, user: 'u', privateKey: 'k' };
      const device = { name: 'br2_edge', role: 'edge', site: 'br2', systemIp: '10.0.0.2', endpoint: { netconf } };
      return inventory.importInventory({ tenants: [{ tenant: 'acme', devices: [device], circuits: [], hosts: [] }] });
    };
    await certificates.put(CERTIFICATE);
    await importKey('SHA256:abc');
    expect(await inventory.device('acme', 'br2_edge')).toMatchObject({ ladder: 'candidate' });
    await certificates.put({ ...CERTIFICATE, ladder: 'flying' as 'running' });
    expect(await inventory.device('acme', 'br2_edge')).toMatchObject({ ladder: 'running' });
    await importKey('SHA256:other');
    expect(await certificates.get('acme', 'br2_edge')).toBeUndefined();
    expect(await inventory.device('acme', 'br2_edge')).not.toHaveProperty('ladder');
  });
});
