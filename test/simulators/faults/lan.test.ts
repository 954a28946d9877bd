/** Every fault of a LAN at two places each: leases, neighbours, gateways, radio. */
import { describe } from 'vitest';
import { acme } from '../model/reference.ts';
import { type Case, MINUTE, playCases, type Reader } from './play-case.ts';

const HOUR = 60 * MINUTE;
const ERP = '10.100.20.10';

const arp = ({ network, device }: Reader, port: string) =>
  network.section(acme(device), 'arp').filter((one) => one.interface === port);
const leases = ({ network, device }: Reader, scope: string): number | undefined =>
  network.section(acme(device), 'dhcp').find((one) => one.scope === scope)?.leases;
const works = (now: Reader, host: string): boolean =>
  now.probe({ kind: 'tcp', host, destination: ERP, port: 443 }).result === 'ok';
const address = ({ network }: Reader, host: string): string =>
  network.topology().hosts.find((one) => one.name === host)?.address ?? '';
const pings = (now: Reader, from: string, to: string): boolean =>
  now.probe({ kind: 'icmp', host: from, destination: address(now, to) }).result === 'ok';

/** Some `key` of the neighbour table with two different `other`s. */
const doubled = (now: Reader, key: 'mac' | 'address', other: 'mac' | 'address'): boolean =>
  arp(now, 'ge0/2').some((one) => arp(now, 'ge0/2').some((two) => one[key] === two[key] && one[other] !== two[other]));
const helpThemselves = (now: Reader, port: string): boolean =>
  arp(now, port).some((one) => one.address.startsWith('169.254.'));
const processStopped = ({ network, device }: Reader, name: string): boolean =>
  network.section(acme(device), 'system').processes.some((one) => one.name === name && !one.running);

const site = (n: number) => {
  const host = (name: string): string => `br${n}_${name}`;
  return {
    at: `br${n}_edge`,
    host,
    same: (now: Reader) => [
      ...['ge0/2', 'ge0/3', 'ge0/4'].map((port) => arp(now, port)),
      leases(now, 'corp'),
      leases(now, 'guest'),
      ['corp_pc1', 'corp_pc2', 'corp_laptop1', 'corp_printer1'].map((name) => works(now, host(name))),
    ],
  };
};

const atSites = (numbers: readonly number[], make: (n: number, one: ReturnType<typeof site>) => Omit<Case, 'at'>) =>
  numbers.map((n): Case => {
    const one = site(n);
    return { at: one.at, same: one.same, ...make(n, one) };
  });

const CASES: readonly Case[] = [
  ...atSites([1, 4], (n, { host }) => ({
    type: 'arp_poisoning',
    resource: `host/${host(n === 1 ? 'corp_pc1' : 'corp_printer1')}`,
    shows: (now) => {
      const liar = arp(now, 'ge0/2').find((one) => one.address.endsWith('.10.1'))?.mac;
      return liar !== undefined && arp(now, 'ge0/2').filter((one) => one.mac === liar).length > 2;
    },
    hides: (now) => doubled(now, 'address', 'mac'),
  })),
  ...atSites([1, 3], (n, { host }) => ({
    type: 'duplicate_ip',
    resource: `host/${host(n === 1 ? 'corp_pc2' : 'corp_printer1')}`,
    shows: (now) => doubled(now, 'address', 'mac'),
    hides: (now) => doubled(now, 'mac', 'address'),
  })),
  ...atSites([1, 2], (n, { host }) => ({
    type: 'host_wrong_gateway',
    resource: `host/${host(`corp_pc${n}`)}`,
    shows: (now) => !works(now, host(`corp_pc${n}`)) && pings(now, host(`corp_pc${n}`), host('corp_printer1')),
    // Its neighbour has the same lease and a good gateway.
    hides: (now) => !works(now, host(`corp_pc${3 - n}`)),
  })),
  ...atSites([1, 3], (n, { host }) => ({
    type: 'rogue_dhcp',
    resource: `host/${host(n === 1 ? 'corp_printer1' : 'corp_pc1')}`,
    after: 3 * HOUR,
    shows: (now) => ['corp_pc1', 'corp_pc2', 'corp_laptop1'].some((name) => !works(now, host(name))),
    // Clients still lease: the printer, set by hand, works, and nobody is without an address.
    hides: (now) => helpThemselves(now, 'ge0/2') || !works(now, host('corp_printer1')),
    mends: 3 * HOUR,
  })),
  ...atSites([1, 2], (n) => ({
    type: 'dhcp_relay_broken',
    resource: n === 1 ? 'node/br1_edge' : 'interface/br2_edge/ge0/3',
    after: 25 * HOUR,
    shows: (now) => helpThemselves(now, 'ge0/3'),
    hides: (now) => helpThemselves(now, 'ge0/2') || leases(now, 'corp') === 0,
    commits: true,
  })),
  ...atSites([1, 3], (n) => ({
    type: 'dhcp_scope_missing',
    resource: `node/br${n}_edge`,
    after: 5 * HOUR,
    shows: (now) =>
      leases(now, 'corp') === undefined && helpThemselves(now, 'ge0/2') && now.events('trap.dhcp_server').length > 0,
    hides: (now) => leases(now, 'guest') === 0 || processStopped(now, 'dhcpd'),
    commits: true,
  })),
  ...atSites([1], () => ({
    type: 'dhcp_service_down',
    resource: 'node/br1_edge',
    after: 5 * HOUR,
    shows: (now) => leases(now, 'corp') === 0 && leases(now, 'guest') === 0 && processStopped(now, 'dhcpd'),
    hides: (now) => helpThemselves(now, 'ge0/3'),
  })),
  ...atSites([2], () => ({
    type: 'dhcp_service_down',
    resource: 'host/hub1_dhcp',
    after: 25 * HOUR,
    shows: (now) => helpThemselves(now, 'ge0/3'),
    hides: (now) => processStopped(now, 'dhcpd') || helpThemselves(now, 'ge0/2'),
  })),
  ...atSites([1, 3], (n, { host }) => ({
    type: 'dhcp_wrong_gateway',
    resource: `node/br${n}_edge`,
    after: 3 * HOUR,
    shows: (now) =>
      !works(now, host('corp_pc1')) &&
      !works(now, host('corp_pc2')) &&
      arp(now, 'ge0/2').some((one) => one.address.endsWith('.254') && one.mac === ''),
    hides: (now) => !works(now, host('corp_printer1')) || !pings(now, host('corp_pc1'), host('corp_pc2')),
    commits: true,
    mends: 3 * HOUR,
  })),
  ...atSites([1, 2], (n, { host }) => ({
    type: 'lan_wifi_problem',
    resource: `host/${host(n === 1 ? 'corp_ap1' : 'corp_laptop1')}`,
    shows: (now) => loss(now, host('corp_laptop1')) > 4,
    hides: (now) => loss(now, host('corp_pc1')) > 1 || !now.loses('mpls', 0, 0.5),
  })),
];

const loss = (now: Reader, host: string): number =>
  now.probe({ kind: 'icmp', host, destination: ERP, count: 200 }).figures?.lossPct ?? 100;

describe('faults of a LAN', () => {
  playCases(CASES);
});
