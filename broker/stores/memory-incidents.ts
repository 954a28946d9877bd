/** Incidents in memory, for simulation and replay. */
import type { Incident } from '../contract.ts';
import type { Incidents } from '../ports.ts';

export function createMemoryIncidents(): Incidents {
  const kept = new Map<string, Incident>();
  const key = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  return {
    async put(incident) {
      kept.set(key(incident.tenant, incident.id), structuredClone(incident));
    },
    get: async (tenant, id) => structuredClone(kept.get(key(tenant, id))),
    async list(tenant, state) {
      const own = [...kept.values()].filter(
        (one) => one.tenant === tenant && (state === undefined || one.state === state),
      );
      return structuredClone(own).toSorted((a, b) => compare(a.openedAt, b.openedAt) || compare(a.id, b.id));
    },
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
