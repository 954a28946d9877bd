/** The one rule of mapping: what is there stays, else a site of the same role stands for it, or there is a reason. */
import { describe, expect, it } from 'vitest';
import { placeCase, type Wanted } from '../../../scenarios/replay/place.ts';
import { FAULT_TYPES } from '../../../simulators/faults/faults.ts';
import { createNetwork } from '../../../simulators/model/create-network.ts';
import { loadTopology } from '../../../simulators/topologies/load-topology.ts';

const networks = new Map(
  ['refnet:s', 'refnet:m', 'two-regions', 'shops', 'full-mesh'].map((name) => {
    const topology = loadTopology(name, { tenant: 'acme', seed: 1, tenantIndex: 0 });
    return [name, createNetwork({ topology, seed: 1, startAt: 0, faults: FAULT_TYPES })] as const;
  }),
);

function place(name: string, ...wanted: readonly Wanted[]): readonly string[] | string {
  const network = networks.get(name);
  if (network === undefined) throw new Error(`no ${name}`);
  const placed = placeCase(network, 'acme', wanted);
  return typeof placed === 'string' ? placed : wanted.map(({ resource }) => placed.rename(resource));
}

describe('placing', () => {
  it('leaves what is there', () => {
    expect(place('refnet:m', { type: 'bgp_asn_mismatch', resource: 'node/br4_edge' })).toEqual(['node/br4_edge']);
    const tunnel = 'interface/hub1_edge/tun-br1';
    expect(place('refnet:s', { type: 'dscp_remark', resource: tunnel })).toEqual([tunnel]);
  });

  it('counts branches around, as the fidelity runs do', () => {
    expect(place('refnet:s', { type: 'clock_skew', resource: 'node/br3_edge' })).toEqual(['node/br1_edge']);
    expect(place('refnet:s', { type: 'circuit_jitter', resource: 'circuit/br4/mpls' })).toEqual(['circuit/br2/mpls']);
  });

  it('finds ports, providers, hosts and tunnels of another network by their role', () => {
    const link = { type: 'link_down', resource: 'link/br1_edge:ge0/1--isp2_core:br1' };
    expect(place('two-regions', link)).toEqual(['link/muc_edge:wan1--isp_core:muc']);
    expect(place('two-regions', { type: 'provider_outage', resource: 'node/isp1_core' })).toEqual([
      'node/carrier_core',
    ]);
    expect(place('two-regions', { type: 'dns_service_down', resource: 'host/hub1_dns' })).toEqual(['host/fra_dns']);
    expect(place('two-regions', { type: 'syn_flood', resource: 'host/br3_corp_pc1' })).toEqual(['host/tyo_corp_pc1']);
    // Branch 4 is the one with two edges.
    expect(
      place('two-regions', { type: 'device_down', resource: 'node/br4_edge' }, { resource: 'node/br4_edge_b' }),
    ).toEqual(['node/zrh_edge', 'node/zrh_edge_b']);
  });

  it('keeps two sites apart and one site together', () => {
    const placed = place(
      'refnet:s',
      { type: 'cert_expired', resource: 'node/br3_edge' },
      { type: 'dhcp_scope_missing', resource: 'node/br2_edge' },
      { type: 'link_down', resource: 'interface/br3_edge/ge0/0' },
    );
    expect(placed).toEqual(['node/br1_edge', 'node/br2_edge', 'interface/br1_edge/ge0/0']);
  });

  it('says what is missing', () => {
    expect(place('refnet:s', { type: 'lte_detached', resource: 'interface/br3_edge/cell0' })).toContain('lte_detached');
    expect(place('refnet:m', { type: 'link_down', resource: 'node/br1_edge' })).toContain('node/br1_edge');
  });

  it('renames the place in the question', () => {
    const network = networks.get('refnet:s');
    const placed = network && placeCase(network, 'acme', [{ type: 'clock_skew', resource: 'node/br3_edge' }]);
    expect(typeof placed === 'object' && placed.retell('why is branch 3 dark?')).toBe('why is branch 1 dark?');
  });
});
