/** What a device says about its routing: sessions, neighbours, tables, virtual gateways. */
import type { BgpState, OspfState, RouteState, VrrpState } from '../../../protocols/device/state.ts';
import { SESSION_STATES } from '../layers/session.ts';
import { prefixesReceived, routesOf } from '../rib.ts';
import type { DeviceNode, World } from '../world.ts';

export const readBgp = (world: World, node: DeviceNode): readonly BgpState[] =>
  [...node.sessions.values()]
    .filter((session) => session.value !== 'dormant')
    .map((session) => {
      const { state, code, subcode } = SESSION_STATES[session.value];
      return {
        neighbor: session.neighbor.address,
        peer: session.neighbor.peer,
        localAs: node.config.bgp?.localAs ?? 0,
        remoteAs: session.neighbor.remoteAs,
        state,
        lastErrorCode: code,
        lastErrorSubcode: subcode,
        prefixesReceived: prefixesReceived(world, session),
        since: session.since,
      };
    });

export const readRoutes = (world: World, node: DeviceNode): readonly RouteState[] =>
  routesOf(world, node).map(({ parsed: _, originVrf: __, ...route }) => route);

export const readOspf = (_world: World, _node: DeviceNode): readonly OspfState[] => [];

export const readVrrp = (node: DeviceNode): readonly VrrpState[] =>
  [...node.vrrp.values()].map(({ group, value, since }) => ({
    interface: group.interface,
    group: group.group,
    virtualAddress: group.virtualAddress,
    state: value,
    since,
  }));
