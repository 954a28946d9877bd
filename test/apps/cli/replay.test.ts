/** `wayleave replay`: the promised JSON, the same bytes for the same seed, files from outside, and refusals with a way out. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReplayReport } from '../../../scenarios/replay/summary.ts';
import { wayleave } from './fake-io.ts';

const LONG = 120_000;
const folder = mkdtempSync(path.join(os.tmpdir(), 'wayleave-replay-'));
const write = (name: string, text: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};
const incident = (id: string, fields: object) => ({
  ...{ id, title: id, fault_type: 'healthy', root_causes: [], accept_equivalent: [], min_size: 's' },
  ...fields,
});
const withoutWall = (text: string): string => text.replaceAll(/"wall_(ms|s)":[\d.]+/g, '');

describe('wayleave replay', { timeout: LONG }, () => {
  it('prints cases and summary, and the same bytes again, on one process or two', async () => {
    const one = await wayleave(['replay', 'R01', 'T01', '--size', 's', '--seeds', '3', '--json', '--jobs', '1']);
    const two = await wayleave(['replay', 'R01', 'T01', '--size', 's', '--seeds', '3', '--json', '--jobs', '2']);
    expect(one.exit).toBe(0);
    expect(withoutWall(two.out)).toBe(withoutWall(one.out));
    const { cases, summary }: ReplayReport = JSON.parse(one.out);
    expect(cases.map(({ id }) => id)).toEqual(['R01', 'T01']);
    expect(Object.keys(cases[0] ?? {})).toEqual([
      ...['id', 'seed', 'size', 'verdict', 'root_causes', 'expected', 'detected_at_s', 'reads', 'writes'],
      ...['remediation', 'violations', 'wall_ms'],
    ]);
    expect(cases[0]).toMatchObject({
      verdict: 'root-cause',
      root_causes: [{ resource: 'node/br2_edge', fault_type: 'bgp_asn_mismatch' }],
      writes: 1,
      remediation: { outcome: 'fixed', regressions: 0 },
      violations: [],
    });
    expect(summary).toMatchObject({ cases: 2, rca_f1: 1, verified_fix_rate: 1, evidence_resolution: 1, violations: 0 });
  });

  it('maps incidents of a foreign catalogue to a foreign topology, with what is expected of them', async () => {
    const file = write(
      'incidents.json',
      JSON.stringify({
        incidents: [
          incident('Z01', {
            fault_type: 'link_down',
            root_causes: [{ resource: 'link/br1_edge:ge0/0--isp1_core:br1', fault_type: 'link_down' }],
            accept_equivalent: ['interface/br1_edge/ge0/0'],
          }),
          incident('Z02', {
            fault_type: 'lte_detached',
            root_causes: [{ resource: 'interface/br3_edge/cell0', fault_type: 'lte_detached' }],
          }),
        ],
      }),
    );
    const { out, err } = await wayleave([
      'replay',
      '--catalogue',
      file,
      '--topology',
      'two-regions',
      '--json',
      '--jobs',
      '1',
    ]);
    const { cases }: ReplayReport = JSON.parse(out);
    expect(cases[0]?.expected).toEqual([{ resource: 'link/muc_edge:wan0--carrier_core:muc', fault_type: 'link_down' }]);
    expect(cases[1]?.not_applicable).toMatch(/nothing of the role of interface\/br3_edge\/cell0/);
    expect(err).not.toContain('INTERNAL');
  });

  it('gives health its noise, and planned work its window', async () => {
    const file = write(
      'calm.json',
      JSON.stringify({ incidents: [incident('H11', {}), incident('H12', { fault_type: 'planned_maintenance' })] }),
    );
    const page = path.join(folder, 'calm.html');
    const junit = path.join(folder, 'calm.xml');
    const args = ['replay', '--catalogue', file, '--size', 's', '--json', '--jobs', '1', '--baselines'];
    const { out } = await wayleave([...args, '--report', page, '--junit', junit]);
    const { cases, summary, baselines }: ReplayReport & { readonly baselines: readonly unknown[] } = JSON.parse(out);
    expect(cases.map(({ verdict, root_causes, expected, writes }) => [verdict, root_causes, expected, writes])).toEqual(
      [
        ['healthy', [], [], 0],
        ['planned', [], [], 0],
      ],
    );
    expect(summary).toMatchObject({ detection: 1, false_positive_rate: 0, rca_f1: 1, violations: 0 });
    expect(baselines).toHaveLength(2);
    expect(readFileSync(page, 'utf8')).toContain('2 of 2 cases right');
    expect(readFileSync(junit, 'utf8')).toContain('tests="2" failures="0"');
    const earlier = write('earlier.json', out);
    const again = await wayleave([...args.filter((one) => one !== '--json'), '--compare', earlier]);
    expect(again.out).toContain('Nothing changed.');
    expect(again.exit).toBe(0);
  });

  it('says what is wrong with a file, an id or an option', async () => {
    const unknown = write('unknown.json', JSON.stringify({ incidents: [incident('Z03', { fault_type: 'gremlins' })] }));
    const cases: readonly (readonly [readonly string[], string])[] = [
      [['replay', '--catalogue', unknown], 'there is no fault type gremlins'],
      [['replay', '--catalogue', write('text.json', 'no')], 'not JSON'],
      [['replay', '--catalogue', path.join(folder, 'nowhere.json')], 'CATALOGUE_MISSING'],
      [['replay', '--catalogue', unknown, 'T99'], 'has no incident T99'],
      [['replay', 'T99'], 'SCENARIO_INVALID'],
      [['replay', folder], 'stories'],
      [['replay', 'R01', '--topology', path.join(folder, 'nowhere.yaml')], 'TOPOLOGY_INVALID'],
      [['replay', 'R01', '--size', 'q'], '--size'],
      [['replay', 'R01', '--seeds', 'one'], '--seeds'],
    ];
    for (const [args, says] of cases) {
      const { exit, err } = await wayleave([...args, '--jobs', '1']);
      expect(exit, args.join(' ')).toBe(2);
      expect(err).toContain(says);
    }
  });
});
