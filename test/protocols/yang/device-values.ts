/** Device values for tests: generators of any configuration, and one small device. */
import fc from 'fast-check';
import type { DeviceConfig } from '../../../protocols/device/config.ts';
import type { DeviceState } from '../../../protocols/device/state.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,11}$/);
const address = fc.tuple(...Array.from({ length: 4 }, () => fc.nat(255))).map((octets) => octets.join('.'));
const prefix = fc.tuple(address, fc.nat(32)).map(([base, length]) => `${base}/${length}`);
const color = fc.constantFrom('mpls' as const, 'biz-internet' as const, 'lte' as const);
const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const uint32 = fc.nat(0xffff_ffff);
const asNumber = fc.integer({ min: 1, max: 0xffff_ffff });
const vrf = fc.constantFrom(0, 10, 20, 30, 40);
const text = fc
  .string({ unit: 'binary', maxLength: 60 })
  .filter((value) => /^[^\p{Cc}\p{Cs}\ufffe\uffff]*$/u.test(value));
const maybe = { requiredKeys: [] as [] };

/** Drops members that are undefined: absence is absence. */
const clean = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;

const uniqueBy = <T>(arbitrary: fc.Arbitrary<T>, selector: (value: T) => unknown) =>
  fc.uniqueArray(arbitrary, { maxLength: 4, selector });

export const anyConfig: fc.Arbitrary<DeviceConfig> = fc
  .record(
    {
      hostname: word,
      role: fc.constantFrom('edge' as const, 'hub' as const, 'controller' as const),
      siteId: uint32,
      site: word,
      systemIp: address,
      interfaces: uniqueBy(
        fc
          .record(
            {
              name: fc.constantFrom('ge0/0', 'ge0/1', 'ge0/2', 'cell0', 'loopback0'),
              enabled: fc.boolean(),
              mtu: fc.integer({ min: 68, max: 9216 }),
              vrf,
              description: text,
              ipv4: fc.record({ address, prefixLength: fc.nat(32) }),
              color,
              accessListIn: word,
            },
            { requiredKeys: ['name', 'enabled', 'mtu', 'vrf'] },
          )
          .map(clean),
        ({ name }) => name,
      ),
      accessLists: uniqueBy(
        fc.record({
          name: word,
          entries: uniqueBy(
            fc
              .record(
                {
                  name: word,
                  action: fc.constantFrom('permit' as const, 'deny' as const),
                  protocol: fc.constantFrom('any' as const, 'tcp' as const, 'udp' as const, 'icmp' as const),
                  source: fc.oneof(address, prefix),
                  destination: fc.oneof(address, prefix),
                  destinationPort: fc.nat(65_535),
                },
                { requiredKeys: ['name', 'action', 'protocol'] },
              )
              .map(clean),
            ({ name }) => name,
          ),
        }),
        ({ name }) => name,
      ),
      tunnels: uniqueBy(
        fc.record({ name: word, color, peer: word, peerColor: color, localAddress: address, remoteAddress: address }),
        ({ name }) => name,
      ),
      ipsec: fc.record({
        identityKey: key,
        peers: uniqueBy(fc.record({ peer: word, key }), ({ peer }) => peer),
        rekeySeconds: uint32,
      }),
      bfd: uniqueBy(
        fc.record({ color, txIntervalMs: uint32, multiplier: fc.integer({ min: 1, max: 255 }) }),
        (one) => one.color,
      ),
      staticRoutes: uniqueBy(fc.record({ vrf, prefix, nextHop: fc.oneof(fc.constant('discard'), address) }), (route) =>
        JSON.stringify(route),
      ),
      vrrp: uniqueBy(
        fc.record({
          interface: word,
          group: fc.integer({ min: 1, max: 255 }),
          virtualAddress: address,
          priority: fc.nat(255),
        }),
        (group) => `${group.interface} ${group.group}`,
      ),
      controllers: fc.uniqueArray(word, { maxLength: 3 }),
    },
    { noNullPrototype: true },
  )
  .chain((config) =>
    fc
      .record(
        {
          controlPlaneAcl: word,
          bgp: fc.record({
            localAs: asNumber,
            networks: fc.uniqueArray(prefix, { maxLength: 3 }),
            neighbors: uniqueBy(
              fc.record({
                address,
                peer: word,
                remoteAs: asNumber,
                maxPrefixes: uint32,
                localPreference: uint32,
              }),
              (neighbor) => neighbor.address,
            ),
          }),
        },
        maybe,
      )
      .map((more) => ({ ...config, ...clean(more) })),
  );

export const KEY = Buffer.alloc(32, 7).toString('base64');
export const NOW = Date.parse('2026-03-02T08:00:00.000Z');

/** A branch edge with one port, one tunnel, one session and two access lists. */
export const CONFIG: DeviceConfig = {
  hostname: 'br2_edge',
  role: 'edge',
  siteId: 2,
  site: 'br2',
  systemIp: '10.255.0.2',
  interfaces: [
    {
      name: 'ge0/0',
      description: 'to <isp1> & co',
      enabled: true,
      mtu: 1500,
      ipv4: { address: '100.64.1.2', prefixLength: 30 },
      vrf: 0,
      color: 'mpls',
    },
    { name: 'ge0/2', enabled: true, mtu: 1500, vrf: 10, accessListIn: 'acl-lan-in' },
  ],
  accessLists: [
    {
      name: 'acl-control-in',
      entries: [
        { name: 'e10', action: 'permit', protocol: 'tcp', source: '172.30.0.0/16', destinationPort: 179 },
        { name: 'e20', action: 'permit', protocol: 'any' },
      ],
    },
  ],
  controlPlaneAcl: 'acl-control-in',
  tunnels: [
    {
      name: 'tun-mpls-hub1_edge',
      color: 'mpls',
      peer: 'hub1_edge',
      peerColor: 'mpls',
      localAddress: '172.30.0.2',
      remoteAddress: '172.30.0.1',
    },
  ],
  ipsec: { identityKey: KEY, peers: [{ peer: 'hub1_edge', key: KEY }], rekeySeconds: 86_400 },
  bfd: [{ color: 'mpls', txIntervalMs: 1000, multiplier: 7 }],
  bgp: {
    localAs: 65_002,
    networks: ['10.2.10.0/24'],
    neighbors: [{ address: '172.30.0.1', peer: 'hub1_edge', remoteAs: 65_000, maxPrefixes: 100, localPreference: 200 }],
  },
  staticRoutes: [],
  vrrp: [],
  controllers: ['ctrl1'],
};

export const STATE: DeviceState = {
  hostname: 'br2_edge',
  system: {
    uptimeMs: 86_400_000,
    cpuPct: 12.5,
    memoryPct: 40,
    clockOffsetMs: -3,
    certificateDays: 200,
    processes: [{ name: 'bgpd', running: true }],
    firewallSessionPct: 3,
  },
  interfaces: [
    {
      name: 'ge0/0',
      index: 1,
      description: 'to isp1',
      admin: 'up',
      oper: 'down',
      lastChange: NOW - 60_000,
      mtu: 1500,
      speedBps: 100_000_000,
      inOctets: 5_000_000_000,
      outOctets: 10,
      inErrors: 3,
      outDiscards: 4_294_967_299,
      address: '100.64.1.2',
      vrf: 0,
      color: 'mpls',
    },
  ],
  tunnels: [
    {
      tunnel: 'br2_edge:mpls--hub1_edge:mpls',
      interface: 'tun-mpls-hub1_edge',
      color: 'mpls',
      peer: 'hub1_edge',
      peerColor: 'mpls',
      bfd: 'down',
      bfdDiagnostic: 'detection-time-expired',
      bfdTransitions: 3,
      bfdSince: NOW - 50_000,
      txIntervalMs: 1000,
      multiplier: 7,
      ipsec: 'no-handshake',
      lossPct: 0.25,
      latencyMs: 80.5,
      jitterMs: 1.5,
    },
  ],
  bgp: [
    {
      neighbor: '172.30.0.1',
      peer: 'hub1_edge',
      localAs: 65_002,
      remoteAs: 65_000,
      state: 'idle',
      lastErrorCode: 2,
      lastErrorSubcode: 2,
      prefixesReceived: 0,
      since: NOW - 45_000,
    },
  ],
  routes: [{ vrf: 10, prefix: '10.2.10.0/24', protocol: 'connected', nextHop: 'connected', interface: 'ge0/2' }],
  accessLists: [{ list: 'acl-control-in', entry: 'e10', hits: 42 }],
  vrrp: [],
  cellular: [{ interface: 'cell0', registered: true, attached: true, signalDbm: -71 }],
  control: [{ controller: 'ctrl1', color: 'mpls', state: 'down', reason: 'timeout', since: NOW - 40_000 }],
  commits: [{ id: 1, at: NOW - 86_000_000, user: 'netops' }],
};
