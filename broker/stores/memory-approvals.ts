/** Approvals in memory, for simulation and replay. */
import type { Approval } from '../contract.ts';
import type { Approvals } from '../ports.ts';

export function createMemoryApprovals(): Approvals {
  const kept = new Map<string, Approval>();
  const key = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  const of = (tenant: string, wanted: (approval: Approval) => boolean): Approval[] =>
    structuredClone(
      [...kept.values()].filter((approval) => approval.intent.tenant === tenant && wanted(approval)),
    ).toSorted((a, b) => compare(a.createdAt, b.createdAt) || compare(a.id, b.id));
  return {
    async create(approval) {
      const id = key(approval.intent.tenant, approval.id);
      if (kept.has(id)) throw new Error('the approval exists');
      kept.set(id, structuredClone(approval));
    },
    get: async (tenant, id) => structuredClone(kept.get(key(tenant, id))),
    findByIntent: async (tenant, intent) => of(tenant, (approval) => approval.intent.id === intent).at(-1),
    list: async (tenant, status) => of(tenant, (approval) => status === undefined || approval.status === status),
    pending: async () => structuredClone([...kept.values()].filter(({ status }) => status === 'pending')),
    async update(approval, expected, before) {
      const id = key(approval.intent.tenant, approval.id);
      const found = kept.get(id);
      if (found?.status !== expected || JSON.stringify(found) !== JSON.stringify(before ?? found)) return false;
      kept.set(id, structuredClone(approval));
      return true;
    },
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
