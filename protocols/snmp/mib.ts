/** What an SNMP agent can be asked: typed values in the order of their names (RFC 2578 §7.1, RFC 3416 §2.2). */
import type { Oid } from './ber.ts';
import { compareOids } from './oid.ts';

/** A value by its SMI type. Integers are signed 32 bit; the unsigned types are 32 bit but `counter64`. */
export type MibValue =
  | { readonly type: 'integer' | 'counter32' | 'gauge32' | 'timeticks'; readonly value: number }
  | { readonly type: 'counter64'; readonly value: bigint }
  /** OCTET STRING; text is sent as UTF-8. */
  | { readonly type: 'string'; readonly value: string | Uint8Array }
  | { readonly type: 'oid'; readonly value: Oid }
  /** Dotted IPv4 address. */
  | { readonly type: 'ip'; readonly value: string };

export interface MibRow {
  readonly oid: Oid;
  readonly value: MibValue;
}

/** A view on the present: called for every varbind of every request. */
export interface MibView {
  get(oid: Oid): MibValue | undefined;
  /** The first row whose name comes after `oid`. */
  next(oid: Oid): MibRow | undefined;
}

/** A view on fixed rows, given in any order; of two rows with one name the later counts. */
export function createMibTable(rows: readonly MibRow[]): MibView {
  const sorted = [...rows].sort((a, b) => compareOids(a.oid, b.oid));
  const table = sorted.filter((row, i) => {
    const after = sorted[i + 1];
    return after === undefined || compareOids(row.oid, after.oid) !== 0;
  });
  /** Index of the first row that is not before `oid`. */
  const find = (oid: Oid): number => {
    let low = 0;
    let high = table.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = table[middle];
      if (row !== undefined && compareOids(row.oid, oid) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const at = (index: number, oid: Oid): MibRow | undefined => {
    const row = table[index];
    return row !== undefined && compareOids(row.oid, oid) === 0 ? row : undefined;
  };
  return {
    get: (oid) => at(find(oid), oid)?.value,
    next: (oid) => {
      const index = find(oid);
      return at(index, oid) === undefined ? table[index] : table[index + 1];
    },
  };
}
