/** Tells the newest checkpoint of the audit log: how much it covers, the root of the tree, and whether the witness signed it. */
import { parseCheckpoint, parseNote } from '../audit/note.ts';
import type { Json } from '../contract.ts';
import type { AuditLog } from '../ports.ts';

/** After taking over what other brokers wrote; the note is what an offline verifier takes. */
export async function readCheckpoint(audit: Pick<AuditLog, 'checkpoint' | 'refresh'>): Promise<Json> {
  await audit.refresh();
  const note = audit.checkpoint();
  const { text, signatures } = parseNote(note);
  const { size, root, origin } = parseCheckpoint(text);
  // The log signs under its own name; who else signed, countersigned.
  const witnessed = signatures.some(({ name }) => name !== origin);
  return { size, root: root.toString('base64'), witnessed, note };
}
