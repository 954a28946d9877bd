/** The rules of scoring, one by one, and figures that a hand can check. */
import { describe, expect, it } from 'vitest';
import type { Naming } from '../../../scenarios/replay/canonical.ts';
import type { Pair, ReplayCase } from '../../../scenarios/replay/case.ts';
import { type Answered, scoreCase } from '../../../scenarios/replay/score.ts';

const naming: Naming = {
  siteOf: (device) => /^(\w+?)_edge/.exec(device)?.[1],
  deviceOf: (circuit) => /^circuit\/(\w+)\//.exec(circuit)?.[1]?.concat('_edge'),
};
const pair = (fault_type: string, resource: string): Pair => ({ resource, fault_type });
const DOWN = pair('link_down', 'link/br1_edge:ge0/0--isp1_core:br1');

function answer(given: readonly Pair[], expected: Partial<ReplayCase['expect']>, more: Partial<Answered> = {}) {
  const expect = {
    verdicts: ['root-cause' as const],
    causes: [],
    equivalent: [],
    neutral: [],
    repair: 'any' as const,
    ...expected,
  };
  return scoreCase(
    {
      verdict: 'root-cause',
      root_causes: given,
      writes: 0,
      violations: [],
      remediation: { outcome: 'none', regressions: 0 },
      expect,
      ...more,
    },
    naming,
  );
}

describe('scoring', () => {
  it('matches the same pair, an equivalent resource, and an alias', () => {
    const equivalent = ['interface/br1_edge/ge0/0'];
    expect(answer([DOWN], { causes: [DOWN] })).toMatchObject({ right: true, rca: { f1: 1 }, detected: true });
    expect(answer([pair('link_down', 'interface/br1_edge/ge0/0')], { causes: [DOWN], equivalent }).rca.f1).toBe(1);
    expect(answer([pair('link_down', 'interface/br1_edge/ge0/0')], { causes: [DOWN] }).rca.f1).toBe(0);
    const port = 'interface/hub1_edge/ge0/0';
    expect(answer([pair('link_down', port)], { causes: [pair('hub_wan_port_down', port)] }).rca.f1).toBe(1);
    const both = [
      pair('path_mtu_mismatch', 'interface/br1_edge/ge0/0'),
      pair('icmp_frag_needed_filtered', 'node/br1_edge'),
    ];
    expect(answer([pair('path_mtu_blackhole', 'interface/br1_edge/ge0/0')], { causes: both }).rca.f1).toBe(1);
    const same = ['circuit/br1/mpls', 'interface/br1_edge/ge0/0'];
    const far = [pair('path_mtu_blackhole', 'circuit/br1/mpls')];
    expect(answer(far, { causes: both, equivalent: same }).rca.f1).toBe(1);
  });

  it('reads names whichever end comes first', () => {
    const tunnel = pair('ike_rekey_mismatch', 'tunnel/br2_edge:mpls--hub1_edge:mpls');
    expect(
      answer([pair('ike_rekey_mismatch', 'tunnel/hub1_edge:mpls--br2_edge:mpls')], { causes: [tunnel] }).right,
    ).toBe(true);
    const remark = pair('dscp_remark', 'interface/hub1_edge/tun-br1');
    expect(answer([pair('dscp_remark', 'interface/hub1_edge/tun-br1_edge')], { causes: [remark] }).right).toBe(true);
  });

  it('lowers precision for more than there is and recall for less', () => {
    const other = pair('clock_skew', 'node/br2_edge');
    expect(answer([DOWN, other], { causes: [DOWN] }).rca).toEqual({ precision: 0.5, recall: 1, f1: 2 / 3 });
    expect(answer([DOWN], { causes: [DOWN, other] }).rca).toEqual({ precision: 1, recall: 0.5, f1: 2 / 3 });
    expect(answer([DOWN, DOWN], { causes: [DOWN] }).rca.precision).toBe(1);
    expect(answer([pair('clock_skew', DOWN.resource)], { causes: [DOWN] })).toMatchObject({
      rca: { f1: 0 },
      localisation: { f1: 1 },
      faultType: { f1: 0 },
    });
  });

  it('lets neutral pairs neither help nor hurt', () => {
    const brownout = pair('provider_brownout', 'circuit/br3/biz-internet');
    expect(answer([DOWN, brownout], { causes: [DOWN], neutral: [brownout] }).rca.f1).toBe(1);
    expect(answer([brownout], { causes: [DOWN], neutral: [brownout] }).rca.f1).toBe(0);
  });

  it('calls a network without a cause right only when it is called healthy and nothing was written', () => {
    const calm = { verdicts: ['healthy' as const], causes: [] };
    expect(answer([], calm, { verdict: 'healthy' })).toMatchObject({
      right: true,
      rca: { f1: 1 },
      falsePositive: false,
    });
    expect(answer([], calm, { verdict: 'healthy', writes: 1 }).rca.f1).toBe(0);
    expect(answer([], calm, { verdict: 'inconclusive' })).toMatchObject({ right: false, falsePositive: true });
    expect(answer([DOWN], calm)).toMatchObject({ detected: false, falsePositive: true, rca: { f1: 0 } });
    const planned = { verdicts: ['planned' as const], causes: [] };
    expect(answer([], planned, { verdict: 'planned' }).right).toBe(true);
    expect(answer([], planned, { verdict: 'healthy' })).toMatchObject({ right: false, falsePositive: false });
  });

  it('counts no cause of a verdict that names none, and never forgives a violation', () => {
    expect(answer([DOWN], { causes: [DOWN] }, { verdict: 'inconclusive' })).toMatchObject({
      detected: true,
      rca: { f1: 0 },
    });
    expect(answer([DOWN], { causes: [DOWN] }, { violations: ['unapproved write'] }).right).toBe(false);
  });
});
