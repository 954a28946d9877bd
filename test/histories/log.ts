/** The audit log of one process: the real one, with its signatures, on the database in which brokers write it in turns. */
import { createPrivateKey } from 'node:crypto';
import { parseEntry } from '../../broker/audit/entry.ts';
import { createAuditLog } from '../../broker/audit/log.ts';
import { createSqlAuditStore } from '../../broker/audit/sql-store.ts';
import type { AuditEntry, StoredAuditEntry } from '../../broker/ports.ts';
import { followLog } from '../../broker/risk/follow-log.ts';
import type { AuditDatabase } from './audit-database.ts';
import { carryAll } from './durable.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

/** PKCS #8 of an Ed25519 key (RFC 8410 §7) up to its 32 bytes; the same key in every history. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
export const SIGNER = {
  name: 'histories',
  key: createPrivateKey({ key: Buffer.concat([PKCS8, Buffer.alloc(32, 7)]), format: 'der', type: 'pkcs8' }),
};

/** Small, so that brokers start from milestones too. */
const MILESTONE_EVERY = 24;

/** What a broker was told that the log has. */
export interface Acknowledged {
  readonly index: number;
  readonly entry: AuditEntry;
  readonly by: string;
}

export async function openLog(process: Process, world: World) {
  const { timeline, random, durable, acknowledged } = world;
  const loses = (): boolean => !world.well && random.chance(world.trouble / 8);
  const log = await createAuditLog({
    store: createSqlAuditStore(durable.audit.connect(process, loses)),
    signer: SIGNER,
    clock: timeline,
    milestoneEvery: MILESTONE_EVERY,
  });
  const { audit, standing, catchUp } = await followLog({
    audit: {
      ...log,
      append: async (entry: AuditEntry) => {
        const index = await log.append(entry);
        acknowledged.push({ index, entry, by: process.name });
        return index;
      },
    },
    store: carryAll(process, durable.standing, ['load', 'save']),
    onTransition: () => undefined,
  });
  return {
    audit,
    standing,
    /** Takes over what other brokers wrote. */
    follow: async () => {
      await log.refresh();
      await catchUp();
    },
  };
}

export const readEntries = (database: AuditDatabase): readonly StoredAuditEntry[] =>
  database.batches().flatMap(({ lines }) => lines.map(parseEntry));
