/** What an access list at the edge does to a host that means ill: nothing of it comes through, and the edge tells of it as dropped. */
import { describe, expect, it } from 'vitest';
import { FAULT_TYPES } from '../../../simulators/faults/faults.ts';
import { createNetwork } from '../../../simulators/model/create-network.ts';
import type { Network } from '../../../simulators/model/network.ts';
import { refnet } from '../../../simulators/topologies/refnet.ts';

const TENANT = 'acme';
const START = Date.parse('2026-01-06T10:00:00.000Z');
const LIST = 'held';

const build = (): Network =>
  createNetwork({
    topology: refnet({ tenant: TENANT, branches: 2, seed: 1, tenantIndex: 0 }),
    seed: 1,
    startAt: START,
    faults: FAULT_TYPES,
  });

/** Denies a source at the port of a VRF. */
function hold(network: Network, device: string, vrf: number, source: string): void {
  const ref = { tenant: TENANT, device };
  const config = network.config(ref);
  const port = config.interfaces.find((one) => one.vrf === vrf);
  const list = port?.accessListIn ?? LIST;
  const entries = config.accessLists.find(({ name }) => name === list)?.entries ?? [];
  const held = { name: list, entries: [{ name: 'e1', action: 'deny', protocol: 'any', source } as const, ...entries] };
  network.commit(
    ref,
    {
      ...config,
      accessLists: [...config.accessLists.filter(({ name }) => name !== list), held],
      interfaces: config.interfaces.map((one) => (one === port ? { ...one, accessListIn: list } : one)),
    },
    'netops',
  );
}

describe('an edge that denies the host', () => {
  it('drops a beacon, and nothing of the host comes through', () => {
    const network = build();
    network.inject({ tenant: TENANT, type: 'c2_beacon', resource: 'host/br1_iot_cam1' });
    network.advanceTo(network.now() + 600_000);
    const beacons = () =>
      network
        .flows(TENANT, network.now() - 300_000, network.now(), 100_000)
        .filter(({ source, destination }) => source === '10.1.30.11' && destination === '198.51.100.66');
    expect(beacons().length).toBeGreaterThan(3);
    expect(beacons().every(({ egress }) => egress !== '')).toBe(true);
    hold(network, 'br1_edge', 30, '10.1.30.11');
    network.advanceTo(network.now() + 300_000);
    expect(beacons().length).toBeGreaterThan(3);
    expect(beacons().every(({ egress, color }) => egress === '' && color === undefined)).toBe(true);
  });

  it('ends a flood: the server answers at once again, and the firewall is quiet', () => {
    const network = build();
    const edge = { tenant: TENANT, device: 'br1_edge' };
    const erpMs = () => network.probe(edge, { kind: 'http', vrf: 10, destination: '10.100.20.10', port: 443 }).rttMs;
    const usual = erpMs();
    network.inject({ tenant: TENANT, type: 'syn_flood', resource: 'host/br2_corp_pc1' });
    network.advanceTo(network.now() + 120_000);
    expect(erpMs()).toBeGreaterThan(usual + 1000);
    const halfOpen = () => network.state({ tenant: TENANT, device: 'hub1_edge' }).firewall?.halfOpen ?? 0;
    expect(halfOpen()).toBeGreaterThan(1000);
    hold(network, 'br2_edge', 10, '10.2.10.11');
    network.advanceTo(network.now() + 60_000);
    expect(erpMs()).toBeLessThan(usual + 100);
    expect(halfOpen()).toBeLessThan(100);
  });
});
