/** The standing of people and agents in memory, for simulation and replay. */
import type { StandingRecord } from '../risk/standing.ts';
import type { KeptStanding, StandingStore } from '../risk/standing-store.ts';

export function createMemoryStanding(): StandingStore {
  let kept: Omit<KeptStanding, 'records'> | undefined;
  let records = new Map<string, StandingRecord>();
  return {
    load: async () =>
      kept === undefined
        ? undefined
        : structuredClone({
            ...kept,
            records: [...records].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
          }),
    async save({ rules, upTo, records: given }) {
      if (kept?.rules === rules && kept.upTo >= upTo) return;
      if (kept?.rules !== rules) records = new Map();
      for (const one of structuredClone(given)) records.set(`${one.kind} ${one.name}`, one);
      kept = { rules, upTo };
    },
  };
}
