/** Counters that begin at zero again, as on a device whose line card was replaced: the agent's up time tells nothing of it. */
import type { MibRow, MibValue, MibView } from '../../../protocols/snmp/mib.ts';
import { formatOid } from '../../../protocols/snmp/oid.ts';

/** Rows read for the zero point, at most. */
const MAX_ROWS = 100_000;

/** The view with every counter counting from its present value. */
export function resetCounters(mib: MibView): MibView {
  const zero = new Map<string, bigint>();
  for (let row = mib.next([0, 0]), n = 0; row !== undefined && n < MAX_ROWS; row = mib.next(row.oid), n += 1)
    if (row.value.type === 'counter32' || row.value.type === 'counter64')
      zero.set(formatOid(row.oid), BigInt(row.value.value));
  const count = ({ oid, value }: MibRow): MibValue => {
    const from = zero.get(formatOid(oid)) ?? 0n;
    if (value.type === 'counter64') return { type: value.type, value: BigInt.asUintN(64, value.value - from) };
    if (value.type !== 'counter32') return value;
    return { type: value.type, value: Number(BigInt.asUintN(32, BigInt(value.value) - from)) };
  };
  return {
    get: (oid) => {
      const value = mib.get(oid);
      return value && count({ oid, value });
    },
    next: (oid) => {
      const row = mib.next(oid);
      return row && { oid: row.oid, value: count(row) };
    },
  };
}
