/** Faults of quality at two places each: what tells them, what must not be seen, and that mending restores the readings. */
import { describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../../protocols/device/probe.ts';
import type { ModelNetwork } from '../../../simulators/model/create-network.ts';
import type { ProbeRequest } from '../../../simulators/model/network.ts';
import { acme, acmeTopology, START, startNetwork } from '../model/reference.ts';

const MINUTE = 60_000;
/** Ten o'clock on a working day. */
const ONSET = START + 120 * MINUTE;

/** One number or word each, of branch N or of a hub. */
type Reading = (network: ModelNetwork) => number | string;

const probe = (network: ModelNetwork, device: string, request: ProbeRequest): ProbeResult =>
  network.probe(acme(device), request);

const hostOf = (name: string) => {
  const host = acmeTopology(4).hosts.find((one) => one.name === name);
  if (host === undefined) throw new Error(`no host ${name}`);
  return host;
};

/** From one host to another, by the edge of the first. */
const between = (from: string, to: string, rest: Pick<ProbeRequest, 'kind'> & Partial<ProbeRequest>): ProbeRequest => ({
  vrf: hostOf(from).vrf,
  host: from,
  destination: hostOf(to).address,
  ...rest,
});

const mosToBranch =
  (n: number): Reading =>
  (network) =>
    probe(network, 'hub1_edge', between('hub1_voice', `br${n}_corp_pc1`, { kind: 'voice', dscp: 46 })).figures?.mos ??
    0;
const page =
  (n: number, host = 'corp_pc1'): Reading =>
  (network) => {
    const answer = probe(network, `br${n}_edge`, between(`br${n}_${host}`, 'hub1_srv1', { kind: 'http', port: 443 }));
    return answer.result === 'ok' ? answer.rttMs : answer.result;
  };
const mbps =
  (n: number, host = 'corp_pc1'): Reading =>
  (network) =>
    probe(network, `br${n}_edge`, between(`br${n}_${host}`, 'hub1_backup', { kind: 'throughput', port: 873 })).figures
      ?.mbps ?? 0;
const latency =
  (device: string, tunnel: RegExp): Reading =>
  (network) =>
    network.state(acme(device)).tunnels.find((one) => tunnel.test(one.tunnel))?.latencyMs ?? 0;
const loss =
  (device: string): Reading =>
  (network) =>
    Math.max(...network.state(acme(device)).tunnels.map((one) => one.lossPct));
const cpu =
  (device: string): Reading =>
  (network) =>
    network.state(acme(device)).system.cpuPct;
const busy =
  (device: string, name: string): Reading =>
  (network) => {
    const port = network.state(acme(device)).interfaces.find((one) => one.name === name);
    return port === undefined ? 0 : (100 * Math.max(port.inBps, port.outBps)) / port.speedBps;
  };
const dropped =
  (device: string, queue: RegExp): Reading =>
  (network) =>
    network
      .state(acme(device))
      .queues.filter((one) => queue.test(`${one.interface}/${one.class}`))
      .reduce((sum, one) => sum + one.drops, 0);
const colorOf =
  (n: number, application: string): Reading =>
  (network) =>
    network.state(acme(`br${n}_edge`)).applications.find((one) => one.application === application)?.color ?? 'none';
const heard =
  (name: string, resource: string): Reading =>
  (network) =>
    network.events('acme', 0, 10_000).filter((one) => one.name === name && one.resource === resource).length;

interface Case {
  readonly type: string;
  readonly resource: string;
  /** What must hold five minutes after the onset. */
  readonly seen: readonly (readonly [
    what: string,
    reading: Reading,
    holds: (value: never, before: never) => boolean,
  ])[];
  /** Telling signals of look-alikes: as before, within a tenth. */
  readonly unchanged: readonly (readonly [what: string, reading: Reading])[];
}

const below = (limit: number) => (value: number) => value < limit;
const above = (limit: number) => (value: number) => value > limit;
const is = (word: string) => (value: string) => value === word;

const CASES: readonly Case[] = [
  ...[1, 3].map(
    (n): Case => ({
      type: 'dscp_remark',
      resource: `interface/hub1_edge/tun-br${n}`,
      seen: [
        ['calls sound bad', mosToBranch(n), below(3.5)],
        ['best effort drops at the hub', dropped('hub1_edge', new RegExp(`br${n}_edge/best-effort`)), above(1000)],
      ],
      unchanged: [
        ['voice queue of the branch', dropped(`br${n}_edge`, /voice/)],
        ['loss of BFD', loss(`br${n}_edge`)],
      ],
    }),
  ),
  ...[1, 2].map(
    (n): Case => ({
      type: 'qos_misqueue',
      resource: `policy/br${n}_edge/qos-wan`,
      seen: [
        ['calls sound bad', mosToBranch(n), below(3.6)],
        ['the voice queue drops', dropped(`br${n}_edge`, /ge0\/0\/voice/), above(100)],
        [
          'the director wants it so',
          (network) => network.intendedConfig(acme(`br${n}_edge`)).qos[0]?.classes[1]?.bandwidthPct ?? -1,
          (value: number) => value === 0,
        ],
      ],
      unchanged: [
        ['best effort at the hub', dropped('hub1_edge', /best-effort/)],
        ['loss of BFD', loss(`br${n}_edge`)],
      ],
    }),
  ),
  ...(['policy/director/approute-erp', 'policy/director/approute-voice'] as const).map(
    (resource): Case => ({
      type: 'approute_pins_bad_path',
      resource,
      seen: [
        [
          'the application takes the pinned colour',
          colorOf(3, resource.replace(/^.*approute-/, '')),
          is('biz-internet'),
        ],
      ],
      unchanged: [['loss of BFD', loss('br3_edge')]],
    }),
  ),
  {
    type: 'circuit_saturated_by_host',
    resource: 'host/br1_corp_pc1',
    seen: [
      ['the circuit is full', busy('br1_edge', 'ge0/0'), above(95)],
      ['an alarm is raised', heard('trap.interface_bw', 'interface/br1_edge/ge0/0'), above(0)],
    ],
    unchanged: [
      ['the protected class', mosToBranch(1)],
      ['the other circuit', busy('br1_edge', 'ge0/1')],
    ],
  },
  {
    type: 'circuit_saturated_by_host',
    resource: 'circuit/br2/biz-internet',
    seen: [
      ['the circuit is full', busy('br2_edge', 'ge0/1'), above(95)],
      ['the cloud answers badly', heard('trap.cloudexpress_score', 'interface/br2_edge/ge0/1'), above(0)],
    ],
    unchanged: [['the other circuit', busy('br2_edge', 'ge0/0')]],
  },
  ...[1, 2].map(
    (n): Case => ({
      type: 'server_overload',
      resource: 'host/hub1_srv1',
      seen: [['small pages are late', page(n), above(1000)]],
      unchanged: [
        ['tunnels', latency(`br${n}_edge`, /mpls--hub1/)],
        [
          'names',
          (network) =>
            probe(network, `br${n}_edge`, between(`br${n}_corp_pc1`, 'hub1_dns', { kind: 'dns', name: 'erp.example' }))
              .rttMs,
        ],
      ],
    }),
  ),
  ...[1, 2].map(
    (n): Case => ({
      type: 'far_end_slow',
      resource: `node/hub${n}_edge`,
      seen: [
        ['slow on MPLS', latency('br1_edge', new RegExp(`mpls--hub${n}`)), above(180)],
        ['slow on the internet', latency('br2_edge', new RegExp(`biz-internet--hub${n}`)), above(180)],
      ],
      unchanged: [
        ['paths to the other hub', latency('br1_edge', new RegExp(`mpls--hub${3 - n}`))],
        ['the processor', cpu(`hub${n}_edge`)],
      ],
    }),
  ),
  {
    type: 'far_end_slow',
    resource: 'host/hub1_srv1',
    seen: [['pages are late', page(2), above(800)]],
    unchanged: [['tunnels', latency('br2_edge', /mpls--hub1/)]],
  },
  ...[1, 2].map(
    (n): Case => ({
      type: 'tcp_receive_window',
      resource: `host/br${n}_corp_pc1`,
      seen: [['transfers crawl', mbps(n), below(2)]],
      unchanged: [
        ['its neighbour', mbps(n, 'corp_pc2')],
        ['small pages', page(n)],
      ],
    }),
  ),
  ...['br2', 'hub1'].map(
    (site): Case => ({
      type: 'cpu_saturation',
      resource: `node/${site}_edge`,
      seen: [
        ['the processor is full', cpu(`${site}_edge`), above(95)],
        ['all colours are slow', latency(`${site}_edge`, /biz-internet/), above(130)],
        ['a commit came before', heard('trap.system_commit', `node/${site}_edge`), above(0)],
      ],
      unchanged: [
        ['the traffic', busy(`${site}_edge`, 'ge0/0')],
        ['another processor', cpu('br4_edge')],
      ],
    }),
  ),
];

const near = (value: number | string, before: number | string): boolean =>
  typeof value === 'number' && typeof before === 'number'
    ? Math.abs(value - before) <= Math.max(3, 0.1 * Math.abs(before))
    : value === before;

describe('faults of quality', () => {
  it.each(CASES)('$type at $resource', ({ type, resource, seen, unchanged }) => {
    const network = startNetwork(acmeTopology(4));
    network.advanceTo(ONSET);
    const readings = [...seen, ...unchanged].map(([, reading]) => reading(network));
    // The twin says what the readings would be at the end without the fault.
    const twin = startNetwork(acmeTopology(4));
    for (const [at, [what, , holds]] of seen.entries()) {
      expect(holds(readings[at] as never, readings[at] as never), `${what}, already before`).toBe(false);
    }
    const id = network.inject({ tenant: 'acme', type, resource });
    network.advanceTo(ONSET + 5 * MINUTE);
    for (const [at, [what, reading, holds]] of seen.entries()) {
      const value = reading(network);
      expect(holds(value as never, readings[at] as never), `${what}: ${value}, was ${readings[at]}`).toBe(true);
    }
    for (const [at, [what, reading]] of unchanged.entries()) {
      const [value, before] = [reading(network), readings[seen.length + at] ?? 0];
      expect(near(value, before), `${what}: ${value}, was ${before}`).toBe(true);
    }
    network.clear(id);
    network.advanceTo(ONSET + 30 * MINUTE);
    twin.advanceTo(ONSET + 30 * MINUTE);
    for (const device of ['br1_edge', 'br2_edge', 'hub1_edge', 'director']) {
      expect(network.config(acme(device))).toEqual(twin.config(acme(device)));
      expect(network.intendedConfig(acme(device))).toEqual(twin.intendedConfig(acme(device)));
      expect(network.state(acme(device)).applications).toEqual(twin.state(acme(device)).applications);
      expect(network.state(acme(device)).interfaces.map((one) => [one.inBps, one.outBps])).toEqual(
        twin.state(acme(device)).interfaces.map((one) => [one.inBps, one.outBps]),
      );
    }
  });

  it('make the processor stall, so that BFD flaps on every colour now and then and comes back', () => {
    const network = startNetwork(acmeTopology(2));
    network.inject({ tenant: 'acme', type: 'cpu_saturation', resource: 'node/br2_edge' });
    network.advanceTo(START + 60 * MINUTE);
    const state = network.state(acme('br2_edge'));
    for (const { bfdTransitions } of state.tunnels) expect(bfdTransitions).toBeGreaterThan(1);
    expect(network.state(acme('br1_edge')).tunnels.map((one) => one.bfdTransitions)).toEqual([0, 0, 0, 0]);
  });

  it('leave what somebody else has changed since, when they are cleared', () => {
    const network = startNetwork(acmeTopology(2));
    const resource = 'policy/director/approute-erp';
    const id = network.inject({ tenant: 'acme', type: 'approute_pins_bad_path', resource });
    const running = network.config(acme('director'));
    const mended = running.appRoutes.map((one) => (one.name === 'erp' ? { ...one, strict: false } : one));
    network.commit(acme('director'), { ...running, appRoutes: mended }, 'wayleave');
    network.clear(id);
    expect(network.config(acme('director')).appRoutes).toEqual(mended);
  });
});
