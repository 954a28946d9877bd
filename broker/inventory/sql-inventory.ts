/** The inventory in SQL: devices, topology and the credential vault of each tenant. */
import type { KeyObject } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../../storage/in-transaction.ts';
import { LADDER } from '../contract.ts';
import type { DeviceEndpoint } from '../drivers/driver.ts';
import { WayleaveError } from '../errors.ts';
import type { Inventory, InventoryDevice, InventoryTopology } from '../ports.ts';
import { InventoryDocument } from './document.ts';
import type { DeviceStore, NewDevice } from './import-devices.ts';
import type { MasterKeys } from './master-key.ts';
import { createEndpointOpener } from './open-endpoints.ts';
import { rewrapSecret, sealSecret } from './vault.ts';

export interface VaultInventory extends Inventory, DeviceStore {
  /** Names of all tenants, sorted. */
  tenants(): Promise<readonly string[]>;
  /** Decrypts the endpoint of one device, for the time of use. `NOT_FOUND` when there is none, `INTERNAL` when it does not open. */
  endpoint(tenant: string, device: string): Promise<DeviceEndpoint>;
  /** Makes the tenants of the document equal to it (others stay). Idempotent; all or nothing. `CONFIG_INVALID` names the field. */
  importInventory(document: unknown): Promise<void>;
  /** Seals everything under the current master key, all or nothing; afterwards no earlier one is needed for it. */
  rewrap(): Promise<void>;
}

interface DeviceRow {
  readonly name: string;
  readonly role: InventoryDevice['role'];
  readonly site: string;
  readonly system_ip: string;
  readonly asn: string | null;
  readonly ladder: string | null;
  readonly criticality: string | null;
}

const EMPTY: InventoryTopology = { circuits: [], hosts: [], addresses: [] };

/** `pool` must have run `INVENTORY_MIGRATIONS`; `masterKeys` answers what `openMasterKeys` read last. */
export function createSqlInventory(pool: Pool, masterKeys: () => MasterKeys): VaultInventory {
  const devices = async (tenant: string, name?: string): Promise<readonly InventoryDevice[]> => {
    const { rows } = await pool.query<DeviceRow>(
      `SELECT d.name, d.role, d.site, d.system_ip, d.asn, d.criticality, c.ladder FROM inventory_devices d
       LEFT JOIN inventory_certificates c ON c.tenant = d.tenant AND c.device = d.name
       WHERE d.tenant = $1 AND ($2::text IS NULL OR d.name = $2) ORDER BY d.name`,
      [tenant, name ?? null],
    );
    return rows.map((row) => ({
      tenant,
      name: row.name,
      role: row.role,
      site: row.site,
      systemIp: row.system_ip,
      ...(row.asn === null ? {} : { asn: Number(row.asn) }),
      ...ladderOf(row.ladder),
      ...criticalityOf(row.criticality),
    }));
  };
  return {
    async tenants() {
      const { rows } = await pool.query<{ tenant: string }>('SELECT tenant FROM inventory_topologies ORDER BY tenant');
      return rows.map((row) => row.tenant);
    },
    async topology(tenant) {
      const { rows } = await pool.query<{ topology: string }>(
        'SELECT topology FROM inventory_topologies WHERE tenant = $1',
        [tenant],
      );
      return rows.map((row): InventoryTopology => JSON.parse(row.topology))[0] ?? EMPTY;
    },
    devices: (tenant) => devices(tenant),
    device: async (tenant, name) => (await devices(tenant, name))[0],
    endpoint: createEndpointOpener(pool, masterKeys),
    async rewrap() {
      const { current, earlier } = masterKeys();
      return inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ tenant: string; device: string; sealed: string }>(
          'SELECT tenant, device, sealed FROM inventory_endpoints FOR UPDATE',
        );
        await client.query(
          `UPDATE inventory_endpoints AS endpoint SET sealed = fresh.sealed
           FROM unnest($1::text[], $2::text[], $3::text[]) AS fresh (tenant, device, sealed)
           WHERE endpoint.tenant = fresh.tenant AND endpoint.device = fresh.device`,
          [
            rows.map(({ tenant }) => tenant),
            rows.map(({ device }) => device),
            rows.map((row) => rewrapSecret([current, ...earlier], current, row.tenant, row.device, row.sealed)),
          ],
        );
      });
    },
    putDevices: (tenant, put, remove) =>
      inTransaction(pool, (client) => mergeDevices(client, masterKeys().current, tenant, put, remove)),
    async importInventory(document) {
      const parsed = InventoryDocument.safeParse(document);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        throw new WayleaveError('CONFIG_INVALID', `The inventory is invalid at ${issue?.path.join('.') ?? '(root)'}.`);
      }
      return inTransaction(pool, async (client) => {
        for (const tenant of parsed.data.tenants) await replaceTenant(client, masterKeys().current, tenant);
      });
    },
  };
}

/** A rung that this version does not know is the lowest there is. */
function ladderOf(text: string | null): Pick<InventoryDevice, 'ladder'> {
  return text === null ? {} : { ladder: LADDER.find((rung) => rung === text) ?? 'running' };
}

/** What this version does not know is the most there is. */
function criticalityOf(text: string | null): Pick<InventoryDevice, 'criticality'> {
  return text === null ? {} : { criticality: CRITICALITIES.find((one) => one === text) ?? 'critical' };
}
const CRITICALITIES = ['low', 'normal', 'critical'] as const;

/** Leaves all devices as they are that are not named. */
async function mergeDevices(
  client: PoolClient,
  masterKey: KeyObject,
  tenant: string,
  put: readonly NewDevice[],
  remove: readonly string[],
): Promise<void> {
  await client.query('DELETE FROM inventory_devices WHERE tenant = $1 AND name = ANY ($2::text[])', [tenant, remove]);
  const column = <T>(pick: (device: NewDevice) => T): T[] => put.map(pick);
  await client.query(
    `INSERT INTO inventory_devices (tenant, name, role, site, system_ip, asn, criticality)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])
     ON CONFLICT (tenant, name) DO UPDATE SET role = excluded.role, site = excluded.site,
       system_ip = excluded.system_ip, asn = excluded.asn, criticality = excluded.criticality`,
    [
      ...[tenant, column(({ name }) => name), column(({ role }) => role), column(({ site }) => site)],
      ...[column(({ systemIp }) => systemIp), column(({ asn }) => asn ?? null)],
      column(({ criticality }) => criticality ?? null),
    ],
  );
  const reached = put.flatMap(({ name, endpoint }) => (endpoint === undefined ? [] : [{ name, endpoint }]));
  await client.query(
    `INSERT INTO inventory_endpoints (tenant, device, sealed) SELECT $1, * FROM unnest($2::text[], $3::text[])
     ON CONFLICT (tenant, device) DO UPDATE SET sealed = excluded.sealed`,
    [
      tenant,
      reached.map(({ name }) => name),
      reached.map(({ name, endpoint }) => sealSecret(masterKey, tenant, name, JSON.stringify(endpoint))),
    ],
  );
  // What was learnt of a device says nothing of another one under its name.
  await client.query(
    `DELETE FROM inventory_certificates c WHERE tenant = $1 AND (c.device = ANY ($4::text[]) OR EXISTS (
       SELECT 1 FROM unnest($2::text[], $3::text[]) AS d (name, host_key)
       WHERE d.name = c.device AND d.host_key IS DISTINCT FROM c.host_key))`,
    [tenant, reached.map(({ name }) => name), reached.map(({ endpoint }) => endpoint.netconf?.hostKey ?? null), remove],
  );
  await client.query(
    `INSERT INTO inventory_topologies (tenant, topology) VALUES ($1, $2) ON CONFLICT (tenant) DO NOTHING`,
    [tenant, JSON.stringify(EMPTY)],
  );
}

async function replaceTenant(
  client: PoolClient,
  masterKey: KeyObject,
  document: InventoryDocument['tenants'][number],
): Promise<void> {
  const { tenant, sites, devices, circuits, hosts, addresses } = document;
  const criticality = new Map(sites.map((site) => [site.name, site.criticality]));
  const column = <T>(pick: (device: (typeof devices)[number]) => T): T[] => devices.map(pick);
  const names = column(({ name }) => name);
  await client.query('DELETE FROM inventory_devices WHERE tenant = $1', [tenant]);
  await client.query(
    `INSERT INTO inventory_devices (tenant, name, role, site, system_ip, asn, criticality)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])`,
    [
      tenant,
      names,
      column(({ role }) => role),
      column(({ site }) => site),
      column(({ systemIp }) => systemIp),
      column(({ asn }) => asn ?? null),
      column(({ site }) => criticality.get(site) ?? null),
    ],
  );
  await client.query(
    'INSERT INTO inventory_endpoints (tenant, device, sealed) SELECT $1, * FROM unnest($2::text[], $3::text[])',
    [tenant, names, column(({ name, endpoint }) => sealSecret(masterKey, tenant, name, JSON.stringify(endpoint)))],
  );
  // What was learnt of a device says nothing of another one under its name.
  const known = devices.filter(({ endpoint }) => endpoint.netconf !== undefined);
  await client.query(
    `DELETE FROM inventory_certificates c WHERE tenant = $1 AND NOT EXISTS (
       SELECT 1 FROM unnest($2::text[], $3::text[]) AS d (name, host_key)
       WHERE d.name = c.device AND d.host_key = c.host_key)`,
    [tenant, known.map(({ name }) => name), known.map(({ endpoint }) => endpoint.netconf?.hostKey)],
  );
  await client.query(
    `INSERT INTO inventory_topologies (tenant, topology) VALUES ($1, $2)
     ON CONFLICT (tenant) DO UPDATE SET topology = excluded.topology`,
    [tenant, JSON.stringify({ circuits, hosts, addresses })],
  );
}
