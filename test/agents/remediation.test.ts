/** What follows from a cause: every type of the catalogue has an answer, and a change is proposed only where the configuration differs. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../agents/diagnosis/observation.ts';
import type { Inventory } from '../../agents/inventory.ts';
import { chooseRemediation, devicesOfResource, unreadDrift } from '../../agents/troubleshooter/remediation.ts';
import { REMEDIES } from '../../agents/troubleshooter/remedies.ts';

const CATALOGUE: readonly { readonly fault_type: string; readonly condition?: true }[] = JSON.parse(
  readFileSync(new URL('../../scenarios/catalogue/fault-types.json', import.meta.url), 'utf8'),
).fault_types;

const device = (name: string, site: string, asn: number) => ({ name, site, asn, role: 'edge' as const });
const inventory: Inventory = {
  devices: [device('br1_edge', 'br1', 65001), device('br2_edge', 'br2', 65002)],
  circuits: [],
  hosts: [],
};
const cause = (faultType: string, resource: string) => ({ faultType, resource, confidence: 1 });
const drift = (name: string, ...lines: readonly string[]): readonly Omit<Sighting, 'source'>[] =>
  lines.map((value, at) => ({
    ...{ id: `evd_${name}${at}`, resource: `node/${name}`, signal: 'cfg.diff', value },
    observedAt: '2026-01-06T10:00:00.000Z',
  }));
const choose = (sightings: readonly Omit<Sighting, 'source'>[], ...causes: readonly ReturnType<typeof cause>[]) =>
  chooseRemediation({ causes, sightings, inventory });

it('every type of the catalogue has its remedy, conditions have none', () => {
  expect(Object.keys(REMEDIES).sort()).toEqual(CATALOGUE.map((one) => one.fault_type).sort());
  for (const { fault_type: type, condition } of CATALOGUE)
    if (condition === true && type !== 'misconfigured_printer_discovery')
      expect([type, REMEDIES[type]?.kind]).toEqual([type, 'nothing']);
});

it('finds the devices of a resource by name, else by site', () => {
  expect(devicesOfResource('tunnel/br1_edge:mpls--br2_edge:mpls', inventory)).toEqual(['br1_edge', 'br2_edge']);
  expect(devicesOfResource('circuit/br2/mpls', inventory)).toEqual(['br2_edge']);
  expect(devicesOfResource('node/isp1_core', inventory)).toEqual([]);
});

describe('a cause in the configuration', () => {
  it('is put back with the one tool that does no more, where there is one', () => {
    const entry = drift('br1_edge', 'access-lists/acl-lan-in/deny-443: running present, intended absent');
    expect(choose(entry, cause('acl_blocks_app', 'node/br1_edge'))).toMatchObject({
      kind: 'change',
      proposal: { tool: 'acl.remove-entry', target: ['br1_edge'], input: { list: 'acl-lan-in', entry: 'deny-443' } },
      evidence: ['evd_br1_edge0'],
    });
  });

  it('is restored from the controller otherwise, with all causes of the device that a restoration mends', () => {
    const sightings = drift(
      'br1_edge',
      'interfaces/ge0/0/mtu: running 500, intended 1500',
      'access-lists/acl-control-in/deny-frag: running present, intended absent',
      'bgp/exports: running all, intended own',
    );
    const causes = [
      cause('path_mtu_mismatch', 'interface/br1_edge/ge0/0'),
      cause('icmp_frag_needed_filtered', 'node/br1_edge'),
    ];
    expect(choose(sightings, ...causes)).toMatchObject({
      proposal: { tool: 'config.restore', target: ['br1_edge'], input: { sections: ['interfaces', 'access-lists'] } },
      evidence: ['evd_br1_edge0', 'evd_br1_edge1'],
    });
  });

  it('is found at the end of a tunnel that differs', () => {
    const sightings = drift('br2_edge', 'tunnels/tun-mpls-br1/replay-window: running 64, intended 512');
    const remedy = choose(sightings, cause('anti_replay_drops', 'tunnel/br1_edge:mpls--br2_edge:mpls'));
    expect(remedy).toMatchObject({ proposal: { target: ['br2_edge'], input: { sections: ['tunnels'] } } });
  });

  it('is policy where nothing differs, and left to whoever intends it', () => {
    const remedy = choose([], cause('route_policy_misconfig', 'policy/br2_edge/overlay-in'));
    expect(remedy).toMatchObject({ kind: 'ticket', text: expect.stringContaining('as intended') });
  });

  it('is left to people where inventory and controller contradict each other', () => {
    const sightings = drift('br2_edge', 'bgp/local-as: running 65099, intended 666');
    expect(choose(sightings, cause('bgp_asn_mismatch', 'node/br2_edge')).kind).toBe('ticket');
  });

  it('hands no text of a device on into a change', () => {
    const sightings = drift(
      'br1_edge',
      'access-lists/x<y/deny: running present, intended absent',
      'ipsec/identity-key: running a, intended <key/>',
    );
    for (const type of ['acl_blocks_app', 'ipsec_peer_key_mismatch']) {
      const remedy = choose(sightings, cause(type, 'node/br1_edge'));
      expect(remedy).toMatchObject({ proposal: { tool: 'config.restore' } });
      if (remedy.kind === 'change') expect(JSON.stringify(remedy.proposal.input)).not.toContain('<');
    }
  });
});

it('asks whoever can act where no configuration helps, and for the drift that nobody has read', () => {
  expect(choose([], cause('link_down', 'link/br1_edge:ge0/0--isp1_core:br1'))).toMatchObject({
    kind: 'ticket',
    text: expect.stringContaining("ask the circuit's provider"),
  });
  const causes = [cause('dhcp_scope_missing', 'node/br1_edge'), cause('link_down', 'circuit/br2/mpls')];
  expect(unreadDrift({ causes, sightings: [], inventory })).toEqual(['br1_edge']);
  const [one] = drift('br1_edge', 'in-sync');
  if (one === undefined) throw new Error('a sighting is due');
  expect(unreadDrift({ causes, sightings: [{ ...one, signal: 'cfg.sync' }], inventory })).toEqual([]);
});
