/** What each kind of probe measures, from hosts, from agents and over the underlay, on a healthy network and a broken one. */
import { describe, expect, it } from 'vitest';
import type { ProbeRequest } from '../../../simulators/model/network.ts';
import { acme, acmeTopology, START, startNetwork } from './reference.ts';

const HOUR = 3_600_000;
const ERP = '10.100.20.10';
const PC = { vrf: 10, host: 'br1_corp_pc1' } as const;

type Faults = readonly (readonly [type: string, resource: string])[];

function start(...faults: Faults) {
  const network = startNetwork(acmeTopology(2));
  network.advanceTo(START + 2 * HOUR);
  for (const [type, resource] of faults) network.inject({ tenant: 'acme', type, resource });
  network.advanceTo(network.now() + 30_000);
  const wan = (device: string, port: string): string =>
    network.config(acme(device)).interfaces.find((one) => one.name === port)?.ipv4?.address ?? '';
  const ask = (request: ProbeRequest, device = 'br1_edge') => network.probe(acme(device), request);
  return { network, ask, wan };
}

describe('probes on a healthy network', () => {
  const { ask, wan } = start();

  it('trace the devices on the way, resolve names, and find the largest packet', () => {
    expect(ask({ kind: 'traceroute', ...PC, destination: ERP }).figures?.hops).toEqual([
      'br1_edge',
      'hub1_edge',
      'hub1_srv1',
    ]);
    const name = { kind: 'dns', ...PC, destination: '10.100.20.53' } as const;
    expect(ask({ ...name, name: 'erp.example' })).toMatchObject({ result: 'ok', figures: { answer: ERP } });
    expect(ask({ ...name, name: 'nobody.example' }).figures).toEqual({});
    // 1500 less 75 bytes of tunnel.
    expect(ask({ kind: 'df-size', ...PC, destination: ERP }).figures).toEqual({ size: 1425, nextHopMtu: 1425 });
    const underlay = { kind: 'df-size', vrf: 0, source: 'ge0/0', destination: wan('hub1_edge', 'ge0/0') } as const;
    expect(ask(underlay).figures?.size).toBe(1500);
  });

  it('open pages of internal, external and guest services by the way of each', () => {
    const page = (request: Partial<ProbeRequest>) =>
      ask({ kind: 'http', ...PC, destination: ERP, port: 443, ...request });
    expect(page({}).rttMs).toBeGreaterThan(160);
    expect(page({}).rttMs).toBeLessThan(250);
    expect(page({ object: 'large' }).rttMs).toBeGreaterThan(2_000);
    // By the branch's own breakout; by the hub's.
    expect(page({ destination: '203.0.113.10' }).rttMs).toBeLessThan(page({ destination: '203.0.113.20' }).rttMs);
    expect(page({ host: 'br1_guest1', vrf: 40, destination: '203.0.113.80' }).result).toBe('ok');
    expect(page({ host: 'br1_guest1', vrf: 40 }).result).not.toBe('ok');
    expect(page({ port: 8443 }).result).toBe('refused');
  });

  it('measure room and calls, on tunnels and outside of them', () => {
    const mbps = ask({ kind: 'throughput', ...PC, destination: '10.100.20.80', port: 873 }).figures?.mbps ?? 0;
    expect(mbps).toBeGreaterThan(100);
    expect(mbps).toBeLessThan(200);
    const call = ask({ kind: 'voice', vrf: 0, source: 'ge0/1', destination: wan('hub1_edge', 'ge0/1'), dscp: 46 });
    expect(call.figures?.mos).toBeGreaterThan(4.3);
    expect(ask({ kind: 'tcp', vrf: 0, source: 'ge0/1', destination: '203.0.113.80', port: 443 }).result).toBe('ok');
    // The private network does not reach the internet.
    expect(ask({ kind: 'tcp', vrf: 0, source: 'ge0/0', destination: '203.0.113.80', port: 443 }).result).toBe(
      'timeout',
    );
  });

  it('stay inside a LAN between neighbours, and start at a host wherever they are asked', () => {
    const printer = ask({ kind: 'icmp', ...PC, destination: '10.1.10.30' });
    expect(printer.rttMs).toBeLessThan(5);
    const elsewhere = ask({ kind: 'icmp', ...PC, destination: ERP }, 'hub2_edge');
    expect(elsewhere.rttMs).toBeGreaterThan(80);
  });
});

describe('probes on a broken network', () => {
  it('tell a small MTU that answers from one that is silent', () => {
    const size = (...faults: Faults) =>
      start(['path_mtu_mismatch', 'interface/br1_edge/ge0/0'], ...faults).ask({
        kind: 'df-size',
        ...PC,
        destination: ERP,
      });
    expect(size().figures).toEqual({ size: 425, nextHopMtu: 425 });
    expect(size(['icmp_frag_needed_filtered', 'node/br1_edge']).figures).toEqual({ size: 425 });
    const { ask } = start(['icmp_frag_needed_filtered', 'node/br1_edge']);
    expect(ask({ kind: 'http', ...PC, destination: ERP, port: 443, object: 'large' }).result).toBe('ok');
  });

  it('lose echoes in the measure of the line, and wait for what a handshake has lost', () => {
    const { ask, wan, network } = start(['link_packet_corruption', 'interface/br1_edge/ge0/1']);
    const destination = wan('hub1_edge', 'ge0/1');
    const pings = ask({ kind: 'icmp', vrf: 0, source: 'ge0/1', destination, count: 1000 });
    expect(pings.received).toBeGreaterThan(800);
    expect(pings.received).toBeLessThan(960);
    expect(ask({ kind: 'throughput', vrf: 0, source: 'ge0/1', destination }).figures?.mbps).toBeLessThan(2);
    const errors = () => network.state(acme('br1_edge')).interfaces.find((one) => one.name === 'ge0/1')?.inErrors ?? 0;
    const early = errors();
    network.advanceTo(network.now() + 60_000);
    expect(errors()).toBeGreaterThan(early);
  });

  it('go by the other hub and straight back when the preference is the wrong way round', () => {
    const { ask, network } = start(['route_policy_misconfig', 'policy/br1_edge/overlay-in']);
    expect(ask({ kind: 'traceroute', ...PC, destination: ERP }).figures?.hops?.slice(0, 3)).toEqual([
      'br1_edge',
      'hub2_edge',
      'hub1_edge',
    ]);
    const rtt = ask({ kind: 'icmp', ...PC, destination: ERP }).rttMs;
    expect(rtt).toBeGreaterThan(115);
    expect(rtt).toBeLessThan(130);
    const between = network.state(acme('hub1_edge')).interfaces.filter((one) => one.name.endsWith('hub2_edge'));
    expect(Math.max(...between.map((one) => one.inBps))).toBeGreaterThan(1_000_000);
  });

  it('show what applications do: the ERP off a bad line unless a rule pins it there', () => {
    const outcome = (...faults: Faults) => {
      const { network } = start(['provider_brownout', 'circuit/br1/biz-internet'], ...faults);
      return network.state(acme('br1_edge')).applications.find((one) => one.application === 'erp');
    };
    expect(outcome()).toMatchObject({ color: 'mpls', score: 100 });
    const pinned = outcome(['approute_pins_bad_path', 'policy/director/approute-erp']);
    expect(pinned?.color).toBe('biz-internet');
    expect(pinned?.score).toBeLessThan(50);
  });
});
