/** Devices in quarantine: answered from memory, kept in a store, so that a restart changes nothing; every entry and exit is in the log. */
import type { AuditEntry, Clock } from '../ports.ts';
import type { Quarantine, QuarantineEntry, QuarantineReason, QuarantineStore } from '../standing.ts';

export interface QuarantineDeps {
  readonly store: QuarantineStore;
  readonly clock: Clock;
  readonly record: (entry: AuditEntry) => Promise<unknown>;
  /** Told after the store changed, so that other brokers read it. */
  readonly changed?: () => Promise<void>;
}

const REASONS: readonly QuarantineReason[] = ['host-key', 'certificate', 'rollback-failed', 'outcome-unknown'];

const keyOf = (tenant: string, device: string, reason: QuarantineReason): string =>
  JSON.stringify([tenant, device, reason]);

/** `reload` takes over what other brokers wrote, and stores again what could not be stored. */
export interface OpenQuarantine extends Quarantine {
  reload(): Promise<void>;
}

export async function openQuarantine({
  store,
  clock,
  record,
  changed = async () => undefined,
}: QuarantineDeps): Promise<OpenQuarantine> {
  const entries = new Map<string, QuarantineEntry>();
  const unsaved = new Map<string, QuarantineEntry>();
  const now = (): string => new Date(clock.now()).toISOString();

  const save = async (key: string, entry: QuarantineEntry): Promise<void> => {
    await store.put(entry);
    unsaved.delete(key);
    await changed();
  };
  const quarantine: OpenQuarantine = {
    of: (tenant, device) => REASONS.flatMap((reason) => entries.get(keyOf(tenant, device, reason)) ?? []),
    async enter(given) {
      const key = keyOf(given.tenant, given.device, given.reason);
      if (entries.has(key)) return;
      const entry = { ...given, since: now() };
      // Before anything that can fail: what is not stored yet holds all the same.
      entries.set(key, entry);
      unsaved.set(key, entry);
      await save(key, entry);
      const { tenant, device, reason, detail, intent } = entry;
      await record({
        ...{ at: entry.since, tenant, kind: 'device.quarantined', content: { device, reason, detail } },
        ...(intent === undefined ? {} : { intent }),
      });
    },
    async leave(tenant, device, { human, session, why }, reason) {
      const ended = quarantine.of(tenant, device).filter((one) => reason === undefined || one.reason === reason);
      if (ended.length === 0) return ended;
      await record({
        ...{ at: now(), tenant, kind: 'device.released' },
        ...(human === undefined ? {} : { human }),
        ...(session === undefined ? {} : { session }),
        content: { device, reasons: ended.map((one) => one.reason), why },
      });
      for (const one of ended) {
        const key = keyOf(tenant, device, one.reason);
        unsaved.delete(key);
        await store.remove(tenant, device, one.reason);
        entries.delete(key);
      }
      await changed();
      return ended;
    },
    async reload() {
      for (const [key, entry] of [...unsaved]) await save(key, entry);
      const stored = await store.list();
      entries.clear();
      for (const one of [...stored, ...unsaved.values()]) entries.set(keyOf(one.tenant, one.device, one.reason), one);
    },
  };
  await quarantine.reload();
  return quarantine;
}
