/** Every fault of names and servers at two places each. */
import { describe } from 'vitest';
import { acme } from '../model/reference.ts';
import { type Case, playCases, type Reader } from './play-case.ts';

const HOSTS = {
  hub1_srv1: ['10.100.20.10', 443],
  hub1_dns: ['10.100.20.53', 53],
  hub2_dns: ['10.200.20.53', 53],
  hub1_voice: ['10.100.20.60', 5060],
} as const;
type Name = keyof typeof HOSTS;

const query = (now: Reader, resolver: Name, name = 'erp.example') =>
  now.probe({
    kind: 'dns',
    host: `${now.device.replace('_edge', '')}_corp_pc1`,
    destination: HOSTS[resolver][0],
    name,
  });
const pings = (now: Reader, name: Name): boolean =>
  now.probe({ kind: 'icmp', destination: HOSTS[name][0] }).result === 'ok';
const connects = (now: Reader, name: Name) =>
  now.probe({ kind: 'tcp', destination: HOSTS[name][0], port: HOSTS[name][1] }).result;
const agent = ({ network }: Reader, host: string) => network.hostProcesses('acme').find((one) => one.host === host);
const scores = ({ network, device }: Reader) =>
  network.section(acme(device), 'applications').map((one) => `${one.application} ${Math.round(one.score / 20)}`);

const RESOLVERS = ['hub1_dns', 'hub2_dns'] as const;
const other = (name: Name): Name => (name === 'hub1_dns' ? 'hub2_dns' : 'hub1_dns');

const CASES: readonly Case[] = [
  ...RESOLVERS.flatMap((name): readonly Case[] => [
    {
      type: 'dns_service_down',
      resource: `host/${name}`,
      shows: (now) => query(now, name).result === 'refused' && agent(now, name)?.state === 'stopped',
      hides: (now) => !pings(now, name) || query(now, other(name)).result !== 'ok',
      same: scores,
    },
    {
      type: 'dns_slow',
      resource: `host/${name}`,
      shows: (now) => query(now, name).rttMs > 800,
      hides: (now) =>
        now.probe({ kind: 'icmp', destination: HOSTS[name][0] }).rttMs > 200 || query(now, name).result !== 'ok',
      same: scores,
    },
    {
      type: 'dns_wrong_record',
      resource: `host/${name}`,
      shows: (now) => query(now, name).figures?.answer === '10.100.20.246',
      // By address, and by any other name, all is well.
      hides: (now) =>
        connects(now, 'hub1_srv1') !== 'ok' || query(now, name, 'sip.example').figures?.answer !== HOSTS.hub1_voice[0],
      same: scores,
    },
  ]),
  {
    type: 'dns_port_blocked',
    resource: 'node/br2_edge',
    at: 'br2_edge',
    shows: (now) => query(now, 'hub1_dns').result === 'timeout' && now.hits('deny-53') > 10,
    hides: (now) => agent(now, 'hub1_dns')?.state !== 'running' || !pings(now, 'hub1_dns'),
    same: scores,
    commits: true,
  },
  {
    type: 'dns_port_blocked',
    resource: 'host/hub1_dns',
    shows: (now) => query(now, 'hub1_dns').result === 'timeout',
    hides: (now) => agent(now, 'hub1_dns')?.state !== 'running' || !pings(now, 'hub1_dns'),
    same: scores,
  },
  ...(['hub1_srv1', 'hub1_voice'] as const).map(
    (name): Case => ({
      type: 'server_down',
      resource: `host/${name}`,
      shows: (now) =>
        connects(now, name) === 'timeout' && !pings(now, name) && agent(now, name)?.state === 'unreachable',
      hides: (now) => !pings(now, 'hub1_dns'),
      same: scores,
    }),
  ),
];

describe('faults of names and servers', () => {
  playCases(CASES);
});
