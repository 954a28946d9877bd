/** Reads the audit log page by page, forwards or from its end; indexes of other tenants are gaps. */

import { WayleaveError } from '../../broker/errors.ts';
import type { StoredAuditEntry } from '../../broker/ports.ts';
import type { ControlClient } from '../client/control-client.ts';

type Log = Pick<ControlClient, 'auditEntries' | 'auditCheckpoint'>;

const PAGE = 1_000;
/** The broker looks through so many entries for one page; a page that is not full ended there, or at the end of the log. */
const SCANNED = 50_000;

/** Number of entries of the whole log: the second line of a tlog-checkpoint (C2SP). */
export async function readLogSize(log: Log): Promise<number> {
  const size = Number((await log.auditCheckpoint()).split('\n')[1]);
  if (!Number.isSafeInteger(size)) throw new WayleaveError('UNAVAILABLE', 'The checkpoint has an unknown form.');
  return size;
}

/** Entries from index `from` on, oldest first. */
export async function* readEntries(log: Log, from: number): AsyncGenerator<StoredAuditEntry> {
  const size = await readLogSize(log);
  let at = from;
  while (at < size) {
    const page = await log.auditEntries(at, PAGE);
    yield* page;
    at = page.length < PAGE ? at + SCANNED : (page.at(-1)?.index ?? size) + 1;
  }
}

/** The newest `count` entries that are wanted, oldest first, and the index at which the next one will come. */
export async function readNewest(
  log: Log,
  count: number,
  wanted: (entry: StoredAuditEntry) => boolean = () => true,
): Promise<{ readonly entries: readonly StoredAuditEntry[]; readonly next: number }> {
  const next = await readLogSize(log);
  let newest: readonly StoredAuditEntry[] = [];
  for (let end = next; end > 0 && newest.length < count; end -= PAGE) {
    const page = await log.auditEntries(Math.max(0, end - PAGE), PAGE);
    newest = [...page.filter((entry) => entry.index < end && wanted(entry)), ...newest];
  }
  return { entries: count === 0 ? [] : newest.slice(-count), next };
}
