/** The configuration of a device as YANG data nodes: ietf-interfaces and ietf-ip (RFC 8343, RFC 8344), the rest wayleave-sdwan. */
import {
  addressOrPrefix,
  boolean,
  integer,
  ipv4Address,
  ipv4Prefix,
  matching,
  oneOf,
  printable,
  publicKey,
  uint8,
  uint16,
  uint32,
  word,
} from './leaf-types.ts';
import { IF_TYPE_NS, INTERFACES_NS, IP_NS, SDWAN_NS } from './namespaces.ts';
import { inNamespace, optional, single } from './schema.ts';

const ietf = inNamespace(INTERFACES_NS);
const ip = inNamespace(IP_NS);
const { container, leaf, leafList, list, wrapper } = inNamespace(SDWAN_NS);

export const color = oneOf('mpls', 'biz-internet', 'lte');
export const vrf = integer(0, 65_535);
/** RFC 6793 §4: four octets; 0 is reserved (RFC 7607). */
const asNumber = integer(1, 0xffff_ffff);
const nextHop = matching(/^(?:discard|\d{1,3}(?:\.\d{1,3}){3})$/);

const address = ip.list('address', ['ip'], {
  address: ip.leaf('ip', ipv4Address),
  prefixLength: ip.leaf('prefix-length', integer(0, 32)),
});

/** One field a top-level element, by section name. */
export const CONFIG = {
  system: container('system', {
    hostname: leaf('hostname', word),
    role: leaf('role', oneOf('edge', 'hub', 'controller')),
    siteId: leaf('site-id', uint32),
    site: leaf('site', word),
    systemIp: leaf('system-ip', ipv4Address),
  }),
  interfaces: ietf.wrapper(
    'interfaces',
    ietf.list('interface', ['name'], {
      name: ietf.leaf('name', word),
      type: ietf.identityLeaf('type', { ns: IF_TYPE_NS, prefix: 'ianaift' }, 'ethernetCsmacd', 'wwanPP'),
      description: optional(ietf.leaf('description', printable)),
      enabled: ietf.leaf('enabled', boolean),
      ipv4: optional(ip.wrapper('ipv4', single(address))),
      mtu: leaf('mtu', integer(68, 65_535)),
      vrf: leaf('vrf', vrf),
      color: optional(leaf('color', color)),
      accessListIn: optional(leaf('access-list-in', word)),
    }),
  ),
  accessLists: container('access-lists', {
    controlPlaneAcl: optional(leaf('control-plane-in', word)),
    accessLists: list('access-list', ['name'], {
      name: leaf('name', word),
      entries: list(
        'entry',
        ['name'],
        {
          name: leaf('name', word),
          action: leaf('action', oneOf('permit', 'deny')),
          protocol: leaf('protocol', oneOf('any', 'tcp', 'udp', 'icmp', 'ospf')),
          source: optional(leaf('source', addressOrPrefix)),
          destination: optional(leaf('destination', addressOrPrefix)),
          destinationPort: optional(leaf('destination-port', uint16)),
        },
        true,
      ),
    }),
  }),
  tunnels: wrapper(
    'tunnels',
    list('tunnel', ['name'], {
      name: leaf('name', word),
      color: leaf('color', color),
      peer: leaf('peer', word),
      peerColor: leaf('peer-color', color),
      localAddress: leaf('local-address', ipv4Address),
      remoteAddress: leaf('remote-address', ipv4Address),
    }),
  ),
  ipsec: container('ipsec', {
    identityKey: leaf('identity-key', publicKey),
    rekeySeconds: leaf('rekey-seconds', uint32),
    peers: list('peer', ['name'], { peer: leaf('name', word), key: leaf('key', publicKey) }),
  }),
  bfd: wrapper(
    'bfd',
    list('session-profile', ['color'], {
      color: leaf('color', color),
      txIntervalMs: leaf('tx-interval-ms', uint32),
      multiplier: leaf('multiplier', integer(1, 255)),
    }),
  ),
  bgp: optional(
    container('bgp', {
      localAs: leaf('local-as', asNumber),
      networks: leafList('network', ipv4Prefix),
      neighbors: list('neighbor', ['address'], {
        address: leaf('address', ipv4Address),
        peer: leaf('peer', word),
        remoteAs: leaf('remote-as', asNumber),
        maxPrefixes: leaf('max-prefixes', uint32),
        localPreference: leaf('local-preference', uint32),
      }),
    }),
  ),
  staticRoutes: wrapper(
    'static-routes',
    list('route', ['vrf', 'prefix', 'next-hop'], {
      vrf: leaf('vrf', vrf),
      prefix: leaf('prefix', ipv4Prefix),
      nextHop: leaf('next-hop', nextHop),
    }),
  ),
  vrrp: wrapper(
    'vrrp',
    list('group', ['interface', 'group'], {
      interface: leaf('interface', word),
      group: leaf('group', integer(1, 255)),
      virtualAddress: leaf('virtual-address', ipv4Address),
      priority: leaf('priority', uint8),
    }),
  ),
  controllers: wrapper('controllers', leafList('controller', word)),
} as const;
