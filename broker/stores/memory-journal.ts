/** Journal in memory, for simulation and replay: what several brokers share is `JournalRecords`, and each of them opens it. */
import type { Intent, Receipt, StepRecord, Subject } from '../contract.ts';
import { sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { IntentState, Journal, TransactionRecord } from '../ports.ts';
import { takenOver } from './taken-over.ts';

interface Known {
  readonly intent: Intent;
  readonly subject: Subject;
  readonly state: IntentState;
  readonly receipt?: Receipt;
}

/** What outlives a broker, and how often it was claimed. */
export interface JournalRecords {
  readonly intents: Map<string, Known>;
  readonly transactions: Map<string, TransactionRecord>;
  epoch: number;
}

export const createJournalRecords = (): JournalRecords => ({ intents: new Map(), transactions: new Map(), epoch: 0 });

/** Claims the records: whoever had them before writes no more. */
export function createMemoryJournal(records: JournalRecords = createJournalRecords()): Journal {
  const { intents, transactions } = records;
  records.epoch += 1;
  const epoch = records.epoch;
  const demandClaim = (): void => {
    if (records.epoch !== epoch) throw takenOver();
  };
  const key = (intent: string, device: string): string => JSON.stringify([intent, device]);
  const known = (id: string): Known => {
    const found = intents.get(id);
    if (found === undefined) throw new WayleaveError('NOT_FOUND');
    return found;
  };
  return {
    demandClaim: async () => demandClaim(),
    async begin(intent, subject) {
      demandClaim();
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
    async setState(id, state) {
      demandClaim();
      intents.set(id, { ...known(id), state });
    },
    async finish(id, receipt) {
      demandClaim();
      const found = known(id);
      if (found.intent.tenant !== receipt.intent.tenant) throw new WayleaveError('NOT_FOUND');
      intents.set(id, { ...found, state: 'done', receipt: structuredClone(receipt) });
    },
    async find(tenant, id) {
      const found = intents.get(id);
      return found?.intent.tenant === tenant ? structuredClone(found) : undefined;
    },
    async openTransaction(record) {
      demandClaim();
      const id = key(record.intent, record.device);
      if (transactions.has(id)) throw new Error('the transaction is already open');
      transactions.set(id, structuredClone(record));
    },
    async recordStep(intent, step: StepRecord) {
      demandClaim();
      const id = key(intent, step.device);
      const record = transactions.get(id);
      if (record === undefined) throw new WayleaveError('NOT_FOUND');
      transactions.set(id, { ...record, steps: [...record.steps, structuredClone(step)] });
    },
    async closeTransaction(intent, device) {
      demandClaim();
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
