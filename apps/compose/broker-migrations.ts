/** The broker's tables, in the order in which they are made. */
import { AUDIT_MIGRATIONS } from '../../broker/audit/sql-store.ts';
import { IDENTITY_MIGRATIONS } from '../../broker/identity/keyed-records.ts';
import { INVENTORY_MIGRATIONS } from '../../broker/inventory/migrations.ts';
import { STORE_MIGRATIONS } from '../../broker/stores/migrations.ts';
import { HISTORY_MIGRATIONS } from '../../broker/stores/sql-history.ts';
import type { Migration } from '../../storage/migrate.ts';

export const BROKER_MIGRATIONS: readonly Migration[] = [
  ...STORE_MIGRATIONS,
  ...INVENTORY_MIGRATIONS,
  ...AUDIT_MIGRATIONS,
  ...IDENTITY_MIGRATIONS,
  ...HISTORY_MIGRATIONS,
];
