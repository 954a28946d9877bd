/** What the SNMP agent of a simulated device serves: one picture of the device for the varbinds of one request. */

import type { DeviceState } from '../../protocols/device/state.ts';
import { deviceMib } from '../../protocols/mib/device-mib.ts';
import type { MibSource } from '../../protocols/mib/table.ts';
import type { MibView } from '../../protocols/snmp/mib.ts';
import type { DeviceRef, Network } from '../model/network.ts';

/** A picture is used for so many real milliseconds at least: a walk of many varbinds costs one, and nobody sees it age. */
const PICTURE_MS = 20;
/** And for so many times as long as its dearest table took, so that a walk over a big device is not all building. */
const PICTURE_SHARE = 10;

/** The device at the present virtual time; each section is computed when a table asks for it, once. */
export function mibSource(network: Network, ref: DeviceRef): MibSource {
  const known: { [Key in keyof DeviceState]?: DeviceState[Key] } = {};
  return {
    config: network.config(ref),
    now: network.now(),
    section<Key extends keyof DeviceState>(key: Key): DeviceState[Key] {
      if (!(key in known)) Object.assign(known, { [key]: network.section(ref, key) });
      // What was put there under the key is of the type of the key.
      return known[key] as DeviceState[Key];
    },
  };
}

/** `now` is a monotonic clock in milliseconds; `present` brings the network up to date. */
export function liveMib(present: () => Network, ref: DeviceRef, now: () => number): MibView {
  let picture: { readonly view: MibView; readonly at: number; dearest: number } | undefined;
  const look = <T>(read: (view: MibView) => T): T => {
    const at = now();
    if (picture === undefined || at - picture.at > Math.max(PICTURE_MS, PICTURE_SHARE * picture.dearest))
      picture = { view: deviceMib(mibSource(present(), ref)), at, dearest: 0 };
    const found = read(picture.view);
    picture.dearest = Math.max(picture.dearest, now() - at);
    return found;
  };
  return { get: (oid) => look((view) => view.get(oid)), next: (oid) => look((view) => view.next(oid)) };
}
