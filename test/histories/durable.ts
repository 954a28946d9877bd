/** What outlives every broker: the records that they share, and the way of one process to them, on which it can be lost. */
import { createLeases } from '../../broker/execution/leases.ts';
import { createSerial } from '../../broker/execution/serial.ts';
import type { StandingStore } from '../../broker/risk/standing-store.ts';
import { createMemoryApprovals } from '../../broker/stores/memory-approvals.ts';
import { createMemoryEvidence } from '../../broker/stores/memory-evidence.ts';
import { createMemoryIncidents } from '../../broker/stores/memory-incidents.ts';
import { createJournalRecords, createMemoryJournal } from '../../broker/stores/memory-journal.ts';
import { createMemoryLeases, type MemoryLeases } from '../../broker/stores/memory-leases.ts';
import { createMemoryQuarantine } from '../../broker/stores/memory-quarantine.ts';
import { createMemorySessions } from '../../broker/stores/memory-sessions.ts';
import { createMemoryStanding } from '../../broker/stores/memory-standing.ts';
import { type AuditDatabase, createAuditDatabase } from './audit-database.ts';
import type { Process } from './process.ts';
import type { Timeline } from './timeline.ts';

export interface Durable {
  readonly records: ReturnType<typeof createJournalRecords>;
  readonly leases: MemoryLeases;
  readonly approvals: ReturnType<typeof createMemoryApprovals>;
  readonly quarantine: ReturnType<typeof createMemoryQuarantine>;
  readonly evidence: ReturnType<typeof createMemoryEvidence>;
  readonly incidents: ReturnType<typeof createMemoryIncidents>;
  readonly sessions: ReturnType<typeof createMemorySessions>;
  readonly audit: AuditDatabase;
  readonly standing: StandingStore;
}

export const createDurable = (timeline: Timeline): Durable => ({
  records: createJournalRecords(),
  leases: createMemoryLeases(timeline),
  approvals: createMemoryApprovals(),
  quarantine: createMemoryQuarantine(),
  evidence: createMemoryEvidence(),
  incidents: createMemoryIncidents(),
  sessions: createMemorySessions(),
  audit: createAuditDatabase(timeline),
  standing: createMemoryStanding(),
});

type Methods<T> = {
  readonly [Name in keyof T]: T[Name] extends (...args: never[]) => Promise<unknown> ? Name : never;
}[keyof T];

/** The same port, each call of it carried by the process. */
export function carryAll<T extends object>(process: Process, port: T, names: readonly Methods<T>[]): T {
  const far = names.map((name) => {
    const work = port[name] as (...args: readonly unknown[]) => Promise<unknown>;
    return [name, (...args: readonly unknown[]) => process.carry(() => work(...args))] as const;
  });
  return { ...port, ...Object.fromEntries(far) };
}

/** After so long at most a database knows that the connection of a broker has ended. */
const NOTICED_MS = 200;

/** The records as one process has them. */
export function openDurable(process: Process, durable: Durable) {
  const far = carryAll(process, durable.leases.open(process.name), ['take', 'renew', 'release']);
  const { perDevice, held } = createLeases({
    store: far,
    serial: createSerial(),
    wait: process.wait,
    every: process.every,
  });
  process.onKill(() => process.outside(NOTICED_MS, () => durable.leases.end(process.name)));
  return {
    perDevice,
    journal: carryAll(process, createMemoryJournal(durable.records, { leases: durable.leases, held }), [
      ...([
        'begin',
        'setState',
        'finish',
        'find',
        'openTransaction',
        'recordStep',
        'closeTransaction',
        'demandLease',
      ] as const),
      ...(['unfinished', 'executing', 'changes'] as const),
    ]),
    approvals: carryAll(process, durable.approvals, ['create', 'get', 'findByIntent', 'list', 'update']),
    quarantine: carryAll(process, durable.quarantine, ['put', 'remove', 'list']),
    evidence: durable.evidence,
    incidents: durable.incidents,
    sessions: durable.sessions,
  };
}
