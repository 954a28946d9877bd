/** What tells look-alikes from the six incidents, and what a fault that does not fit is answered. */
import { describe, expect, it } from 'vitest';
import { sessionUsePct } from '../../../protocols/device/derive.ts';
import { FAULT_TYPES } from '../../../simulators/faults/faults.ts';
import { ModelError } from '../../../simulators/model/network.ts';
import { acme, acmeTopology, complaints, ERP, outline, routers, START, startNetwork } from '../model/reference.ts';

function run(type: string, resource: string, afterMs = 120_000) {
  const network = startNetwork(acmeTopology(4));
  const id = network.inject({ tenant: 'acme', type, resource });
  network.advanceTo(START + afterMs);
  return { network, id };
}

/** Places among which every fault type finds one that it fits. */
const ANYWHERE = [
  ...['node/br1_edge', 'node/isp1_core', 'interface/br1_edge/ge0/0', 'interface/br1_edge/ge0/2'],
  ...['interface/hub1_edge/ge0/1', 'interface/br3_edge/cell0', 'interface/br1_edge/tun-hub1', 'circuit/br1/mpls'],
  ...['link/br1_edge:ge0/0--isp1_core:br1', 'tunnel/br1_edge:mpls--hub1_edge:mpls', 'session/bgp/hub1_edge--br2_edge'],
  ...['controller/ctrl1', 'node/hub1_edge', 'node/br4_edge', 'policy/br1_edge/bfd-mpls', 'policy/br1_edge/overlay-in'],
  ...['policy/br1_edge/overlay-out', 'policy/br1_edge/qos-wan', 'policy/hub1_edge/vrf-leak-corp-server'],
  ...['policy/director/approute-erp', 'host/hub1_srv1', 'host/hub1_dns', 'host/hub1_dhcp', 'host/br1_corp_pc1'],
  ...[
    'host/br1_iot_cam1',
    'host/br1_corp_ap1',
    'host/br1_corp_laptop1',
    'host/br1_corp_printer1',
    'host/hub1_scanner',
    'node/hub1_poller',
  ],
];

function strikes(network: ReturnType<typeof startNetwork>, type: string, resource: string): boolean {
  try {
    network.inject({ tenant: 'acme', type, resource });
    return true;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return false;
  }
}

describe('look-alikes', () => {
  it('provider_outage takes one colour from every site while ports stay up', () => {
    const { network } = run('provider_outage', 'node/isp1_core', 10_000);
    for (const device of routers(network)) {
      const view = outline(network, device);
      expect(view.ports['ge0/0']).toBe('up/up');
      for (const [tunnel, bfd] of Object.entries(view.bfd)) expect(bfd).toBe(tunnel.includes(':mpls') ? 'down' : 'up');
      expect(network.probe(acme(device), ERP).result).toBe('ok');
    }
    expect(network.events('acme', 0, 10_000).filter((event) => event.name === 'trap.bfd_state')).toHaveLength(
      // Five edges to two hubs, hub to hub, both ends.
      2 * 11,
    );
  });

  it('if_admin_shutdown shows admin down and a commit before it', () => {
    const { network, id } = run('if_admin_shutdown', 'interface/br1_edge/ge0/0');
    expect(outline(network, 'br1_edge').ports['ge0/0']).toBe('down/down');
    expect(network.events('acme', 0, 2).map((event) => event.name)).toEqual(['trap.system_commit', 'trap.linkDown']);
    network.clear(id);
    network.advanceTo(network.now() + 20_000);
    expect(complaints(network, 'br1_edge')).toEqual([]);
  });

  it('bfd_port_blocked leaves the association, the port and the underlay alone', () => {
    const { network } = run('bfd_port_blocked', 'node/br1_edge');
    expect(outline(network, 'br1_edge')).toMatchObject({ ipsec: ['established'], ports: { 'ge0/0': 'up/up' } });
    expect(new Set(Object.values(outline(network, 'br1_edge').bfd))).toEqual(new Set(['down']));
    expect(network.state(acme('br1_edge')).tunnels[0]?.bfdDiagnostic).toBe('detection-time-expired');
    const gateway = network.config(acme('br1_edge')).interfaces[0]?.ipv4?.address.replace(/\d+$/, '33') ?? '';
    expect(network.probe(acme('br1_edge'), { kind: 'icmp', vrf: 0, destination: gateway }).result).toBe('ok');
  });

  it.each([
    ['cert_expired', 'certificate', 'trap.cert_expired'],
    ['clock_skew', 'clock', 'trap.ctrl_auth_fail'],
    ['controller_unreachable', 'timeout', 'trap.ctrl_conn'],
  ])('%s ends control connections (%s) and nothing else', (type, reason, trap) => {
    const { network, id } = run(type, 'node/br1_edge');
    expect(outline(network, 'br1_edge').control).toEqual([`mpls down ${reason}`, `biz-internet down ${reason}`]);
    expect(network.events('acme', 0, 100).some((event) => event.name === trap)).toBe(true);
    expect(new Set(Object.values(outline(network, 'br1_edge').bfd))).toEqual(new Set(['up']));
    expect(network.probe(acme('br1_edge'), ERP).result).toBe('ok');
    network.clear(id);
    network.advanceTo(network.now() + 10_000);
    expect(complaints(network, 'br1_edge')).toEqual([]);
  });

  it('max_prefix_exceeded is a Cease at both ends', () => {
    const { network, id } = run('max_prefix_exceeded', 'session/bgp/hub1_edge--br2_edge');
    expect(outline(network, 'br2_edge').bgp).toContain('hub1_edge idle 6/1');
    expect(outline(network, 'hub1_edge').bgp).toContain('br2_edge idle 6/1');
    network.clear(id);
    network.advanceTo(network.now() + 10_000);
    expect(complaints(network, 'br2_edge')).toEqual([]);
  });

  it('routing_daemon_down stops the process, and peers are refused', () => {
    const { network } = run('routing_daemon_down', 'node/br2_edge');
    const { processes } = network.state(acme('br2_edge')).system;
    expect(processes.find((one) => one.name === 'bgpd')?.running).toBe(false);
    expect(outline(network, 'br2_edge').bgp[0]).toBe('hub1_edge idle 0/0');
    expect(outline(network, 'hub1_edge').bgp).toContain('br2_edge active 0/0');
  });

  it('server_down fails from every site while other hosts of the LAN answer', () => {
    const { network } = run('server_down', 'host/hub1_srv1');
    for (const device of routers(network)) {
      expect(complaints(network, device)).toEqual(['erp timeout']);
      expect(network.probe(acme(device), { kind: 'icmp', vrf: 10, destination: '10.100.20.53' }).result).toBe('ok');
    }
  });

  it('fw_session_table_full refuses new sessions of one site and says so', () => {
    const { network } = run('fw_session_table_full', 'node/br1_edge', 240_000);
    const firewall = network.section(acme('br1_edge'), 'firewall');
    expect(firewall && sessionUsePct(firewall)).toBe(100);
    expect(network.probe(acme('br1_edge'), ERP).result).toBe('timeout');
    expect(network.probe(acme('br2_edge'), ERP).result).toBe('ok');
    expect(network.events('acme', 0, 10).map((event) => event.name)).toEqual(['trap.zbf_table_full']);
  });

  it('no event gives the answer away', () => {
    for (const { type } of FAULT_TYPES.filter((one) => one.kinds.length > 0)) {
      const network = startNetwork(acmeTopology(4));
      expect(
        ANYWHERE.some((resource) => strikes(network, type, resource)),
        `${type} fits nowhere`,
      ).toBe(true);
      network.advanceTo(START + 120_000);
      const text = JSON.stringify([
        // Names of notifications are public vocabulary, and one is called like its cause.
        network.events('acme', 0, 1000).map(({ name: _, ...rest }) => rest),
        network.state(acme('br1_edge')),
      ]);
      for (const fault of FAULT_TYPES) expect(text).not.toContain(fault.type);
    }
  });
});

describe('faults that do not fit', () => {
  const codeOf = (type: string, resource: string): string => {
    try {
      startNetwork(acmeTopology(2)).inject({ tenant: 'acme', type, resource });
      return 'accepted';
    } catch (error) {
      return error instanceof ModelError ? `${error.code} ${error.message}` : 'another error';
    }
  };

  it('are refused with a code and what would fit', () => {
    expect(codeOf('gremlins', 'node/br1_edge')).toMatch(/^FAULT_TYPE_UNKNOWN .*known: .*link_down/);
    expect(codeOf('device_down', 'node/br9_edge')).toMatch(/^RESOURCE_UNKNOWN .*node\/br1_edge/);
    expect(codeOf('link_down', 'nonsense')).toMatch(/^RESOURCE_UNKNOWN/);
    expect(codeOf('link_down', 'node/br1_edge')).toMatch(/^KIND_UNFIT .*link\/br1_edge:ge0\/0--isp1_core:br1/);
    expect(codeOf('bgp_asn_mismatch', 'node/ctrl1')).toMatch(/^KIND_UNFIT .*fits: .*node\/br1_edge/);
    expect(codeOf('provider_outage', 'node/br1_edge')).toMatch(/^KIND_UNFIT .*fits: .*node\/isp1_core/);
  });

  it('start and end on the virtual clock, and clear once', () => {
    const network = startNetwork(acmeTopology(2));
    const at = { startAt: START + 60_000, endAt: START + 120_000 };
    const id = network.inject({ tenant: 'acme', type: 'device_down', resource: 'node/br1_edge', ...at });
    expect(network.faults().map((fault) => fault.id)).toEqual([id]);
    expect(network.reachable(acme('br1_edge'))).toBe(true);
    network.advanceTo(START + 90_000);
    expect(network.reachable(acme('br1_edge'))).toBe(false);
    network.advanceTo(START + 200_000);
    expect(network.faults()).toEqual([]);
    expect(complaints(network, 'br1_edge')).toEqual([]);
    expect(() => network.clear(id)).toThrow(ModelError);
  });
});
