/** Whether the audit log has a vote: whoever can write the broker's database must not be able to vote there. */
import type { Approval, Vote } from '../contract.ts';
import type { AuditLog } from '../ports.ts';

/** True when the log has exactly this vote of this person, on this approval of this content. */
export async function isLogged(
  audit: Pick<AuditLog, 'entries' | 'size' | 'refresh'>,
  { id, intent }: Pick<Approval, 'id' | 'intent'>,
  { human, verdict, entry }: Vote,
): Promise<boolean> {
  if (!Number.isSafeInteger(entry)) return false;
  if (entry >= audit.size()) await audit.refresh(); // it was cast at another broker
  const [logged] = await audit.entries(entry, 1);
  const { content } = logged ?? {};
  return (
    logged?.kind === 'approval.vote' &&
    logged.human === human &&
    logged.tenant === intent.tenant &&
    content?.['verdict'] === verdict &&
    content['approval'] === id &&
    content['digest'] === intent.digest
  );
}
