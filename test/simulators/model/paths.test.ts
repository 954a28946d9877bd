/** Where packets go: fail-over between colours and hubs, the last resort, filters, the underlay. */
import { describe, expect, it } from 'vitest';
import { acme, acmeTopology, complaints, ERP, outline, START, startNetwork } from './reference.ts';

const cut = (network: ReturnType<typeof startNetwork>, device: string, port: string): string =>
  network.inject({ tenant: 'acme', type: 'link_down', resource: `interface/${device}/${port}` });

describe('paths', () => {
  it('go from branch to branch through a hub, and through the other hub when the first has no power', () => {
    const network = startNetwork(acmeTopology(2));
    const request = { kind: 'icmp', vrf: 10, destination: '10.2.10.11' } as const;
    const direct = network.probe(acme('br1_edge'), request);
    expect(direct.result).toBe('ok');
    expect(Math.floor(direct.rttMs / 10)).toBe(16);
    network.inject({ tenant: 'acme', type: 'device_down', resource: 'node/hub1_edge' });
    expect(network.probe(acme('br1_edge'), request).result).toBe('timeout');
    network.advanceTo(START + 10_000);
    expect(network.probe(acme('br1_edge'), request).result).toBe('ok');
    // The ERP is behind the dead hub: its route is gone, the summary leads to the other hub, which drops it.
    expect(network.probe(acme('br1_edge'), ERP).result).toBe('unreachable');
  });

  it('reach the ERP through hub2 when a branch loses all tunnels to hub1', () => {
    const network = startNetwork(acmeTopology(2));
    const running = network.config(acme('br1_edge'));
    network.commit(
      acme('br1_edge'),
      { ...running, tunnels: running.tunnels.filter((tunnel) => tunnel.peer !== 'hub1_edge') },
      'netops',
    );
    network.advanceTo(START + 10_000);
    const answer = network.probe(acme('br1_edge'), ERP);
    expect(answer.result).toBe('ok');
    expect(Math.floor(answer.rttMs / 10)).toBe(16);
  });

  it('use the cellular last resort only while every other colour of the site is down', () => {
    const network = startNetwork(acmeTopology(4));
    expect(Object.keys(outline(network, 'br3_edge').bfd)).toHaveLength(4);
    const first = cut(network, 'br3_edge', 'ge0/0');
    network.advanceTo(START + 20_000);
    expect(Object.keys(outline(network, 'br3_edge').bfd)).toHaveLength(4);
    cut(network, 'br3_edge', 'ge0/1');
    network.advanceTo(START + 40_000);
    expect(outline(network, 'br3_edge').bfd['br3_edge:lte--hub1_edge:biz-internet']).toBe('up');
    const answer = network.probe(acme('br3_edge'), ERP);
    expect(answer.result).toBe('ok');
    expect(Math.floor(answer.rttMs / 10)).toBe(11);
    network.clear(first);
    network.advanceTo(START + 80_000);
    expect(Object.keys(outline(network, 'br3_edge').bfd)).toHaveLength(4);
    expect(network.state(acme('hub1_edge')).tunnels.some((one) => one.tunnel.includes(':lte'))).toBe(false);
    expect(network.probe(acme('br3_edge'), ERP).result).toBe('ok');
  });

  it('keep br4 off its cellular circuit while the second edge has tunnels', () => {
    const network = startNetwork(acmeTopology(4));
    cut(network, 'br4_edge', 'ge0/0');
    cut(network, 'br4_edge', 'ge0/1');
    network.advanceTo(START + 30_000);
    expect(Object.keys(outline(network, 'br4_edge').bfd)).toHaveLength(4);
    expect(network.reachable(acme('br4_edge'))).toBe(true);
  });

  it('end where nothing listens, nothing is known, or a VRF is not there', () => {
    const network = startNetwork(acmeTopology(2));
    const tcp = (vrf: number, destination: string, port: number): string =>
      network.probe(acme('br1_edge'), { kind: 'tcp', vrf, destination, port }).result;
    expect(tcp(10, '10.100.20.10', 80)).toBe('refused');
    expect(tcp(10, '10.100.20.99', 443)).toBe('timeout');
    expect(tcp(10, '192.0.2.1', 443)).toBe('unreachable');
    expect(tcp(99, '10.100.20.10', 443)).toBe('unreachable');
    expect(tcp(40, '10.100.20.10', 443)).toBe('unreachable');
    expect(tcp(30, '10.100.20.10', 443)).toBe('unreachable');
    expect(network.probe(acme('br1_edge'), { kind: 'icmp', vrf: 0, destination: '192.0.2.1' }).result).toBe(
      'unreachable',
    );
  });

  it('do not flap when a cause goes away before it is noticed', () => {
    const network = startNetwork(acmeTopology(2));
    const id = network.inject({ tenant: 'acme', type: 'provider_outage', resource: 'node/isp2_core' });
    network.advanceTo(START + 6_999);
    network.clear(id);
    network.advanceTo(START + 60_000);
    expect(network.events('acme', 0, 10)).toEqual([]);
    expect(complaints(network, 'br1_edge')).toEqual([]);
  });

  it('count interface octets without going back', () => {
    const network = startNetwork(acmeTopology(1));
    const octets = (): number => network.state(acme('br1_edge')).interfaces[0]?.inOctets ?? -1;
    const start = octets();
    network.advanceTo(START + 10_000);
    const later = octets();
    expect(later).toBeGreaterThan(start);
    cut(network, 'br1_edge', 'ge0/0');
    network.advanceTo(START + 20_000);
    expect(octets()).toBe(later);
  });
});
