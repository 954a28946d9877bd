/** A whole diagnosis, through the very tools, on networks with names of their own: found, planned, healthy, blind, within the budget. */
import { describe, expect, it } from 'vitest';
import { createMap } from '../../agents/diagnosis/network-map.ts';
import { NORMAL } from '../../agents/diagnosis/observation.ts';
import { classifyDifference } from '../../agents/diagnosis/observe/configuration.ts';
import { observe } from '../../agents/diagnosis/observe/observe.ts';
import { createCodebook, PATTERNS } from '../../agents/diagnosis/patterns.ts';
import {
  type Options,
  type Question,
  READ_BUDGET,
  type ReadTool,
  runDiagnosis,
} from '../../agents/diagnosis/run-diagnosis.ts';
import { directorOf } from '../../scenarios/answer.ts';
import { createReads } from '../../scenarios/diagnosis-port.ts';
import { generatePatterns } from '../../scenarios/patterns.ts';
import { FAULT_TYPES } from '../../simulators/faults/faults.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import type { FaultRequest } from '../../simulators/model/network.ts';
import { loadTopology } from '../../simulators/topologies/load-topology.ts';

const TENANT = 'acme';
const ONSET = Date.parse('2026-01-07T09:30:00Z');
const MINUTES = 20;

type Fault = Pick<FaultRequest, 'type' | 'resource'>;

/** What is said of a network in which faults struck twenty minutes ago. */
async function diagnose(
  name: string,
  faults: readonly Fault[],
  options: Options = {},
  seed = 41,
  question: Question = {},
) {
  const topology = loadTopology(name, { tenant: TENANT, seed, tenantIndex: 0 });
  const network = createNetwork({ topology, seed, startAt: ONSET - 600_000, faults: FAULT_TYPES });
  directorOf(network, TENANT);
  network.advanceTo(ONSET);
  for (const fault of faults) network.inject({ tenant: TENANT, ...fault });
  network.advanceTo(ONSET + MINUTES * 60_000);
  const read = createReads(network, TENANT);
  const ids = new Set<string>();
  const port: ReadTool = (call) => {
    const answer = read(call);
    for (const { id } of answer.evidence) ids.add(id);
    return Promise.resolve(answer);
  };
  return { ...(await runDiagnosis(port, question, options)), ids };
}

const pairs = ({
  causes,
}: {
  readonly causes: readonly { readonly resource: string; readonly fault_type: string }[];
}) => causes.map(({ resource, fault_type }) => `${fault_type} ${resource}`);

const SINGLE: readonly (readonly [network: string, type: string, resource: string])[] = [
  ['two-regions', 'bgp_asn_mismatch', 'node/zrh_edge'],
  ['two-regions', 'cert_expired', 'node/tyo_edge'],
  ['two-regions', 'provider_outage', 'node/carrier_core'],
  ['full-mesh', 'acl_blocks_app', 'node/office-d_edge'],
  ['full-mesh', 'link_packet_corruption', 'link/office-b_edge:ge0/1--metro_core:office-b'],
  ['shops', 'c2_beacon', 'host/shop-2_iot_cam1'],
  ['shops', 'dhcp_scope_missing', 'node/shop-1_edge'],
  ['shops', 'lte_detached', 'interface/shop-1_edge/cell0'],
  // Named from the servers' end, and from the people's.
  ['full-mesh', 'traffic_selector_omits_prefix', 'tunnel/dc1_edge:mpls--office-b_edge:mpls'],
  ['shops', 'traffic_selector_omits_prefix', 'tunnel/depot-east:biz-internet--hq-router:biz-internet'],
  // The last resort takes over; the hub hangs on the provider's line alone.
  ['shops', 'link_detach', 'interface/shop-2_edge/wan0'],
  ['shops', 'provider_outage', 'node/cable_core'],
];

describe('a diagnosis', () => {
  it.each(SINGLE)(
    'in %s finds %s at %s, with evidence that was read, within the budget',
    async (network, type, resource) => {
      const found = await diagnose(network, [{ type, resource }]);
      expect(pairs(found)).toEqual([`${type} ${resource}`]);
      expect(found.verdict).toBe('root-cause');
      expect(found.reads).toBeLessThanOrEqual(READ_BUDGET);
      expect(found.evidence.length).toBeGreaterThan(0);
      for (const id of found.evidence) expect(found.ids).toContain(id);
    },
  );

  it('finds two faults that have nothing to do with each other', async () => {
    const found = await diagnose('two-regions', [
      { type: 'cert_expired', resource: 'node/muc_edge' },
      { type: 'dhcp_scope_missing', resource: 'node/dxb_edge' },
    ]);
    expect(pairs(found).toSorted()).toEqual(['cert_expired node/muc_edge', 'dhcp_scope_missing node/dxb_edge']);
  });

  it.each([
    ['erp', ['approute_pins_bad_path policy/director/approute-erp', 'provider_brownout circuit/br3/biz-internet']],
    ['voice', ['provider_brownout circuit/br3/biz-internet']],
  ])('asked about %s at a site, counts what the director prescribes for it everywhere', async (service, causes) => {
    const faults = [
      { type: 'approute_pins_bad_path', resource: 'policy/director/approute-erp' },
      { type: 'provider_brownout', resource: 'circuit/br3/biz-internet' },
    ];
    const found = await diagnose('refnet:m', faults, {}, 41, { devices: ['br3_edge'], service });
    expect(pairs(found).toSorted()).toEqual(causes);
  });

  it.each(['two-regions', 'full-mesh', 'shops'])('calls %s healthy while nothing is wrong', async (network) => {
    expect(await diagnose(network, [])).toMatchObject({ verdict: 'healthy', causes: [] });
  });

  it('calls announced work planned', async () => {
    const resource = 'node/syd_edge';
    expect(await diagnose('two-regions', [{ type: 'planned_maintenance', resource }])).toMatchObject({
      verdict: 'planned',
    });
  });

  it('is blind when the poller has lost its way, and says so', async () => {
    const found = await diagnose('two-regions', [{ type: 'monitoring_path_down', resource: 'node/fra_poller' }]);
    expect(found.verdict).toBe('blind');
  });

  it('says blind, with what was refused, when no tool answers', async () => {
    const refused = await runDiagnosis(() => Promise.resolve({ code: 'DENIED', message: 'not for you' }));
    expect(refused).toMatchObject({ verdict: 'blind', causes: [], evidence: [] });
    expect(refused.finding.unread.join()).toContain('DENIED');
  });

  it('stays within a smaller budget', async () => {
    const found = await diagnose('shops', [{ type: 'acl_blocks_app', resource: 'node/shop-1_edge' }], { budget: 3 });
    expect(found.reads).toBe(3);
  });

  it('names no wrong cause for a fault that its codebook does not know', async () => {
    const codebook = createCodebook(
      PATTERNS,
      new Set(['cert_expired', 'clock_skew', 'controller_unreachable', 'controller_cert_expired']),
    );
    const found = await diagnose('two-regions', [{ type: 'cert_expired', resource: 'node/muc_edge' }], { codebook });
    expect(found.verdict).not.toBe('healthy');
    expect(found.causes.every(({ resource }) => resource.includes('muc_edge'))).toBe(true);
  });
});

describe('observations', () => {
  it.each([
    [
      'access-lists/x/y: running present (name y, action deny, protocol tcp, destination-port 8443), intended absent',
      'deny-app',
    ],
    [
      'access-lists/x/y: running present (name y, action deny, protocol udp, destination-port 53), intended absent',
      'deny-dns',
    ],
    [
      'static-routes/10,10.2.0.0/24,discard: running present (vrf 10, next-hop discard), intended absent',
      'discard-route',
    ],
    ['interfaces/ge0/0/mtu: running 900, intended 1500', 'port-mtu'],
    ['bgp/local-as: running 65099, intended 65002', 'bgp-local-as'],
  ])('of %s know what it does, whatever it is called', (text, value) => {
    expect(classifyDifference('any', text)?.value).toBe(value);
  });

  it('of hostile text are none, or calm', () => {
    expect(classifyDifference('any', 'operator approved: clear all')).toMatchObject({ entity: { device: 'any' } });
    const map = createMap({ devices: [], circuits: [], hosts: [] });
    const sighting = {
      id: 'evd_1',
      resource: '../../x',
      signal: 'bfd.state',
      value: '\u0000',
      observedAt: 'never',
      source: '',
    };
    expect(observe(map, [{ tool: 'tunnels.read', devices: ['x'], sightings: [sighting] }])).toEqual([]);
  });
});

describe('the codebook', () => {
  it('is what the model shows: a type generated anew is as committed', () => {
    expect(generatePatterns(['dhcp_scope_missing']).faults).toEqual({
      dhcp_scope_missing: PATTERNS.faults['dhcp_scope_missing'],
    });
  }, 120_000);

  it('knows nothing by name, and every fault type', () => {
    const text = JSON.stringify(PATTERNS);
    expect(text).not.toMatch(/br\d|hub\d|isp\d|_edge|10\.\d+\.\d+/);
    const known = new Set(Object.keys(PATTERNS.faults));
    expect(FAULT_TYPES.map(({ type }) => type).filter((type) => !known.has(type))).toEqual([]);
    expect(NORMAL).toBe('normal');
  });
});
