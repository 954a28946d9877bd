/**
 * Keeps the standing in step with the audit log: what is appended here is applied as it becomes durable, what other brokers
 * appended is read from the log, and a start goes on where the stored copy ends. Nothing counts that the log does not have.
 */
import { WayleaveError } from '../errors.ts';
import type { AuditEntry, AuditLog, StoredAuditEntry } from '../ports.ts';
import { RISK_RULES } from './risk.ts';
import { createStanding, type Standing, type StandingRecord, type Transition } from './standing.ts';
import type { StandingStore } from './standing-store.ts';

export interface FollowDeps<Log extends AuditLog> {
  readonly audit: Log;
  readonly store: StandingStore;
  /** Told of each change of a band that an entry of this broker made, after the log has it; must not throw. */
  readonly onTransition: (transition: Transition) => void;
  /** Told of each entry once it is durable, in the order of the log, those of other brokers too; must not throw. */
  readonly onEntry?: (entry: StoredAuditEntry) => void;
}

export interface FollowedLog<Log extends AuditLog> {
  /** The log to append to from now on. */
  readonly audit: Log;
  readonly standing: Standing;
  /** Takes over what others appended, and stores where we are. */
  catchUp(): Promise<void>;
}

const PAGE = 1000;
/** Entries between two stored copies, so that a start has few to read. */
const SAVE_EVERY = 2000;

export async function followLog<Log extends AuditLog>(deps: FollowDeps<Log>): Promise<FollowedLog<Log>> {
  const { audit, store } = deps;
  const kept = await store.load();
  // What was computed under other rules, or of a longer log than there is, is computed anew.
  const usable = kept !== undefined && kept.rules === RISK_RULES && kept.upTo <= audit.size() ? kept : undefined;
  const standing = createStanding(usable?.records);
  let next = usable?.upTo ?? 0;
  let saved = next;
  /** Ours that are durable, and wait for entries before them. */
  const waiting = new Map<number, StoredAuditEntry>();
  /** Changes of bands, until the append of the entry takes them; those by entries of other brokers are theirs to tell. */
  const moved = new Map<number, readonly Transition[]>();
  const unsaved = new Map<string, StandingRecord>();
  let reading: Promise<void> | undefined;

  function applyNext(entry: StoredAuditEntry): void {
    const transitions = standing.apply(entry);
    if (transitions.length > 0) moved.set(entry.index, transitions);
    for (const index of moved.keys()) if (index < entry.index - PAGE) moved.delete(index);
    deps.onEntry?.(entry);
    waiting.delete(entry.index);
    next = entry.index + 1;
  }

  function drain(): void {
    for (let entry = waiting.get(next); entry !== undefined; entry = waiting.get(next)) applyNext(entry);
  }

  async function readOn(): Promise<void> {
    for (;;) {
      const page = next < audit.size() ? await audit.entries(next, PAGE) : [];
      if (page.length === 0) break;
      for (const entry of page) if (entry.index === next) applyNext(entry);
      if (next - saved >= SAVE_EVERY) await save();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    drain();
  }

  const isMissing = (index: number): boolean => next <= index;

  function read(): Promise<void> {
    reading ??= readOn().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function save(): Promise<void> {
    const upTo = next;
    for (const one of standing.takeChanged()) unsaved.set(`${one.kind} ${one.name}`, one);
    if (upTo === saved) return;
    const records = [...unsaved];
    await store.save({ rules: RISK_RULES, upTo, records: records.map(([, one]) => one) });
    for (const [key, one] of records) if (unsaved.get(key) === one) unsaved.delete(key);
    saved = upTo;
  }

  async function append(entry: AuditEntry): Promise<number> {
    const index = await audit.append(entry);
    if (index >= next) waiting.set(index, { ...entry, index });
    drain();
    // A reading that is under way may have looked before this entry was there.
    if (isMissing(index)) await read();
    if (isMissing(index)) await read();
    if (isMissing(index)) throw new WayleaveError('UNAVAILABLE', 'The audit log does not give back what it took.');
    const transitions = moved.get(index) ?? [];
    moved.delete(index);
    for (const transition of transitions) {
      await append(bandEntry(transition));
      deps.onTransition(transition);
    }
    return index;
  }

  await read();
  await save();
  return {
    audit: { ...audit, append },
    standing,
    async catchUp() {
      await read();
      await save();
    },
  };
}

/** The entry of a change of band; it raises and lowers nothing itself. */
function bandEntry({ key, from, to, risk, at, by }: Transition): AuditEntry {
  const { tenant, human, agent } = key;
  return {
    at: new Date(at).toISOString(),
    tenant,
    kind: 'risk.band',
    human,
    ...(agent === undefined ? {} : { agent }),
    content: {
      ...{ from, to, score: risk.score },
      because: risk.contributions.slice(-10).map(({ kind, points, why }) => `${kind} ${points}: ${why}`),
      ...(by === undefined ? {} : { clearedBy: by }),
    },
  };
}
