/**
 * Reads the audit log for news and puts them into the outbox. The log is what was decided, durable before anything is done on
 * it; so no decision waits for this, and what a crash interrupts is read again at the next start, under the same ids.
 */
import type { AuditLog, StoredAuditEntry } from '../ports.ts';
import type { Channels } from './channels.ts';
import { type Notice, noticesOf, printCloudEvent } from './notice.ts';
import type { Outbox, OutboxRow } from './outbox.ts';

export interface CollectDeps {
  readonly audit: Pick<AuditLog, 'size' | 'entries'>;
  readonly outbox: Outbox;
  readonly channels: Channels;
  /** Name of this log in the world. */
  readonly log: string;
  /** Told when an entry has news, so that it is delivered soon. */
  readonly onNews: () => void;
}

export interface Collector {
  /** Takes an entry that is durable, in the order of the log; others are read from the log later. */
  take(entry: StoredAuditEntry): void;
  /** Stores what was taken, and reads what was not. */
  flush(): Promise<void>;
}

const PAGE = 1000;
/** Entries without news between two stored positions. */
const SAVE_EVERY = 5000;

export const rowsOf = (
  notice: Notice,
  { channels, log }: Pick<CollectDeps, 'channels' | 'log'>,
): readonly Omit<OutboxRow, 'state' | 'attempts' | 'nextAt'>[] =>
  channels.of(notice).map(({ tenant, name }) => ({
    ...{ notice: notice.id, tenant, channel: name, type: notice.type },
    ...{ body: printCloudEvent(notice, log), createdAt: notice.at },
  }));

export async function createCollector(deps: CollectDeps): Promise<Collector> {
  const { audit, outbox, log } = deps;
  // What was before the first start of a collector is no news.
  let next = await outbox.position(audit.size());
  let saved = next;
  let rows: ReturnType<typeof rowsOf>[number][] = [];
  let storing: Promise<void> | undefined;

  const read = (entry: StoredAuditEntry): void => {
    const found = noticesOf(entry, log).flatMap((notice) => rowsOf(notice, deps));
    rows.push(...found);
    next = entry.index + 1;
    if (found.length > 0) deps.onNews();
  };

  async function store(): Promise<void> {
    while (next < audit.size()) {
      const page = await audit.entries(next, PAGE);
      if (page.length === 0) break;
      for (const entry of page) if (entry.index === next) read(entry);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    if (rows.length === 0 && next - saved < SAVE_EVERY) return;
    const [upTo, taken] = [next, rows];
    rows = [];
    try {
      await outbox.add(taken, upTo);
      saved = upTo;
    } catch (error) {
      rows = [...taken, ...rows];
      throw error;
    }
  }

  return {
    take(entry) {
      if (entry.index === next) read(entry);
    },
    flush() {
      storing ??= store().finally(() => {
        storing = undefined;
      });
      return storing;
    },
  };
}
