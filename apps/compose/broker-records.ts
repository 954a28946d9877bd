/** Opens what the broker remembers: database, stores, credential vault and audit log. */
import path from 'node:path';
import { createFilePort } from '../../broker/audit/file-port.ts';
import { createFileAuditStore } from '../../broker/audit/file-store.ts';
import { openKeyFile } from '../../broker/audit/keys.ts';
import { createAuditLog, type WitnessedAuditLog } from '../../broker/audit/log.ts';
import { AUDIT_MIGRATIONS, createSqlAuditStore } from '../../broker/audit/sql-store.ts';
import type { AuditStore } from '../../broker/audit/store.ts';
import { createWitnessClient } from '../../broker/audit/witness/client.ts';
import { openMasterKey } from '../../broker/inventory/master-key.ts';
import { INVENTORY_MIGRATIONS } from '../../broker/inventory/migrations.ts';
import { type OpenQuarantine, openQuarantine } from '../../broker/inventory/quarantine.ts';
import { createSqlCertificates } from '../../broker/inventory/sql-certificates.ts';
import { createSqlInventory, type VaultInventory } from '../../broker/inventory/sql-inventory.ts';
import type { Approvals, Clock, EvidenceStore, Incidents, Journal, Sessions } from '../../broker/ports.ts';
import type { Certificates } from '../../broker/standing.ts';
import { STORE_MIGRATIONS } from '../../broker/stores/migrations.ts';
import { createSqlApprovals } from '../../broker/stores/sql-approvals.ts';
import { createSqlEvents } from '../../broker/stores/sql-events.ts';
import { createSqlEvidence } from '../../broker/stores/sql-evidence.ts';
import { createSqlIncidents } from '../../broker/stores/sql-incidents.ts';
import { createSqlJournal } from '../../broker/stores/sql-journal.ts';
import { createSqlQuarantine } from '../../broker/stores/sql-quarantine.ts';
import { createSqlSessions } from '../../broker/stores/sql-sessions.ts';
import type { Events } from '../../broker/telemetry/received-event.ts';
import { type FolderLock, lockFolder } from '../../storage/folder-lock.ts';
import { migrate } from '../../storage/migrate.ts';
import { openDatabase } from '../../storage/open-database.ts';
import type { BrokerSettings } from './broker-settings.ts';

/** Name under which the log signs its checkpoints (the origin of a C2SP tlog-checkpoint). */
export const LOG_NAME = 'wayleave-audit';

export interface Records {
  readonly journal: Journal;
  readonly approvals: Approvals;
  readonly evidence: EvidenceStore;
  readonly incidents: Incidents;
  readonly events: Events;
  readonly sessions: Sessions;
  readonly inventory: VaultInventory;
  readonly certificates: Certificates;
  readonly quarantine: OpenQuarantine;
  readonly audit: WitnessedAuditLog;
  close(): Promise<void>;
}

/** Throws `LOCKED`, `FOLDER_UNUSABLE`, `UNAVAILABLE` (database, witness), `AUDIT_BROKEN`. */
export async function openRecords(settings: BrokerSettings, clock: Clock): Promise<Records> {
  const { folder, keys, databaseUrl, databaseSchema } = settings;
  const database = await openDatabase(
    databaseUrl === '' ? { folder: path.join(folder, 'database') } : { url: databaseUrl, schema: databaseSchema },
  );
  let auditLock: FolderLock | undefined;
  try {
    const { pool } = database;
    const openAuditStore = (): AuditStore => {
      if (databaseUrl !== '') return createSqlAuditStore(pool);
      const auditFolder = path.join(folder, 'audit');
      auditLock = lockFolder(auditFolder);
      return createFileAuditStore(createFilePort(auditFolder));
    };
    await migrate(pool, [...STORE_MIGRATIONS, ...INVENTORY_MIGRATIONS, ...AUDIT_MIGRATIONS]);
    const inventory = createSqlInventory(pool, openMasterKey(path.join(keys, 'vault.key')));
    if (settings.inventory !== undefined) await inventory.importInventory(settings.inventory);
    const audit = await createAuditLog({
      store: openAuditStore(),
      signer: { name: LOG_NAME, key: openKeyFile(path.join(keys, 'audit.key')) },
      ...(settings.witness === undefined ? {} : { witness: createWitnessClient(settings.witness) }),
      clock,
    });
    const quarantine = await openQuarantine({
      store: createSqlQuarantine(pool),
      clock,
      record: (entry) => audit.append(entry),
    });
    return {
      quarantine,
      certificates: createSqlCertificates(pool),
      journal: createSqlJournal(pool),
      approvals: createSqlApprovals(pool),
      evidence: createSqlEvidence(pool),
      incidents: createSqlIncidents(pool),
      events: createSqlEvents(pool),
      sessions: createSqlSessions(pool),
      inventory,
      audit,
      close: async () => {
        await audit.close();
        auditLock?.release();
        await database.close();
      },
    };
  } catch (error) {
    auditLock?.release();
    await database.close();
    throw error;
  }
}
