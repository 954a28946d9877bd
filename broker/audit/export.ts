/**
 * The export of an audit log for an offline verifier: NDJSON, self-describing, streamed.
 *
 * Line 1 is the latest checkpoint (`{"type":"checkpoint","note":…}`), then the public keys (`"type":"key"`), then per
 * batch its entries (`"type":"entry"` with index, leaf hash and the canonical line) and its checkpoint. An export for
 * one tenant carries the entries of others as leaf hashes only, so that it still proves the whole tree.
 */
import { parseEntry } from './entry.ts';
import type { AuditStore } from './store.ts';
import { hashLeaf } from './tree.ts';

export interface ExportSource {
  readonly store: AuditStore;
  /** Entries at the time of the export; what is appended meanwhile is left out. */
  readonly size: number;
  readonly checkpoint: string;
  readonly verifiers: readonly string[];
  readonly tenant: string | undefined;
}

/** The lines of the export, without newlines. */
export async function* exportLog(source: ExportSource): AsyncIterable<string> {
  yield JSON.stringify({ type: 'checkpoint', note: source.checkpoint });
  for (const verifier of source.verifiers) yield JSON.stringify({ type: 'key', verifier });
  for await (const batch of source.store.batches(0)) {
    if (batch.from >= source.size) return;
    for (const [offset, line] of batch.lines.entries()) {
      const hash = hashLeaf(Buffer.from(line)).toString('base64');
      const index = batch.from + offset;
      const shown = source.tenant === undefined || parseEntry(line).tenant === source.tenant;
      yield JSON.stringify({ type: 'entry', index, hash, ...(shown ? { entry: line } : {}) });
    }
    yield JSON.stringify({ type: 'checkpoint', note: batch.checkpoint });
  }
}
