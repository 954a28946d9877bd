/** Schema of the inventory: one row a device, its sealed endpoint beside it, and the rest of a tenant's topology as JSON text. */

export const INVENTORY_MIGRATIONS = [
  {
    name: 'inventory-1',
    sql: `
CREATE TABLE inventory_devices (
  tenant text NOT NULL, name text NOT NULL, role text NOT NULL, site text NOT NULL, system_ip text NOT NULL, asn bigint,
  PRIMARY KEY (tenant, name));
CREATE TABLE inventory_endpoints (
  tenant text NOT NULL, device text NOT NULL, sealed text NOT NULL, PRIMARY KEY (tenant, device),
  FOREIGN KEY (tenant, device) REFERENCES inventory_devices (tenant, name) ON DELETE CASCADE);
CREATE TABLE inventory_topologies (tenant text PRIMARY KEY, topology text NOT NULL);`,
  },
  {
    name: 'certificates-1',
    sql: `
CREATE TABLE inventory_certificates (
  tenant text NOT NULL, device text NOT NULL, host_key text NOT NULL, ladder text NOT NULL, record text NOT NULL,
  PRIMARY KEY (tenant, device));`,
  },
  {
    name: 'criticality-1',
    sql: `ALTER TABLE inventory_devices ADD COLUMN criticality text;`,
  },
] as const;
