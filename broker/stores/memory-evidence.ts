/** Evidence in memory, for simulation and replay. */
import type { Evidence } from '../contract.ts';
import type { EvidenceStore } from '../ports.ts';
import { KEPT_SLOTS, MOST_TOLD, slotOf, thin } from './samples.ts';

export function createMemoryEvidence(): EvidenceStore {
  const kept = new Map<string, Evidence>();
  /** By tenant, resource and signal, then by slot. */
  const courses = new Map<string, Map<number, Evidence>>();
  const keepSample = (record: Evidence): void => {
    const slot = slotOf(record);
    if (slot === undefined) return;
    const name = JSON.stringify([record.tenant, record.resource, record.signal]);
    const course = courses.get(name) ?? new Map<number, Evidence>();
    courses.set(name, course);
    if (!course.has(slot)) course.set(slot, record);
    for (const old of course.keys()) {
      if (old >= slot - KEPT_SLOTS) break;
      course.delete(old);
    }
  };
  const key = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  return {
    async put(records) {
      for (const record of records) {
        const id = key(record.tenant, record.id);
        if (kept.has(id)) continue;
        const copy = { ...record }; // all of it are texts and numbers
        kept.set(id, copy);
        keepSample(copy);
      }
    },
    async get(tenant, ids) {
      return [...new Set(ids)].flatMap((id) => structuredClone(kept.get(key(tenant, id))) ?? []);
    },
    async history(tenant, devices, signals) {
      const found = [...courses].flatMap(([name, course]) => {
        const [of, resource, signal]: string[] = JSON.parse(name);
        const isMeant =
          of === tenant && signals.includes(signal ?? '') && devices.includes(resource?.split('/')[1] ?? '');
        return isMeant ? thin([...course].sort(([a], [b]) => a - b).map(([, one]) => one)) : [];
      });
      return structuredClone(found.slice(0, MOST_TOLD));
    },
  };
}
