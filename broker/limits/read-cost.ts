/** What a read or probe will cost, estimated before it runs from what the same tool cost lately, and capped. */
import type { Operation } from '../contract.ts';

export interface ReadCost {
  /** Devices that are spoken to. */
  readonly devices: number;
  /** Observations. */
  readonly rows: number;
  readonly bytes: number;
}

/** Of one call; what is more is asked for in parts. */
export const MOST = { devices: 2000, rows: 20_000, bytes: 8_000_000 } as const satisfies ReadCost;

/** Observations of one operation of which nothing is known yet. */
const FIRST_ROWS = 20;
const BYTES_PER_ROW = 200;
const MAX_TOOLS = 500;

export interface ReadCosts {
  estimate(tool: string, operations: readonly Operation[]): ReadCost;
  /** Takes in what it was: the next estimate lies between this and the last. */
  learn(tool: string, operations: readonly Operation[], truth: Pick<ReadCost, 'rows' | 'bytes'>): void;
}

/** Why the call is too expensive, as a sentence. */
export function whyTooDear({ devices, rows, bytes }: ReadCost): string | undefined {
  if (devices > MOST.devices) return `One call may read ${MOST.devices} devices; this one names ${devices}.`;
  if (rows > MOST.rows) return `One call may read ${MOST.rows} observations; this one would read about ${rows}.`;
  if (bytes > MOST.bytes) return `One call may read ${MOST.bytes} bytes; this one would read about ${bytes}.`;
  return undefined;
}

export function createReadCosts(): ReadCosts {
  /** Per operation, in hundredths: integers, so that it is the same everywhere. */
  const known = new Map<string, { readonly rows: number; readonly bytes: number }>();
  return {
    estimate(tool, operations) {
      const each = known.get(tool) ?? { rows: FIRST_ROWS * 100, bytes: FIRST_ROWS * BYTES_PER_ROW * 100 };
      const devices = new Set(operations.flatMap((one) => (one.protocol === 'records' ? [] : [one.device])));
      const total = (hundredths: number): number => Math.ceil((hundredths * operations.length) / 100);
      return { devices: devices.size, rows: total(each.rows), bytes: total(each.bytes) };
    },
    learn(tool, operations, { rows, bytes }) {
      const count = Math.max(1, operations.length);
      const seen = { rows: Math.ceil((rows * 100) / count), bytes: Math.ceil((bytes * 100) / count) };
      const last = known.get(tool);
      if (last === undefined && known.size >= MAX_TOOLS) return;
      known.set(
        tool,
        last === undefined
          ? seen
          : { rows: Math.ceil((last.rows + seen.rows) / 2), bytes: Math.ceil((last.bytes + seen.bytes) / 2) },
      );
    },
  };
}
