/** Containments in memory, for simulation and replay. */
import { type Containment, type Containments, isOpen } from '../containment/containment.ts';
import { WayleaveError } from '../errors.ts';

export function createMemoryContainments(): Containments {
  const kept = new Map<string, Containment>();
  const key = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  const inOrder = (all: readonly Containment[]): readonly Containment[] =>
    structuredClone(all.toSorted((a, b) => (a.from === b.from ? (a.id < b.id ? 1 : -1) : a.from < b.from ? 1 : -1)));
  return {
    async add(containment) {
      const at = key(containment.tenant, containment.id);
      if (kept.has(at)) throw new Error('the containment exists');
      kept.set(at, structuredClone(containment));
    },
    get: async (tenant, id) => structuredClone(kept.get(key(tenant, id))),
    list: async (tenant, limit) => inOrder([...kept.values()].filter((one) => one.tenant === tenant)).slice(0, limit),
    open: async () => inOrder([...kept.values()].filter(isOpen)),
    async update(tenant, id, change) {
      const found = kept.get(key(tenant, id));
      if (found === undefined) throw new WayleaveError('NOT_FOUND');
      const after = change(structuredClone(found));
      kept.set(key(tenant, id), structuredClone(after));
      return after;
    },
  };
}
