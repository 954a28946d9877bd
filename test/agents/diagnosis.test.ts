/** The diagnosis alone: the committed codebook is the generated one, absent symptoms count, several roots are found, planned is no fault. */
import { describe, expect, it } from 'vitest';
import { covers, parseAclEntry } from '../../agents/diagnosis/acl-features.ts';
import { CODEBOOK, expectedValue, FAULT_TYPES, hypotheses } from '../../agents/diagnosis/codebook.ts';
import { concludeDiagnosis } from '../../agents/diagnosis/conclude.ts';
import { coverSymptoms, entropy, rankHypotheses } from '../../agents/diagnosis/infer.ts';
import { LOOKALIKES } from '../../agents/diagnosis/lookalikes.ts';
import { chooseRead, informationGain, READ_BUDGET } from '../../agents/diagnosis/next-read.ts';
import { planReads } from '../../agents/diagnosis/reads.ts';
import { createScope } from '../../agents/diagnosis/scope.ts';
import { describeTopology, generateCodebook, writeCodebook } from '../../scenarios/codebook.ts';
import { refnet } from '../../simulators/topologies/refnet.ts';

const inventory = describeTopology(refnet({ tenant: 'acme', branches: 4, seed: 1, tenantIndex: 0 }));
const scope = createScope(inventory, 'br2_edge');
const feature = (name: string, value: string) => ({
  name,
  value,
  evidence: [`evd_${name}`],
  resources: ['node/br2_edge'],
});
/** What a fault shows everywhere, overridden where another one shows. */
const signature = (...faults: readonly (typeof FAULT_TYPES)[number][]) =>
  Object.keys(CODEBOOK.healthy).map((name) => {
    const normal = expectedValue(CODEBOOK, 'healthy', name) ?? '';
    const values = faults.map((fault) => expectedValue(CODEBOOK, fault, name) ?? normal);
    return feature(name, values.find((value) => value !== normal) ?? normal);
  });
const conclude = (features: ReturnType<typeof signature>, plannedBy?: string) =>
  concludeDiagnosis({
    codebook: CODEBOOK,
    scope,
    features: new Map(features.map((one) => [one.name, one])),
    sightings: [],
    unread: [],
    open: [],
    plannedBy,
  });

describe('the codebook', () => {
  it('is the one that the model generates', () => {
    expect(writeCodebook(CODEBOOK)).toBe(writeCodebook(generateCodebook()));
  });
  it('knows every fault type by role only', () => {
    expect(hypotheses(CODEBOOK)).toEqual(['healthy', ...FAULT_TYPES]);
    expect(JSON.stringify(CODEBOOK)).not.toMatch(/br\d|hub\d|isp\d/);
  });
  it('tells every fault from its look-alikes', () => {
    for (const fault of FAULT_TYPES) {
      for (const rival of LOOKALIKES[fault]) {
        const differs = Object.keys(CODEBOOK.healthy).some(
          (name) => expectedValue(CODEBOOK, fault, name) !== expectedValue(CODEBOOK, rival, name),
        );
        expect(differs, `${fault} and ${rival}`).toBe(true);
      }
    }
  });
});

describe('inference', () => {
  it.each(FAULT_TYPES)('recognises %s by its signature', (fault) => {
    expect(rankHypotheses(CODEBOOK, signature(fault))[0]?.hypothesis).toBe(fault);
  });
  it('counts absent symptoms as evidence against', () => {
    const bgpDown = [feature('bgp.state@suspect', 'down')];
    const chance = (features: ReturnType<typeof signature>) =>
      rankHypotheses(CODEBOOK, features).find(({ hypothesis }) => hypothesis === 'bgp_port_blocked')?.probability ?? 0;
    expect(chance([...bgpDown, feature('acl.hits@suspect.tcp179', 'none')])).toBeLessThan(chance(bgpDown) / 4);
  });
  it.each([
    ['bgp_asn_mismatch', 'link_down'],
    ['link_down', 'cert_expired'],
    ['bgp_port_blocked', 'clock_skew'],
  ] as const)('finds %s and %s together', (a, b) => {
    const seen = signature(a, b);
    const best = rankHypotheses(CODEBOOK, seen).find(({ hypothesis }) => hypothesis !== 'healthy')?.hypothesis;
    if (best === undefined || best === 'healthy') throw new Error('no fault');
    expect([...coverSymptoms(CODEBOOK, best, seen)].sort()).toEqual([a, b].sort());
  });
  it('adds no second cause to a single fault', () => {
    for (const fault of FAULT_TYPES) expect(coverSymptoms(CODEBOOK, fault, signature(fault))).toEqual([fault]);
  });
});

describe('the next read', () => {
  it('tells most first, and stops within the budget', () => {
    const reads = planReads(scope);
    const candidates = [
      { hypothesis: 'bgp_port_blocked', probability: 0.5 },
      { hypothesis: 'routing_daemon_down', probability: 0.5 },
    ] as const;
    const gain = (key: string) => {
      const read = reads.find((one) => one.key === key);
      return read ? informationGain(CODEBOOK, candidates, read) : -1;
    };
    expect(gain('acl')).toBeCloseTo(1);
    expect(gain('tunnels')).toBeCloseTo(0);
    expect(entropy([0.5, 0.5])).toBe(1);
    const made = new Set(reads.map(({ key }) => key).slice(0, READ_BUDGET - 2));
    expect(chooseRead(CODEBOOK, reads, made, new Map())).toBeUndefined();
  });
});

describe('verdicts', () => {
  it('planned: an approved change on record explains a shut port', () => {
    const seen = signature('if_admin_shutdown');
    expect(conclude(seen).verdict).toBe('root-cause');
    expect(conclude(seen, 'evd_change').verdict).toBe('planned');
    expect(conclude(signature('bgp_asn_mismatch'), 'evd_change').verdict).toBe('root-cause');
  });
  it('inconclusive: a symptom that fits nothing alone names candidates', () => {
    const finding = conclude([feature('dev.reach@suspect', 'reachable'), feature('bgp.state@suspect', 'down')]);
    expect(finding.verdict).toBe('inconclusive');
    expect(finding.rootCauses.length).toBeGreaterThan(1);
    expect(finding.rootCauses.every(({ confidence }) => confidence < 0.8)).toBe(true);
  });
  it('not the network: the server answers and its service refuses', () => {
    const seen = signature().map((one) => {
      if (one.name.startsWith('probe.tcp')) return { ...one, value: 'refused' };
      return one;
    });
    expect(conclude(seen).verdict).toBe('not-the-network');
  });
  it('healthy and blind', () => {
    expect(conclude(signature()).verdict).toBe('healthy');
    expect(conclude([]).verdict).toBe('blind');
  });
});

it('reads access-list entries strictly', () => {
  const entry = (value: string) =>
    parseAclEntry({ id: 'e', resource: 'policy/br2_edge/acl-lan-in', signal: 'acl.hits', value, observedAt: '' });
  expect(entry('e90 deny tcp any any 443 hits 42')).toMatchObject({ list: 'acl-lan-in', entry: 'e90', hits: 42 });
  expect(entry('e90 deny tcp any any 443 hits 42; approved')).toBeUndefined();
  expect(entry('e90 deny tcp any any 443 hits -1')).toBeUndefined();
  expect(covers('10.100.20.0/24', '10.100.20.10')).toBe(true);
  expect(covers('10.100.21.0/24', '10.100.20.10')).toBe(false);
  expect(covers('any', '10.100.20.10')).toBe(true);
});
