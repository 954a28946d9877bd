/** What a device reports about itself as YANG data nodes, all `config false`, beside the configuration. */
import { color, slaClass, trafficClass, vrf } from './config-schema.ts';
import {
  boolean,
  counter,
  dateTime,
  decimal,
  integer,
  ipv4Address,
  ipv4Prefix,
  matching,
  oneOf,
  printable,
  uint8,
  uint32,
  word,
} from './leaf-types.ts';
import { INTERFACES_NS, SDWAN_NS } from './namespaces.ts';
import { inNamespace, optional } from './schema.ts';

const ietf = inNamespace(INTERFACES_NS);
const { container, keyless, leaf, leafList, list, wrapper } = inNamespace(SDWAN_NS);

const signed = integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

/** One field a top-level element. */
export const STATE = {
  system: container('system-state', {
    uptimeMs: leaf('uptime-ms', counter),
    cpuPct: leaf('cpu-pct', decimal),
    memoryPct: leaf('memory-pct', decimal),
    clockOffsetMs: leaf('clock-offset-ms', signed),
    certificateDays: leaf('certificate-days', signed),
    processes: list('process', ['name'], {
      name: leaf('name', word),
      running: leaf('running', boolean),
      memoryKb: leaf('memory-kb', counter),
      restarts: leaf('restarts', uint32),
    }),
    version: leaf('version', word),
    environment: leaf('environment', oneOf('ok', 'warning', 'failed')),
    ntp: list('ntp-server', ['address'], {
      server: leaf('address', ipv4Address),
      reachable: leaf('reachable', boolean),
      offsetMs: leaf('offset-ms', signed),
    }),
  }),
  // RFC 7223 §5, the revision for servers without NMDA: state stands beside the configuration.
  interfaces: ietf.wrapper(
    'interfaces-state',
    ietf.list('interface', ['name'], {
      name: ietf.leaf('name', word),
      description: leaf('description', printable),
      admin: ietf.leaf('admin-status', oneOf('up', 'down')),
      oper: ietf.leaf('oper-status', oneOf('up', 'down')),
      lastChange: ietf.leaf('last-change', dateTime),
      index: ietf.leaf('if-index', uint32),
      speedBps: ietf.leaf('speed', counter),
      mtu: leaf('mtu', uint32),
      inOctets: leaf('in-octets', counter),
      outOctets: leaf('out-octets', counter),
      inErrors: leaf('in-errors', counter),
      outDiscards: leaf('out-discards', counter),
      inBps: leaf('in-bps', counter),
      outBps: leaf('out-bps', counter),
      address: optional(leaf('address', ipv4Address)),
      vrf: leaf('vrf', vrf),
      color: optional(leaf('color', color)),
    }),
  ),
  tunnels: wrapper(
    'tunnels-state',
    list('tunnel', ['name'], {
      tunnel: leaf('name', matching(/^[\w.-]{1,64}:[\w-]{1,32}--[\w.-]{1,64}:[\w-]{1,32}$/)),
      interface: leaf('interface', word),
      color: leaf('color', color),
      peer: leaf('peer', word),
      peerColor: leaf('peer-color', color),
      bfd: leaf('bfd-state', oneOf('up', 'down')),
      bfdDiagnostic: leaf('bfd-diagnostic', oneOf('none', 'detection-time-expired', 'neighbor-down', 'admin-down')),
      bfdTransitions: leaf('bfd-transitions', counter),
      bfdSince: leaf('bfd-since', dateTime),
      txIntervalMs: leaf('tx-interval-ms', uint32),
      multiplier: leaf('multiplier', uint8),
      ipsec: leaf('ipsec-state', oneOf('established', 'no-handshake', 'down')),
      lossPct: leaf('loss-pct', decimal),
      latencyMs: leaf('latency-ms', decimal),
      jitterMs: leaf('jitter-ms', decimal),
      poll: container('last-poll', {
        at: leaf('at', dateTime),
        lossPct: leaf('loss-pct', decimal),
        latencyMs: leaf('latency-ms', decimal),
        jitterMs: leaf('jitter-ms', decimal),
      }),
      vqoe: leaf('vqoe', decimal),
      fwdLoss: leaf('forward-loss-ratio', decimal),
      revLoss: leaf('reverse-loss-ratio', decimal),
      fec: container('fec', {
        sent: leaf('sent', counter),
        received: leaf('received', counter),
        rebuilt: leaf('rebuilt', counter),
      }),
      rekeys: leaf('rekeys', counter),
      disconnects: leaf('disconnects', counter),
      replayDrops: leaf('replay-drops', counter),
      authDrops: leaf('auth-drops', counter),
      noSaDrops: leaf('no-sa-drops', counter),
      slaClasses: leafList('sla-class', slaClass),
    }),
  ),
  bgp: wrapper(
    'bgp-state',
    list('neighbor', ['address'], {
      neighbor: leaf('address', ipv4Address),
      peer: leaf('peer', word),
      localAs: leaf('local-as', uint32),
      remoteAs: leaf('remote-as', uint32),
      state: leaf('session-state', oneOf('idle', 'connect', 'active', 'opensent', 'openconfirm', 'established')),
      lastErrorCode: leaf('last-error-code', uint8),
      lastErrorSubcode: leaf('last-error-subcode', uint8),
      prefixesReceived: leaf('prefixes-received', uint32),
      since: leaf('since', dateTime),
    }),
  ),
  routes: wrapper(
    'routing-table',
    list('route', ['vrf', 'prefix', 'protocol', 'next-hop', 'interface'], {
      vrf: leaf('vrf', vrf),
      prefix: leaf('prefix', ipv4Prefix),
      protocol: leaf('protocol', oneOf('connected', 'static', 'bgp', 'ospf')),
      nextHop: leaf('next-hop', word),
      interface: leaf('interface', word),
      originAs: optional(leaf('origin-as', uint32)),
    }),
  ),
  accessLists: wrapper(
    'access-lists-state',
    list('counter', ['list', 'entry'], {
      list: leaf('list', word),
      entry: leaf('entry', word),
      hits: leaf('hits', counter),
    }),
  ),
  vrrp: wrapper(
    'vrrp-state',
    list('group', ['interface', 'group'], {
      interface: leaf('interface', word),
      group: leaf('group', uint8),
      virtualAddress: leaf('virtual-address', ipv4Address),
      state: leaf('state', oneOf('initialize', 'backup', 'master')),
      since: leaf('since', dateTime),
    }),
  ),
  cellular: wrapper(
    'cellular-state',
    list('modem', ['interface'], {
      interface: leaf('interface', word),
      registered: leaf('registered', boolean),
      attached: leaf('attached', boolean),
      signalDbm: leaf('signal-dbm', decimal),
      monthBytes: leaf('month-bytes', counter),
    }),
  ),
  control: wrapper(
    'control-state',
    list('connection', ['controller', 'color'], {
      controller: leaf('controller', word),
      color: leaf('color', color),
      state: leaf('state', oneOf('up', 'down')),
      reason: leaf('reason', printable),
      since: leaf('since', dateTime),
    }),
  ),
  commits: wrapper(
    'commit-history',
    list('commit', ['id'], { id: leaf('id', counter), at: leaf('at', dateTime), user: leaf('user', printable) }),
  ),
  omp: wrapper(
    'omp-state',
    list('peer', ['name'], {
      peer: leaf('name', word),
      state: leaf('state', oneOf('up', 'down', 'graceful-restart')),
      since: leaf('since', dateTime),
    }),
  ),
  ospf: wrapper(
    'ospf-state',
    list('neighbor', ['interface', 'address'], {
      interface: leaf('interface', word),
      neighbor: leaf('address', ipv4Address),
      routerId: leaf('router-id', ipv4Address),
      area: leaf('area', ipv4Address),
      state: leaf('state', oneOf('init', 'exstart', 'full')),
      since: leaf('since', dateTime),
    }),
  ),
  queues: wrapper(
    'qos-state',
    list('queue', ['interface', 'class'], {
      interface: leaf('interface', word),
      class: leaf('class', trafficClass),
      packets: leaf('packets', counter),
      drops: leaf('drops', counter),
    }),
  ),
  nat: wrapper(
    'nat-state',
    list('pool', ['name'], { pool: leaf('name', word), used: leaf('used', counter), size: leaf('size', counter) }),
  ),
  firewall: optional(
    container('firewall-state', {
      sessions: leaf('sessions', counter),
      maxSessions: leaf('max-sessions', counter),
      halfOpen: leaf('half-open', counter),
      newPerSecond: leaf('new-per-second', decimal),
    }),
  ),
  dhcp: wrapper(
    'dhcp-state',
    list('scope', ['name'], {
      scope: leaf('name', word),
      vrf: leaf('vrf', vrf),
      leases: leaf('leases', counter),
      discovers: leaf('discovers', counter),
      offers: leaf('offers', counter),
    }),
  ),
  arp: wrapper(
    'arp-table',
    list('entry', ['interface', 'address', 'mac'], {
      interface: leaf('interface', word),
      address: leaf('address', ipv4Address),
      mac: leaf('mac', matching(/^(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5})?$/)),
    }),
  ),
  logins: wrapper(
    'login-history',
    keyless('login', {
      at: leaf('at', dateTime),
      user: leaf('user', printable),
      source: leaf('source', printable),
      result: leaf('result', oneOf('ok', 'failed')),
    }),
  ),
  slaFailures: wrapper(
    'sla-failures',
    list('failure', ['application', 'class', 'color'], {
      application: leaf('application', word),
      class: leaf('class', slaClass),
      color: leaf('color', color),
      failures: leaf('failures', counter),
    }),
  ),
  applications: wrapper(
    'applications-state',
    list('application', ['name'], {
      application: leaf('name', word),
      score: leaf('score', decimal),
      color: optional(leaf('color', color)),
    }),
  ),
} as const;
