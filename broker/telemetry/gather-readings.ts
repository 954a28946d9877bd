/**
 * Keeps readings beside the evidence they come from: gathered for a moment, written together. The evidence is the record
 * and is durable before a call is answered; readings follow it, and a broker that is killed loses those of that moment.
 */
import type { Timers } from '../../protocols/netconf/timers.ts';
import type { EvidenceStore } from '../ports.ts';
import { type History, type Reading, readingsOf } from './history.ts';

/** How long a first reading waits for others; readings of one statement; and that wait at most. */
const GATHER_MS = 200;
const BATCH = 5_000;
const MAX_WAITING = 200_000;

export interface GatheredEvidence {
  readonly evidence: EvidenceStore;
  /** Readings that were left out because the store did not keep up or failed. */
  lost(): number;
  close(): Promise<void>;
}

export function gatherReadings(
  evidence: EvidenceStore,
  history: Pick<History, 'append'>,
  timers: Timers,
  alarm: (what: string) => void,
): GatheredEvidence {
  let waiting: Reading[] = [];
  let lost = 0;
  let armed = false;
  let writing: Promise<void> = Promise.resolve();
  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      await history.append(batch).catch(() => {
        lost += batch.length;
        alarm(`${batch.length} readings could not be kept`);
      });
    }
  };
  const flush = (): Promise<void> => {
    armed = false;
    writing = writing.then(writeAll);
    return writing;
  };
  return {
    evidence: {
      ...evidence,
      async put(records) {
        await evidence.put(records);
        const found = readingsOf(records);
        const fits = found.slice(0, Math.max(0, MAX_WAITING - waiting.length));
        lost += found.length - fits.length;
        waiting.push(...fits);
        if (waiting.length === 0 || armed) return;
        armed = true;
        timers.set(GATHER_MS, () => void flush());
      },
    },
    lost: () => lost,
    close: flush,
  };
}
