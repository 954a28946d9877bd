/** MIB tables about routing: sessions, neighbours, virtual gateways, the forwarding table. */
import type { RouteState } from '../device/state.ts';
import type { MibRow } from '../snmp/mib.ts';
import { BGP, BGP_STATES, OSPF, OSPF_STATES, ROUTE_PROTOCOLS, ROUTE_TYPES, ROUTES, VRRP, VRRP_STATES } from './oids.ts';
import { address, gauge, integer, type MibSource, type MibTable, octets, parseOid, row } from './table.ts';

const DOTTED = /^\d+(?:\.\d+){3}$/;
const IPV4 = [1, 4] as const;

/** Index of inetCidrRouteTable, see `ROUTES`. */
function routeIndex({ vrf, prefix, nextHop }: RouteState): readonly number[] {
  const [network = '', length = ''] = prefix.split('/');
  const hop = DOTTED.test(nextHop) ? [...IPV4, ...parseOid(nextHop)] : [0, 0];
  return [...IPV4, ...parseOid(network), Number(length), 3, 0, 0, vrf, ...hop];
}

function routeRows({ config, section }: MibSource): readonly MibRow[] {
  const ports = new Map(section('interfaces').map(({ name, index }) => [name, index]));
  const systems = new Map(config.bgp?.neighbors.map((one) => [one.address, one.remoteAs]));
  return section('routes').flatMap((route) =>
    row(ROUTES, routeIndex(route), {
      interface: integer(ports.get(route.interface) ?? 0),
      type: integer(
        route.nextHop === 'discard'
          ? ROUTE_TYPES.blackhole
          : route.protocol === 'connected'
            ? ROUTE_TYPES.local
            : ROUTE_TYPES.remote,
      ),
      protocol: integer(ROUTE_PROTOCOLS[route.protocol]),
      nextHopAs: gauge(systems.get(route.nextHop) ?? 0),
    }),
  );
}

export const ROUTING_TABLES: readonly MibTable[] = [
  { root: '1.3.6.1.2.1.4.24.7', rows: routeRows },
  {
    root: '1.3.6.1.2.1.14.10',
    rows: ({ section }) =>
      section('ospf').flatMap((one) =>
        row(OSPF, [...parseOid(one.neighbor), 0], {
          address: address(one.neighbor),
          routerId: address(one.routerId),
          state: integer(OSPF_STATES[one.state]),
        }),
      ),
  },
  {
    root: '1.3.6.1.2.1.15.3',
    rows: ({ now, section }) =>
      section('bgp').flatMap((peer) =>
        row(BGP, parseOid(peer.neighbor), {
          state: integer(BGP_STATES[peer.state]),
          remoteAddress: address(peer.neighbor),
          remoteAs: integer(asTrans(peer.remoteAs)),
          lastError: octets(peer.lastErrorCode, peer.lastErrorSubcode),
          establishedTime: gauge(peer.state === 'established' ? (now - peer.since) / 1000 : 0),
        }),
      ),
  },
  {
    root: '1.3.6.1.2.1.68.1.3',
    rows: ({ section }) => {
      const index = new Map(section('interfaces').map((port) => [port.name, port.index]));
      return section('vrrp').flatMap((group) =>
        row(VRRP, [index.get(group.interface) ?? 0, group.group], {
          state: integer(VRRP_STATES[group.state]),
          masterAddress: address(group.virtualAddress),
        }),
      );
    },
  },
];

/** BGP4-MIB knows two octets only: a longer number shows as AS_TRANS (RFC 6793 §9). */
const asTrans = (as: number): number => (as > 0xffff ? 23_456 : as);
