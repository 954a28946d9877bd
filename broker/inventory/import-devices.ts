/** Takes devices over from an inventory elsewhere: adds and changes what is named, removes only what is named for it, and says so in the log first. */
import { z } from 'zod';
import type { Role, Subject } from '../contract.ts';
import { sha256 } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { AuditLog, Clock } from '../ports.ts';
import { ImportedDevice } from './document.ts';

/** Devices of one request; a larger inventory comes in several. */
const MOST = 500;

export const wantedImport = z.strictObject({
  /** Where it comes from, for the log. */
  source: z.string().trim().min(1).max(200),
  put: z.array(ImportedDevice).max(MOST),
  remove: z.array(ImportedDevice.shape.name).max(MOST),
});
export type WantedImport = z.infer<typeof wantedImport>;
export type NewDevice = z.infer<typeof ImportedDevice>;

/** Where devices are kept. */
export interface DeviceStore {
  /** All or nothing. A device that is there keeps its endpoint when none is given; a new one without is known and not reached. */
  putDevices(tenant: string, put: readonly NewDevice[], remove: readonly string[]): Promise<void>;
}

export interface ImportDesk {
  /** Throws `DENIED` without a role for it, and whatever the second factor demands. */
  importDevices(subject: Subject, wanted: WantedImport): Promise<{ readonly put: number; readonly removed: number }>;
}

const KEEPERS: readonly Role[] = ['provider-admin', 'tenant-admin'];
/** Names that an entry of the log spells out. */
const TOLD = 40;

export function createImportDesk(deps: {
  readonly inventory: DeviceStore;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
  readonly demandSecondFactor: (subject: Subject) => Promise<void>;
}): ImportDesk {
  return {
    async importDevices(subject, { source, put, remove }) {
      const { tenant, human, session, roles } = subject;
      if (!roles.some((role) => KEEPERS.includes(role)))
        throw new WayleaveError('DENIED', 'Importing an inventory needs the role tenant-admin or provider-admin.');
      await deps.demandSecondFactor(subject);
      const names = put.map(({ name }) => name);
      const facts = put.map(({ endpoint, ...fact }) => ({ ...fact, endpoint: endpoint !== undefined }));
      await deps.audit.append({
        ...{ at: new Date(deps.clock.now()).toISOString(), tenant, kind: 'inventory.imported', human, session },
        content: {
          ...{ source, put: names.length, remove: remove.length, digest: sha256(JSON.stringify({ facts, remove })) },
          ...{ names: names.slice(0, TOLD), removed: remove.slice(0, TOLD) },
        },
      });
      await deps.inventory.putDevices(tenant, put, remove);
      return { put: put.length, removed: remove.length };
    },
  };
}
