/** The six incidents at every size that has their site: symptoms in time, the rest healthy, repair brings it back. */
import { describe, expect, it } from 'vitest';
import type { DeviceConfig } from '../../../protocols/device/config.ts';
import type { ModelNetwork } from '../../../simulators/model/create-network.ts';
import { REFNET_SIZES } from '../../../simulators/topologies/refnet.ts';
import { acme, acmeTopology, complaints, ERP, outline, routers, START, startNetwork } from '../model/reference.ts';

const SIZES = (['s', 'm', 'l'] as const).map((size) => ({ size, branches: REFNET_SIZES[size] }));
const MINUTE = 60_000;

function startFault(branches: number, type: string, resource: string): { network: ModelNetwork; id: string } {
  const network = startNetwork(acmeTopology(branches));
  return { network, id: network.inject({ tenant: 'acme', type, resource }) };
}

const names = (network: ModelNetwork, name: string, resource?: string): readonly string[] =>
  network
    .events('acme', 0, 10_000)
    .filter((event) => event.name === name && (resource === undefined || event.resource === resource))
    .map((event) => `${event.device} ${event.at - START}`);

function expectOthersHealthy(network: ModelNetwork, broken: readonly string[]): void {
  for (const device of routers(network, broken)) expect(complaints(network, device, broken)).toEqual([]);
}

/** What an operator does over NETCONF: puts the intended configuration back. */
function repair(network: ModelNetwork, device: string, edit?: (running: DeviceConfig) => DeviceConfig): void {
  const config = edit?.(network.config(acme(device))) ?? network.intendedConfig(acme(device));
  network.commit(acme(device), config, 'wayleave');
}

describe.each(SIZES)('incidents at size $size', ({ branches }) => {
  it('R01: a wrong local AS is refused at both ends while tunnels stay up', () => {
    const { network } = startFault(branches, 'bgp_asn_mismatch', 'node/br2_edge');
    network.advanceTo(START + 10_000);
    const view = outline(network, 'br2_edge');
    expect(network.config(acme('br2_edge')).bgp?.localAs).toBe(65_099);
    expect(new Set(view.bgp)).toEqual(new Set(['hub1_edge idle 2/2', 'hub2_edge idle 2/2']));
    expect(outline(network, 'hub1_edge').bgp).toContain('br2_edge idle 2/2');
    expect(new Set(Object.values(view.bfd))).toEqual(new Set(['up']));
    expect(view.ipsec).toEqual(['established']);
    expect(network.state(acme('br2_edge')).routes.filter((route) => route.protocol === 'bgp')).toEqual([]);
    expect(network.probe(acme('br2_edge'), ERP).result).toBe('unreachable');
    expect(names(network, 'trap.system_commit')).toEqual(['br2_edge 0']);
    expectOthersHealthy(network, ['br2_edge']);

    repair(network, 'br2_edge');
    network.advanceTo(START + 15_000);
    expect(complaints(network, 'br2_edge')).toEqual([]);
  });

  it('P04: one port is dropped at the LAN, its entry counts, everything else passes', () => {
    const { network } = startFault(branches, 'acl_blocks_app', 'node/br1_edge');
    const hits = (): number =>
      network.state(acme('br1_edge')).accessLists.find((one) => one.entry === 'deny-443')?.hits ?? -1;
    expect(network.probe(acme('br1_edge'), ERP).result).toBe('timeout');
    expect(hits()).toBe(1);
    network.advanceTo(START + MINUTE);
    const early = hits();
    network.advanceTo(START + 2 * MINUTE);
    expect(hits()).toBeGreaterThan(early);
    const ping = network.probe(acme('br1_edge'), { kind: 'icmp', vrf: 10, destination: '10.100.20.10' });
    expect(ping).toMatchObject({ sent: 5, received: 5, result: 'ok' });
    const dns = network.probe(acme('br1_edge'), { kind: 'tcp', vrf: 10, destination: '10.100.20.53', port: 53 });
    expect(dns.result).toBe('ok');
    expect(complaints(network, 'br1_edge')).toEqual(['erp timeout']);
    expect(names(network, 'trap.system_commit')).toEqual(['br1_edge 0']);
    expectOthersHealthy(network, ['br1_edge']);

    repair(network, 'br1_edge', (running) => ({
      ...running,
      accessLists: running.accessLists.map((list) => ({
        ...list,
        entries: list.entries.filter((entry) => entry.name !== 'deny-443'),
      })),
    }));
    expect(complaints(network, 'br1_edge')).toEqual([]);
  });

  it('O01: no handshake on any tunnel of the branch, the underlay and the controllers are fine', () => {
    const { network } = startFault(branches, 'ipsec_peer_key_mismatch', 'node/br1_edge');
    network.advanceTo(START + 5 * MINUTE);
    const view = outline(network, 'br1_edge');
    expect(view.ipsec).toEqual(['no-handshake']);
    expect(new Set(Object.values(view.bfd))).toEqual(new Set(['down']));
    expect(view.bgp.filter((session) => session.includes('established'))).toEqual([]);
    expect(view.control).toEqual(['mpls up none', 'biz-internet up none']);
    const wan = network.config(acme('hub1_edge')).interfaces[0]?.ipv4?.address ?? '';
    const ping = network.probe(acme('br1_edge'), { kind: 'icmp', vrf: 0, destination: wan });
    expect(ping).toMatchObject({ received: 5, result: 'ok' });
    expect(names(network, 'trap.system_commit')).toEqual(['br1_edge 0']);
    expectOthersHealthy(network, ['br1_edge']);

    repair(network, 'br1_edge');
    network.advanceTo(network.now() + 10_000);
    expect(complaints(network, 'br1_edge')).toEqual([]);
  });

  it('T01: carrier loss takes one colour down within 7 s and traffic moves to the other', () => {
    const { network, id } = startFault(branches, 'link_down', 'link/br1_edge:ge0/0--isp1_core:br1');
    network.advanceTo(START + 7_000);
    expect(outline(network, 'br1_edge').ports['ge0/0']).toBe('up/down');
    expect(names(network, 'trap.linkDown')).toEqual(['br1_edge 0']);
    expect(outline(network, 'br1_edge').bfd).toEqual({
      'br1_edge:mpls--hub1_edge:mpls': 'down',
      'br1_edge:biz-internet--hub1_edge:biz-internet': 'up',
      'br1_edge:mpls--hub2_edge:mpls': 'down',
      'br1_edge:biz-internet--hub2_edge:biz-internet': 'up',
    });
    for (const hub of ['hub1_edge', 'hub2_edge']) {
      const tunnel = `tunnel/br1_edge:mpls--${hub}:mpls`;
      expect(names(network, 'trap.bfd_state', tunnel)).toEqual(['br1_edge 0', `${hub} 7000`]);
    }
    const route = network
      .state(acme('br1_edge'))
      .routes.find((one) => one.vrf === 10 && one.prefix === '10.100.20.0/24');
    expect(route?.interface).toBe('tun-biz-internet-hub1_edge');
    expect(network.probe(acme('br1_edge'), ERP).result).toBe('ok');
    network.advanceTo(START + 2 * MINUTE);
    expect(outline(network, 'br1_edge').control).toEqual(['mpls down timeout', 'biz-internet up none']);
    expectOthersHealthy(network, ['br1_edge']);

    network.clear(id);
    network.advanceTo(START + 3 * MINUTE);
    expect(complaints(network, 'br1_edge')).toEqual([]);
  });
});

describe.each(SIZES.filter(({ branches }) => branches >= 4))(
  'incidents that need four branches, at size $size',
  ({ branches }) => {
    it('R02: BGP does not connect, the filter counts, tunnels and pings are fine', () => {
      const { network } = startFault(branches, 'bgp_port_blocked', 'node/br3_edge');
      network.advanceTo(START + MINUTE);
      const view = outline(network, 'br3_edge');
      expect(new Set(view.bgp)).toEqual(new Set(['hub1_edge connect 0/0', 'hub2_edge connect 0/0']));
      expect(new Set(Object.values(view.bfd))).toEqual(new Set(['up']));
      const entry = network.state(acme('br3_edge')).accessLists.find((one) => one.entry === 'deny-179');
      expect(entry?.list).toBe('acl-control-in');
      expect(entry?.hits).toBeGreaterThan(10);
      const far = network.config(acme('br3_edge')).tunnels[0]?.remoteAddress ?? '';
      expect(network.probe(acme('br3_edge'), { kind: 'icmp', vrf: 0, destination: far }).result).toBe('ok');
      expectOthersHealthy(network, ['br3_edge']);

      repair(network, 'br3_edge');
      network.advanceTo(network.now() + 5_000);
      expect(complaints(network, 'br3_edge')).toEqual([]);
    });

    it('D03: everything of the edge vanishes and its partner takes over within 4 s', () => {
      const { network, id } = startFault(branches, 'device_down', 'node/br4_edge');
      network.advanceTo(START + 4_000);
      expect(network.reachable(acme('br4_edge'))).toBe(false);
      expect(network.state(acme('br4_edge_b')).vrrp.map((one) => one.state)).toEqual(['master', 'master', 'master']);
      expect(names(network, 'trap.vrrp')).toHaveLength(3);
      network.advanceTo(START + 2 * MINUTE);
      for (const hub of ['hub1_edge', 'hub2_edge']) {
        const ends = network.state(acme(hub)).tunnels.filter((one) => one.peer === 'br4_edge');
        expect(ends.map((one) => `${one.color} ${one.bfd} ${one.bfdDiagnostic}`)).toEqual([
          'mpls down detection-time-expired',
          'biz-internet down detection-time-expired',
        ]);
      }
      expect(network.state(acme('br4_edge')).control.every((one) => one.state === 'down')).toBe(true);
      expect(network.state(acme('br4_edge')).cellular).toMatchObject([{ registered: false, attached: false }]);
      expect(network.events('acme', 0, 1000).filter((event) => event.device === 'br4_edge')).toEqual([]);
      expect(names(network, 'trap.ctrl_conn', 'session/control/ctrl1--br4_edge:mpls')).toEqual(['ctrl1 60000']);
      expect(network.probe(acme('br4_edge_b'), ERP).result).toBe('ok');
      expectOthersHealthy(network, ['br4_edge']);

      network.clear(id);
      network.advanceTo(START + 4 * MINUTE);
      expect(complaints(network, 'br4_edge')).toEqual([]);
      expect(network.state(acme('br4_edge')).system.uptimeMs).toBe(2 * MINUTE);
      expect(network.state(acme('br4_edge')).vrrp.map((one) => one.state)).toEqual(['master', 'master', 'master']);
      expect(network.state(acme('br4_edge_b')).vrrp.map((one) => one.state)).toEqual(['backup', 'backup', 'backup']);
    });
  },
);
