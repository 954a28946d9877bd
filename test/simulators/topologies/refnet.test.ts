/** The reference network: names and addresses stay as it grows, and no two devices collide. */
import { describe, expect, it } from 'vitest';
import { mergeTopologies } from '../../../simulators/topologies/blueprint.ts';
import { refnet } from '../../../simulators/topologies/refnet.ts';

const build = (branches: number, seed: number | string = 1) =>
  refnet({ tenant: 'acme', branches, seed, tenantIndex: 0 });
const find = (topology: ReturnType<typeof build>, device: string) =>
  topology.devices.find((one) => one.device === device)?.config;

describe('refnet', () => {
  it('keeps every device and host of a smaller size when it grows', () => {
    const [small, large] = [build(2), build(8)];
    for (const { device, config } of small.devices.filter((one) => one.config.role !== 'hub')) {
      expect(find(large, device)).toEqual(config);
    }
    for (const host of small.hosts) expect(large.hosts).toContainEqual(host);
    expect(build(4)).toEqual(build(4));
    expect(find(build(4, 2), 'br1_edge')?.ipsec).not.toEqual(find(build(4, 1), 'br1_edge')?.ipsec);
  });

  it('numbers sites as the catalogue says, also beyond 9 and 99', () => {
    const topology = build(164);
    const view = (device: string) => {
      const config = find(topology, device);
      return [config?.siteId, config?.bgp?.localAs, config?.interfaces.find((port) => port.vrf === 10)?.ipv4?.address];
    };
    expect(view('hub1_edge')).toEqual([100, 65_000, '10.100.10.1']);
    expect(view('hub2_edge')).toEqual([200, 65_010, '10.200.10.1']);
    expect(view('br9_edge')).toEqual([9, 65_009, '10.9.10.1']);
    expect(view('br10_edge')).toEqual([10, 4_200_000_010, '10.10.10.1']);
    expect(view('br100_edge')).toEqual([1100, 4_200_000_100, '10.101.0.1']);
    expect(view('br164_edge')).toEqual([1164, 4_200_000_164, '10.102.0.1']);
    expect(topology.hosts.find((host) => host.name === 'br164_iot_cam1')?.address).toBe('10.102.2.11');
  });

  it('gives no address twice within a tenant, and no WAN address twice at all', () => {
    const topology = mergeTopologies([
      build(300),
      refnet({ tenant: 'globex', branches: 120, seed: 1, tenantIndex: 1 }),
    ]);
    const wan = topology.devices.flatMap(({ config }) =>
      config.interfaces.filter((port) => port.vrf === 0).map((port) => port.ipv4?.address),
    );
    expect(new Set(wan).size).toBe(wan.length);
    const own = topology.devices
      .filter((one) => one.tenant === 'acme')
      .flatMap(({ config }) => [
        config.systemIp,
        ...config.interfaces.filter((port) => port.vrf !== 0).map((port) => port.ipv4?.address),
        ...config.tunnels.map((tunnel) => tunnel.localAddress),
      ]);
    expect(new Set(own).size).toBe(own.length);
    expect(topology.providers).toEqual(['isp1_core', 'isp2_core', 'isp3_core']);
  });

  it('pairs the edges of br4 and gives br3 and br4 a cellular port', () => {
    const topology = build(4);
    expect(find(topology, 'br4_edge')?.vrrp[0]?.virtualAddress).toBe('10.4.10.1');
    expect(find(topology, 'br4_edge_b')?.vrrp[0]?.virtualAddress).toBe('10.4.10.1');
    const cellular = topology.circuits.filter((circuit) => circuit.color === 'lte').map((circuit) => circuit.device);
    expect(cellular).toEqual(['br3_edge', 'br4_edge']);
    expect(() => build(0)).toThrow(RangeError);
  });
});
