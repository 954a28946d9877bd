/** Devices in quarantine, in memory, for simulation and replay. */
import type { QuarantineEntry, QuarantineReason, QuarantineStore } from '../standing.ts';

export function createMemoryQuarantine(): QuarantineStore {
  const kept = new Map<string, QuarantineEntry>();
  const key = (tenant: string, device: string, reason: QuarantineReason): string =>
    JSON.stringify([tenant, device, reason]);
  return {
    async put(entry) {
      const at = key(entry.tenant, entry.device, entry.reason);
      if (!kept.has(at)) kept.set(at, structuredClone(entry));
    },
    async remove(tenant, device, reason) {
      kept.delete(key(tenant, device, reason));
    },
    list: async () => structuredClone([...kept.keys()].sort().flatMap((at) => kept.get(at) ?? [])),
  };
}
