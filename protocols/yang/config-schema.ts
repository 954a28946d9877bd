/** The configuration of a device as YANG data nodes: ietf-interfaces and ietf-ip (RFC 7223, RFC 7277), the rest wayleave-sdwan. */
import {
  addressOrPrefix,
  boolean,
  decimal,
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
export const trafficClass = oneOf('control', 'voice', 'video', 'critical', 'bulk', 'best-effort');
export const slaClass = oneOf('voice', 'video', 'critical', 'bulk');
/** RFC 2474 §3. */
export const dscp = integer(0, 63);
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
      qosPolicy: optional(leaf('qos-policy', word)),
      dhcpHelpers: leafList('dhcp-helper', ipv4Address),
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
          icmpType: optional(leaf('icmp-type', uint8)),
          icmpCode: optional(leaf('icmp-code', uint8)),
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
      selectors: leafList('traffic-selector', ipv4Prefix),
      proposal: leaf('proposal', word),
      lifetimeSeconds: leaf('lifetime-seconds', integer(60, 0xffff_ffff)),
      replayWindow: leaf('replay-window', integer(32, 8192)),
      dscpRewrite: optional(leaf('dscp-rewrite', dscp)),
      fec: optional(leaf('fec', oneOf('adaptive', 'always'))),
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
      exports: leaf('exports', oneOf('own', 'all')),
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
  control: container('control', { controlPort: leaf('port', integer(1, 65_535)) }),
  vrfLeaks: wrapper(
    'vrf-leaks',
    list('leak', ['name', 'from', 'to'], { name: leaf('name', word), from: leaf('from', vrf), to: leaf('to', vrf) }),
  ),
  ospf: wrapper(
    'ospf',
    list('interface', ['name'], { interface: leaf('name', word), area: leaf('area', ipv4Address) }),
  ),
  qos: wrapper(
    'qos',
    list('policy', ['name'], {
      name: leaf('name', word),
      classes: list('class', ['name'], {
        class: leaf('name', trafficClass),
        dscp: leafList('dscp', dscp),
        bandwidthPct: leaf('bandwidth-pct', integer(0, 100)),
        priority: leaf('priority', boolean),
      }),
    }),
  ),
  nat: wrapper(
    'nat',
    list('pool', ['name'], {
      name: leaf('name', word),
      addresses: leaf('addresses', integer(1, 256)),
      portsPerAddress: leaf('ports-per-address', integer(1, 65_536)),
    }),
  ),
  breakouts: wrapper(
    'breakouts',
    list('breakout', ['name'], {
      name: leaf('name', word),
      vrf: leaf('vrf', vrf),
      application: optional(leaf('application', word)),
      color: leaf('color', color),
      nat: leaf('nat-pool', word),
    }),
  ),
  firewall: optional(
    container('firewall', {
      maxSessions: leaf('max-sessions', integer(1, 100_000_000)),
      halfOpenLimit: leaf('half-open-limit', integer(1, 100_000_000)),
      idleSeconds: leaf('idle-seconds', integer(1, 86_400)),
      inspection: list('inspection-rule', ['name'], { name: leaf('name', word), pattern: leaf('pattern', printable) }),
    }),
  ),
  dhcp: wrapper(
    'dhcp',
    list('scope', ['name'], {
      name: leaf('name', word),
      vrf: leaf('vrf', vrf),
      prefix: leaf('prefix', ipv4Prefix),
      router: leaf('router', ipv4Address),
      resolvers: leafList('resolver', ipv4Address, true),
      leaseSeconds: leaf('lease-seconds', integer(60, 31_536_000)),
    }),
  ),
  ntpServers: wrapper('ntp', leafList('server', ipv4Address)),
  appRoutes: wrapper(
    'app-routes',
    list('route', ['name'], {
      name: leaf('name', word),
      application: leaf('application', word),
      slaClass: leaf('sla-class', slaClass),
      colors: leafList('color', color, true),
      strict: leaf('strict', boolean),
    }),
  ),
  slaClasses: wrapper(
    'sla-classes',
    list('sla-class', ['name'], {
      name: leaf('name', slaClass),
      lossPct: leaf('loss-pct', decimal),
      latencyMs: leaf('latency-ms', decimal),
      jitterMs: optional(leaf('jitter-ms', decimal)),
    }),
  ),
  appRoutePoll: optional(
    container('app-route-poll', {
      intervalSeconds: leaf('interval-seconds', integer(1, 86_400)),
      multiplier: leaf('multiplier', integer(1, 100)),
    }),
  ),
  accounts: wrapper(
    'accounts',
    list('account', ['name'], {
      name: leaf('name', word),
      role: leaf('role', oneOf('admin', 'operator', 'monitor')),
      disabled: optional(leaf('disabled', boolean)),
    }),
  ),
} as const;
