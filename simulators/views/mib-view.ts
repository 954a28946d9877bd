/** What the SNMP agent of a simulated device serves. */
import { type MibRow, mibRows } from '../../protocols/mib/mib-rows.ts';
import type { DeviceRef, Network } from '../model/network.ts';

/** All rows now, sorted by object identifier. */
export function mibView(network: Network, ref: DeviceRef): readonly MibRow[] {
  return mibRows(network.config(ref), network.state(ref), network.now());
}
