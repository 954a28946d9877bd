/** A generator of every configuration that the types allow. */
import fc from 'fast-check';
import type { DeviceConfig } from '../../../protocols/device/config.ts';
import {
  address,
  asNumber,
  color,
  decimal,
  key,
  named,
  partly,
  prefix,
  slaClass,
  some,
  text,
  trafficClass,
  uint8,
  uint32,
  uniqueBy,
  vrf,
  word,
} from './arbitraries.ts';

export const anyConfig: fc.Arbitrary<DeviceConfig> = partly(
  {
    hostname: word,
    role: fc.constantFrom('edge' as const, 'hub' as const, 'controller' as const),
    siteId: uint32,
    site: word,
    systemIp: address,
    interfaces: named(
      partly(
        {
          name: fc.constantFrom('ge0/0', 'ge0/1', 'ge0/2', 'cell0', 'loopback0'),
          enabled: fc.boolean(),
          mtu: fc.integer({ min: 68, max: 9216 }),
          vrf,
          dhcpHelpers: some(address),
        },
        {
          description: text,
          ipv4: fc.record({ address, prefixLength: fc.nat(32) }),
          color,
          accessListIn: word,
          qosPolicy: word,
        },
      ),
    ),
    accessLists: named(
      fc.record({
        name: word,
        entries: named(
          partly(
            {
              name: word,
              action: fc.constantFrom('permit' as const, 'deny' as const),
              protocol: fc.constantFrom(
                'any' as const,
                'tcp' as const,
                'udp' as const,
                'icmp' as const,
                'ospf' as const,
              ),
            },
            {
              source: fc.oneof(address, prefix),
              destination: fc.oneof(address, prefix),
              destinationPort: fc.nat(65_535),
              icmpType: uint8,
              icmpCode: uint8,
            },
          ),
        ),
      }),
    ),
    tunnels: named(
      partly(
        {
          name: word,
          color,
          peer: word,
          peerColor: color,
          localAddress: address,
          remoteAddress: address,
          selectors: some(prefix),
          proposal: word,
          lifetimeSeconds: fc.integer({ min: 60, max: 0xffff_ffff }),
          replayWindow: fc.integer({ min: 32, max: 8192 }),
        },
        { dscpRewrite: fc.nat(63), fec: fc.constantFrom('adaptive' as const, 'always' as const) },
      ),
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
        priority: uint8,
      }),
      (group) => `${group.interface} ${group.group}`,
    ),
    controllers: some(word),
    controlPort: fc.integer({ min: 1, max: 65_535 }),
    vrfLeaks: uniqueBy(fc.record({ name: word, from: vrf, to: vrf }), (leak) => JSON.stringify(leak)),
    ospf: uniqueBy(fc.record({ interface: word, area: address }), (one) => one.interface),
    qos: named(
      fc.record({
        name: word,
        classes: uniqueBy(
          fc.record({
            class: trafficClass,
            dscp: some(fc.nat(63)),
            bandwidthPct: fc.nat(100),
            priority: fc.boolean(),
          }),
          (one) => one.class,
        ),
      }),
    ),
    nat: named(
      fc.record({
        name: word,
        addresses: fc.integer({ min: 1, max: 256 }),
        portsPerAddress: fc.integer({ min: 1, max: 65_536 }),
      }),
    ),
    breakouts: named(partly({ name: word, vrf, color, nat: word }, { application: word })),
    dhcp: named(
      fc.record({
        name: word,
        vrf,
        prefix,
        router: address,
        resolvers: some(address),
        leaseSeconds: fc.integer({ min: 60, max: 31_536_000 }),
      }),
    ),
    ntpServers: some(address),
    appRoutes: named(fc.record({ name: word, application: word, slaClass, colors: some(color), strict: fc.boolean() })),
    slaClasses: named(partly({ name: slaClass, lossPct: decimal, latencyMs: decimal }, { jitterMs: decimal })),
    accounts: named(
      partly(
        { name: word, role: fc.constantFrom('admin' as const, 'operator' as const, 'monitor' as const) },
        { disabled: fc.boolean() },
      ),
    ),
  },
  {
    controlPlaneAcl: word,
    bgp: fc.record({
      localAs: asNumber,
      networks: some(prefix),
      exports: fc.constantFrom('own' as const, 'all' as const),
      neighbors: uniqueBy(
        fc.record({ address, peer: word, remoteAs: asNumber, maxPrefixes: uint32, localPreference: uint32 }),
        (neighbor) => neighbor.address,
      ),
    }),
    firewall: fc.record({
      maxSessions: fc.integer({ min: 1, max: 100_000_000 }),
      halfOpenLimit: fc.integer({ min: 1, max: 100_000_000 }),
      idleSeconds: fc.integer({ min: 1, max: 86_400 }),
      inspection: named(fc.record({ name: word, pattern: text })),
    }),
    appRoutePoll: fc.record({
      intervalSeconds: fc.integer({ min: 1, max: 86_400 }),
      multiplier: fc.integer({ min: 1, max: 100 }),
    }),
  },
);
