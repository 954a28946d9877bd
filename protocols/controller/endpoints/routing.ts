/** Paths about routing: sessions, neighbours, tables, virtual gateways. */
import { z } from 'zod';
import { ofDevice } from '../endpoint.ts';
import { count, prefix, row, time, vpn, word } from '../rows.ts';

export const bgpNeighborRow = row.extend({
  'peer-addr': z.ipv4(),
  'peer-name': word,
  'local-as': count,
  as: count,
  state: z.enum(['idle', 'connect', 'active', 'opensent', 'openconfirm', 'established']),
  'prefix-received': count,
  /** Code and subcode of the last NOTIFICATION (RFC 4271 §4.5), 0/0 when none. */
  'last-error': z.string().regex(/^\d{1,3}\/\d{1,3}$/),
  since: time,
});

export const routeRow = row.extend({
  'vpn-id': vpn,
  prefix,
  protocol: z.enum(['connected', 'static', 'bgp', 'ospf']),
  /** Address, `connected` or `discard`. */
  'nexthop-addr': word,
  /** Empty on a route that leaves by none. */
  'nexthop-ifname': z.union([word, z.literal('')]),
  'origin-as': count.optional(),
});

export const ospfNeighborRow = row.extend({
  'if-name': word,
  'neighbor-address': z.ipv4(),
  'router-id': z.ipv4(),
  area: z.ipv4(),
  state: z.enum(['init', 'exstart', 'full']),
  since: time,
});

export const vrrpRow = row.extend({
  'if-name': word,
  'group-id': count,
  'virtual-ip': z.ipv4(),
  'vrrp-state': z.enum(['initialize', 'backup', 'master']),
  since: time,
});

export const ROUTING_ENDPOINTS = [
  ofDevice('/dataservice/device/bgp/neighbors', bgpNeighborRow, 'live', ['bgp'], ({ state }) =>
    state.bgp.map((peer) => ({
      'peer-addr': peer.neighbor,
      'peer-name': peer.peer,
      'local-as': peer.localAs,
      as: peer.remoteAs,
      state: peer.state,
      'prefix-received': peer.prefixesReceived,
      'last-error': `${peer.lastErrorCode}/${peer.lastErrorSubcode}`,
      since: peer.since,
    })),
  ),
  ofDevice('/dataservice/device/ip/routetable', routeRow, 'live', ['routes'], ({ state }) =>
    state.routes.map((route) => ({
      'vpn-id': route.vrf,
      prefix: route.prefix,
      protocol: route.protocol,
      'nexthop-addr': route.nextHop,
      'nexthop-ifname': route.interface,
      ...(route.originAs === undefined ? {} : { 'origin-as': route.originAs }),
    })),
  ),
  ofDevice('/dataservice/device/ospf/neighbor', ospfNeighborRow, 'live', ['ospf'], ({ state }) =>
    state.ospf.map((one) => ({
      'if-name': one.interface,
      'neighbor-address': one.neighbor,
      'router-id': one.routerId,
      area: one.area,
      state: one.state,
      since: one.since,
    })),
  ),
  ofDevice('/dataservice/device/vrrp', vrrpRow, 'live', ['vrrp'], ({ state }) =>
    state.vrrp.map((group) => ({
      'if-name': group.interface,
      'group-id': group.group,
      'virtual-ip': group.virtualAddress,
      'vrrp-state': group.state,
      since: group.since,
    })),
  ),
] as const;
