/** Signals of ports, of their queues and of access lists. */
import { linkUsePct } from '../../protocols/device/derive.ts';
import { interfaceName, policyName } from '../../protocols/device/names.ts';
import type { InterfaceState } from '../../protocols/device/state.ts';
import type { SignalValue } from '../comparison.ts';
import { ofDevices, type SignalReader } from './reader.ts';

const port = (value: (one: InterfaceState) => SignalValue): SignalReader =>
  ofDevices((surface, device) =>
    (surface.section(device, 'interfaces') ?? []).map((one) => [interfaceName(device, one.name), value(one)]),
  );

export const interfaceSignals = {
  'if.oper': port((one) => one.oper),
  'if.admin': port((one) => one.admin),
  'if.in_errors': port((one) => one.inErrors),
  'if.out_drops': port((one) => one.outDiscards),
  'if.util_pct': port(linkUsePct),
  'if.mtu': port((one) => one.mtu),
  'if.last_change': port((one) => one.lastChange),
  'qos.class_drops': ofDevices((surface, device) =>
    (surface.section(device, 'queues') ?? []).map((one) => [
      `${interfaceName(device, one.interface)}/${one.class}`,
      one.drops,
    ]),
  ),
  'acl.hits': ofDevices((surface, device) =>
    (surface.section(device, 'accessLists') ?? []).map((one) => [
      `${policyName(device, one.list)}/${one.entry}`,
      one.hits,
    ]),
  ),
} as const;
