/** Evidence in memory, for simulation and replay. */
import type { Evidence } from '../contract.ts';
import type { EvidenceStore } from '../ports.ts';

export function createMemoryEvidence(): EvidenceStore {
  const kept = new Map<string, Evidence>();
  const key = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  return {
    async put(records) {
      for (const record of records) {
        const id = key(record.tenant, record.id);
        if (!kept.has(id)) kept.set(id, structuredClone(record));
      }
    },
    async get(tenant, ids) {
      return [...new Set(ids)].flatMap((id) => structuredClone(kept.get(key(tenant, id))) ?? []);
    },
  };
}
