/** Audit store in memory, for simulation and replay: durable as long as the object lives. */
import { type AuditBatch, type AuditStore, FencedError } from './store.ts';

export function createMemoryAuditStore(): AuditStore {
  const kept: AuditBatch[] = [];
  let current = 0;
  let milestone: string | undefined;
  return {
    async claim(floor) {
      current = Math.max(current + 1, floor);
      return current;
    },
    async append(batch, epoch) {
      if (epoch !== current) throw new FencedError();
      kept.push(batch);
    },
    async *batches(from) {
      for (const batch of [...kept]) if (batch.from + batch.lines.length > from) yield batch;
    },
    milestone: async () => milestone,
    async keepMilestone(text) {
      milestone = text;
    },
    async close() {},
  };
}
