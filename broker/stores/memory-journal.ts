/** Journal in memory, for simulation and replay: what several brokers share is `JournalRecords`, and each of them opens it under its own leases. */
import type { Intent, Receipt, StepRecord, Subject } from '../contract.ts';
import { sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { HeldToken } from '../execution/leases.ts';
import { deviceKey } from '../execution/serial.ts';
import type { IntentState, Journal, TransactionRecord } from '../ports.ts';
import type { MemoryLeases } from './memory-leases.ts';
import { takenOver } from './taken-over.ts';

interface Known {
  readonly intent: Intent;
  readonly subject: Subject;
  readonly state: IntentState;
  readonly receipt?: Receipt;
}

/** What outlives a broker. */
export interface JournalRecords {
  readonly intents: Map<string, Known>;
  readonly transactions: Map<string, TransactionRecord>;
}

export const createJournalRecords = (): JournalRecords => ({ intents: new Map(), transactions: new Map() });

/** Who holds which device; absent: one broker alone, with nobody to keep out. */
export interface JournalLeases {
  readonly held: HeldToken;
  readonly leases: MemoryLeases;
}

export function createMemoryJournal(records: JournalRecords = createJournalRecords(), fence?: JournalLeases): Journal {
  const { intents, transactions } = records;
  const demandLease = (tenant: string, devices: readonly string[]): void => {
    for (const device of devices) {
      const at = deviceKey(tenant, device);
      if (fence !== undefined && fence.leases.token(at) !== (fence.held(at) ?? Number.NaN)) throw takenOver();
    }
  };
  const key = (intent: string, device: string): string => JSON.stringify([intent, device]);
  const known = (id: string): Known => {
    const found = intents.get(id);
    if (found === undefined) throw new WayleaveError('NOT_FOUND');
    return found;
  };
  return {
    demandLease: async (tenant, devices) => demandLease(tenant, devices),
    async begin(intent, subject) {
      demandLease(intent.tenant, intent.target.devices);
      const found = intents.get(intent.id);
      if (found === undefined) {
        intents.set(intent.id, structuredClone({ intent, subject, state: 'received' }));
        return { known: false, state: 'received' };
      }
      if (found.intent.tenant !== intent.tenant || !sameDigest(found.intent.digest, intent.digest)) {
        throw new WayleaveError('CONFLICT');
      }
      return { known: true, state: found.state, ...(found.receipt === undefined ? {} : { receipt: found.receipt }) };
    },
    async setState({ id, tenant, target }, state) {
      demandLease(tenant, target.devices);
      intents.set(id, { ...known(id), state });
    },
    async finish(id, receipt) {
      demandLease(receipt.intent.tenant, receipt.intent.target.devices);
      const found = known(id);
      if (found.intent.tenant !== receipt.intent.tenant) throw new WayleaveError('NOT_FOUND');
      intents.set(id, { ...found, state: 'done', receipt: structuredClone(receipt) });
    },
    async find(tenant, id) {
      const found = intents.get(id);
      return found?.intent.tenant === tenant ? structuredClone(found) : undefined;
    },
    async openTransaction(record) {
      demandLease(record.tenant, [record.device]);
      const id = key(record.intent, record.device);
      if (transactions.has(id)) throw new Error('the transaction is already open');
      transactions.set(id, structuredClone(record));
    },
    async recordStep({ intent, tenant }, step: StepRecord) {
      demandLease(tenant, [step.device]);
      const id = key(intent, step.device);
      const record = transactions.get(id);
      if (record === undefined) throw new WayleaveError('NOT_FOUND');
      transactions.set(id, { ...record, steps: [...record.steps, structuredClone(step)] });
    },
    async closeTransaction({ intent, tenant, device }) {
      demandLease(tenant, [device]);
      const id = key(intent, device);
      const record = transactions.get(id);
      if (record !== undefined) transactions.set(id, { ...record, state: 'closed' });
    },
    async unfinished() {
      return structuredClone([...transactions.values()].filter((record) => record.state === 'open'));
    },
    async executing() {
      return [...intents.values()]
        .filter(({ state, receipt }) => state === 'executing' && receipt === undefined)
        .map(({ intent }) => ({ tenant: intent.tenant, intent: intent.id }))
        .toSorted((a, b) => (a.intent < b.intent ? -1 : 1));
    },
    async changes(tenant, limit) {
      const all = [...intents.values()].flatMap(({ intent, receipt, subject }) =>
        intent.tenant === tenant && receipt !== undefined ? [{ receipt, subject }] : [],
      );
      return structuredClone(all.toSorted((a, b) => b.receipt.auditIndex - a.receipt.auditIndex).slice(0, limit));
    },
  };
}
