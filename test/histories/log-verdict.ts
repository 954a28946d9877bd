/** What must be true of the log of every history: it verifies as a whole, and has what it said it has. */
import { verifyBatches } from '../../apps/verify/verify-stored.ts';
import { printVerifier } from '../../broker/audit/note.ts';
import type { AuditEntry, StoredAuditEntry } from '../../broker/ports.ts';
import { SIGNER } from './log.ts';
import type { World } from './world.ts';

export async function judgeLog(
  { durable, acknowledged }: World,
  entries: readonly StoredAuditEntry[],
): Promise<readonly string[]> {
  const { problems } = await verifyBatches(durable.audit.batches(), { publicKeys: [printVerifier(SIGNER, 'log')] });
  const lost = acknowledged.filter(({ index, entry }) => {
    const kept = entries[index];
    return kept === undefined || kept.index !== index || nameEntry(kept) !== nameEntry(entry);
  });
  return [
    ...problems.map(({ what, index }) => `the log does not verify at entry ${index ?? '?'}: ${what}`),
    ...lost.map(({ index, entry, by }) => `the log has another entry ${index} than it told ${by}: ${entry.kind}`),
  ];
}

const nameEntry = ({ at, kind, human, session, intent, content }: AuditEntry): string =>
  JSON.stringify([at, kind, human, session, intent, content['digest'], content['outcome'], content['device']]);
