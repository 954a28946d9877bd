/** Login sessions in memory, for simulation and replay. An end is final. */
import type { Session, Sessions } from '../ports.ts';

export function createMemorySessions(): Sessions {
  const kept = new Map<string, Session>();
  return {
    async put(session) {
      const known = kept.get(session.id);
      if (known !== undefined && (known.endedAt !== undefined || known.tenant !== session.tenant)) return;
      kept.set(session.id, structuredClone(session));
    },
    get: async (id) => structuredClone(kept.get(id)),
    async list(tenant) {
      const own = [...kept.values()].filter((session) => session.tenant === tenant);
      return structuredClone(own).toSorted((a, b) => compare(a.createdAt, b.createdAt) || compare(a.id, b.id));
    },
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
