/** Certificates of devices in SQL, beside the inventory, whose import drops those of another host key. */
import type { Pool } from 'pg';
import type { Certificates, DeviceCertificate } from '../standing.ts';

/** `pool` must have run `INVENTORY_MIGRATIONS`. */
export function createSqlCertificates(pool: Pool): Certificates {
  return {
    async put(certificate) {
      const { tenant, device, hostKey, ladder } = certificate;
      await pool.query(
        `INSERT INTO inventory_certificates (tenant, device, host_key, ladder, record) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant, device)
         DO UPDATE SET host_key = excluded.host_key, ladder = excluded.ladder, record = excluded.record`,
        [tenant, device, hostKey, ladder, JSON.stringify(certificate)],
      );
    },
    async get(tenant, device) {
      const { rows } = await pool.query<{ record: string }>(
        'SELECT record FROM inventory_certificates WHERE tenant = $1 AND device = $2',
        [tenant, device],
      );
      return rows.map((row): DeviceCertificate => JSON.parse(row.record))[0];
    },
  };
}
