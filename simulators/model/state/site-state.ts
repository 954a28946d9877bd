/** What a device says about its site: leases, neighbours on the LAN, translations, firewall sessions. */
import type { ArpState, DhcpState, FirewallState, NatState } from '../../../protocols/device/state.ts';
import type { DeviceNode, World } from '../world.ts';

export const readDhcp = (_world: World, _node: DeviceNode): readonly DhcpState[] => [];
export const readArp = (_world: World, _node: DeviceNode): readonly ArpState[] => [];
export const readNat = (_world: World, _node: DeviceNode): readonly NatState[] => [];
export const readFirewall = (_world: World, _node: DeviceNode): FirewallState | undefined => undefined;
