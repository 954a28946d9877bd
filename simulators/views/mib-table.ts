/** The rows of a device as the SNMP agent walks them: one picture of the device for the varbinds of one request. */
import { createMibTable, type MibValue, type MibView } from '../../protocols/snmp/mib.ts';
import type { DeviceRef, Network } from '../model/network.ts';
import { mibView } from './mib-view.ts';

type Row = ReturnType<typeof mibView>[number];

/** A picture is used for so many real milliseconds: a walk of many varbinds costs one, and nobody sees it age. */
const PICTURE_MS = 20;

/** `now` is a monotonic clock in milliseconds; `present` brings the network up to date. */
export function liveMib(present: () => Network, ref: DeviceRef, now: () => number): MibView {
  let picture: { readonly table: MibView; readonly at: number } | undefined;
  const table = (): MibView => {
    const at = now();
    if (picture === undefined || at - picture.at > PICTURE_MS) {
      const rows = mibView(present(), ref).map((row) => ({ oid: row.oid, value: toValue(row) }));
      picture = { table: createMibTable(rows), at };
    }
    return picture.table;
  };
  return { get: (oid) => table().get(oid), next: (oid) => table().next(oid) };
}

function toValue(row: Row): MibValue {
  switch (row.type) {
    case 'counter64':
      return { type: 'counter64', value: BigInt(row.value) };
    case 'oid':
      return { type: 'oid', value: row.value.split('.').map(Number) };
    case 'ip':
      return { type: 'ip', value: row.value };
    case 'string':
      return { type: 'string', value: row.value };
    default:
      return { type: row.type, value: row.value };
  }
}
