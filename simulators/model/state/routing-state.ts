/** What a device says about its routing: sessions, neighbours, tables, virtual gateways. */
import type { BgpState, OspfState, RouteState, VrrpState } from '../../../protocols/device/state.ts';
import { routersAt } from '../layers/ospf.ts';
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

/** Neighbours on the LAN; one whose dead interval has run out is forgotten (RFC 2328 §10.2, InactivityTimer). */
export const readOspf = (world: World, node: DeviceNode): readonly OspfState[] =>
  [...node.ospf.values()].flatMap((cell) =>
    cell.value === 'full'
      ? routersAt(world, node, cell.name).map((router) => ({
          interface: cell.name,
          neighbor: router.address,
          routerId: router.routerId,
          area: router.area,
          state: 'full' as const,
          since: cell.since,
        }))
      : [],
  );

export const readVrrp = (node: DeviceNode): readonly VrrpState[] =>
  [...node.vrrp.values()].map(({ group, value, since }) => ({
    interface: group.interface,
    group: group.group,
    virtualAddress: group.virtualAddress,
    state: value,
    since,
  }));
