/** Hosts that mean ill, and those that only look like it, at two places each: flow records and what people wrote down. */
import { describe } from 'vitest';
import type { FlowRecord } from '../../../protocols/device/flow.ts';
import { isHalfOpen, scorePeriodicity } from '../../../protocols/device/flow-figures.ts';
import { START } from '../model/reference.ts';
import { type Case, MINUTE, playCases, type Reader, SECOND } from './play-case.ts';

const UNKNOWN = '198.51.100.66';
const TIME = '203.0.113.123';
const MACHINE_MADE = /^[a-z2-7]{14}\./;

const addressOf = ({ network }: Reader, host: string): string =>
  network.topology().hosts.find((one) => one.name === host)?.address ?? '';
const flowsOf = (now: Reader, host: string, after = START): readonly FlowRecord[] =>
  now.network.flows('acme', after, now.network.now(), 100_000).filter((one) => one.source === addressOf(now, host));
const known = ({ network }: Reader) => network.records('acme').knownSources.map((one) => one.name);
const regularity = (now: Reader, host: string, destination: string): number =>
  scorePeriodicity(flowsOf(now, host).filter((one) => one.destination === destination));
const asksStrangely = (now: Reader, host: string): boolean =>
  flowsOf(now, host).some((one) => MACHINE_MADE.test(one.dnsName ?? ''));
const tried = (now: Reader, host: string): number =>
  new Set(
    flowsOf(now, host).flatMap((one) =>
      one.application === 'unknown' ? `${one.destination}:${one.destinationPort}` : [],
    ),
  ).size;
const octets = (now: Reader, host: string, after = START): number =>
  flowsOf(now, host, after).reduce((sum, one) => sum + (one.application === 'software-update' ? one.octets : 0), 0);

const each = (hosts: readonly string[], make: (host: string) => Omit<Case, 'resource' | 'at'>): readonly Case[] =>
  hosts.map((host) => ({ resource: `host/${host}`, at: `${host.replace(/_.*$/, '')}_edge`, ...make(host) }));

const CASES: readonly Case[] = [
  ...each(['br2_corp_pc1', 'br1_guest1'], (host) => ({
    type: 'syn_flood',
    after: 20 * SECOND,
    shows: (now) =>
      flowsOf(now, host).filter(isHalfOpen).length > 10_000 && now.events('trap.zbf_half_open').length > 0,
    // The table has room: nothing that was completed fills it.
    hides: (now) => now.events('trap.zbf_table_full').length > 0 || tried(now, host) > 1,
  })),
  ...each(['br1_iot_cam1', 'br2_corp_pc1'], (host) => ({
    type: 'c2_beacon',
    after: 10 * MINUTE,
    shows: (now) => regularity(now, host, UNKNOWN) > 0.9 && asksStrangely(now, host),
    hides: (now) => known(now).length > 0 || octets(now, host) > 0,
  })),
  ...each(['br1_iot_cam1', 'br2_corp_printer1'], (host) => ({
    type: 'ntp_or_telemetry',
    after: 15 * MINUTE,
    shows: (now) => regularity(now, host, TIME) > 0.9 && known(now).includes('time.example'),
    hides: (now) => asksStrangely(now, host) || regularity(now, host, UNKNOWN) > 0,
  })),
  ...each(['br1_iot_cam1', 'br3_corp_pc2'], (host) => ({
    type: 'software_update',
    after: 10 * MINUTE,
    shows: (now) => octets(now, host) > 2e8 && octets(now, host, START + 3 * MINUTE) === 0 && known(now).length > 0,
    hides: (now) => asksStrangely(now, host),
  })),
  ...each(['br1_iot_cam1', 'br2_corp_pc1'], (host) => ({
    type: 'lateral_scan',
    shows: (now) => tried(now, host) > 300 && flowsOf(now, host).filter(isHalfOpen).length > 300,
    hides: (now) => known(now).length > 0 || now.events('trap.zbf_half_open').length > 0,
  })),
  ...each(['hub1_scanner', 'hub1_backup'], (host) => ({
    type: 'vulnerability_scanner',
    shows: (now) =>
      tried(now, host) > 300 &&
      known(now).includes(addressOf(now, host)) &&
      now.network.records('acme').windows.some((one) => one.resource === `host/${host}`),
    hides: (now) => asksStrangely(now, host),
  })),
  ...each(['br1_corp_printer1', 'br2_corp_pc1'], (host) => ({
    type: 'misconfigured_printer_discovery',
    // As long as anybody remembers.
    shows: (now) => flowsOf(now, host, START - 60 * MINUTE).filter((one) => one.destinationPort === 5353).length > 600,
    hides: (now) => tried(now, host) > 0 || known(now).length > 0,
  })),
];

describe('hosts that mean ill, and those that do not', () => {
  playCases(CASES);
});
