/** Every fault of filters, firewalls and translation at two places each. */
import { describe } from 'vitest';
import { acme, START } from '../model/reference.ts';
import { type Case, MINUTE, playCases, type Reader, SECOND } from './play-case.ts';

const ERP = { destination: '10.100.20.10', port: 443 } as const;
const WEB = { destination: '203.0.113.80', port: 443 } as const;
const OFFICE = { destination: '203.0.113.10', port: 443 } as const;

const firewall = ({ network, device }: Reader) =>
  network.section(acme(device), 'firewall') ?? { sessions: 0, maxSessions: 0, halfOpen: 0, newPerSecond: 0 };
const limit = ({ network, device }: Reader): number => network.config(acme(device)).firewall?.halfOpenLimit ?? 0;
const isFull = (now: Reader): boolean => firewall(now).sessions === firewall(now).maxSessions;
const pool = ({ network, device }: Reader, name: string) =>
  network.section(acme(device), 'nat').find((one) => one.pool === name) ?? { used: 0, size: 0 };
const hostAt = ({ device }: Reader, name: string): string => `${device.replace('_edge', '')}_${name}`;
const result = (now: Reader, host: string, to: { readonly destination: string; readonly port: number }) =>
  now.probe({ kind: 'tcp', host: hostAt(now, host), ...to }).result;
const call = (now: Reader): number =>
  now.probe({ kind: 'voice', host: hostAt(now, 'corp_pc1'), destination: '10.100.20.60', dscp: 46 }).figures?.mos ?? 0;
/** Share of the sessions from the site that somebody tried to open and could not, out of flow records. */
const unanswered = ({ network, device }: Reader, to: string): number => {
  const flows = network
    .flows('acme', START, network.now(), 200_000)
    .filter((one) => one.device === device && one.destination === to && one.application === 'unknown');
  return flows.filter((one) => one.tcpFlags === 2).length / Math.max(1, flows.length);
};
const sessions = (now: Reader) => [Math.round(firewall(now).sessions / 100), pool(now, 'guest').size];

const CASES: readonly Case[] = [
  ...[1, 2].map(
    (n): Case => ({
      type: 'acl_blocks_app',
      resource: `node/br${n}_edge`,
      at: `br${n}_edge`,
      shows: (now) => result(now, 'corp_pc1', ERP) === 'timeout' && now.hits('deny-443') > 10,
      hides: (now) => isFull(now) || now.probe({ kind: 'icmp', host: hostAt(now, 'corp_pc1'), ...ERP }).result !== 'ok',
      commits: true,
    }),
  ),
  ...['br2_edge', 'br4_edge'].map(
    (device): Case => ({
      type: 'fw_session_table_full',
      resource: `node/${device}`,
      at: device,
      after: 5 * MINUTE,
      shows: (now) =>
        isFull(now) && result(now, 'corp_pc1', ERP) === 'timeout' && now.events('trap.zbf_table_full').length > 0,
      // Completed sessions dominate, the pool has room, and calls that go on are not asked again.
      hides: (now) =>
        firewall(now).halfOpen > limit(now) ||
        unanswered(now, ERP.destination) > 0.5 ||
        pool(now, 'guest').used === pool(now, 'guest').size ||
        call(now) < 4.2,
      same: sessions,
    }),
  ),
  {
    type: 'fw_session_table_full',
    resource: 'node/hub1_edge',
    at: 'hub1_edge',
    after: 5 * MINUTE,
    shows: (now) => isFull(now) && now.events('trap.zbf_table_full').length > 0,
    hides: (now) => firewall(now).halfOpen > limit(now),
    same: sessions,
  },
  ...[1, 3].map(
    (n): Case => ({
      type: 'snat_port_exhaustion',
      resource: `node/br${n}_edge`,
      at: `br${n}_edge`,
      after: 3 * MINUTE,
      shows: (now) => pool(now, 'guest').used === pool(now, 'guest').size && result(now, 'guest1', WEB) === 'timeout',
      hides: (now) => isFull(now) || result(now, 'corp_pc1', OFFICE) !== 'ok',
      same: sessions,
    }),
  ),
  ...[1, 2].map(
    (n): Case => ({
      type: 'nat_mapping_removed',
      resource: `node/br${n}_edge`,
      at: `br${n}_edge`,
      after: SECOND,
      shows: (now) => pool(now, 'guest').used < 10,
      // What is new gets through, and other pools keep their mappings.
      hides: (now) => result(now, 'guest1', WEB) !== 'ok' || pool(now, 'm365').used < 10,
      same: (now) => [sessions(now), pool(now, 'guest')],
      mends: 5 * MINUTE,
      commits: true,
    }),
  ),
];

describe('faults between a user and an application', () => {
  playCases(CASES);
});
