/** What a replay writes: the page, JUnit and a comparison; hostile text in any of them is only text. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { printReplay } from '../../../apps/cli/report/replay-page.ts';
import { parseXml } from '../../../protocols/netconf/xml.ts';
import type { Pair, Played } from '../../../scenarios/replay/case.ts';
import { caseKey, compareReplays, readReport } from '../../../scenarios/replay/compare.ts';
import { writeJunit } from '../../../scenarios/replay/junit.ts';
import { whyNoRepair } from '../../../scenarios/replay/repairable.ts';
import { scoreCase } from '../../../scenarios/replay/score.ts';
import { findShortfalls, reportReplay, type Scored, sumUp } from '../../../scenarios/replay/summary.ts';

const naming = { siteOf: () => undefined, deviceOf: () => undefined };
const DOWN: Pair = { resource: 'link/a', fault_type: 'link_down' };
const SKEW: Pair = { resource: 'node/b', fault_type: 'clock_skew' };

function scored(id: string, answer: readonly Pair[], causes: readonly Pair[], more: Partial<Played> = {}): Scored {
  const played: Played = {
    ...{ id, title: `title of ${id}`, seed: 1, size: 'm', candidates: [], detected_at_s: 120, reads: 7, writes: 0 },
    verdict: answer.length === 0 ? 'healthy' : 'root-cause',
    root_causes: answer,
    expect: {
      verdicts: causes.length === 0 ? ['healthy'] : ['root-cause'],
      causes: [...causes],
      equivalent: [],
      neutral: [],
      repair: 'any',
    },
    remediation: { outcome: 'none', regressions: 0, not_counted: 'the provider has to' },
    ...{ violations: [], evidence: { cited: 4, resolved: 3 }, because: [], ruled_out: [], baselines: {}, moments: [] },
    ...{ diff: '', wall_ms: 12 },
    ...more,
  };
  return played.not_applicable === undefined ? { played, score: scoreCase(played, naming) } : { played };
}

const right = scored('T01', [DOWN], [DOWN]);
const miss = scored('T02', [SKEW], [DOWN]);
const calm = scored('H01', [], []);
const alarm = scored('H02', [SKEW], []);
const absent = scored('D03', [], [DOWN], { not_applicable: 'no second edge' });

describe('the summary', () => {
  it('counts each case once, and leaves out what does not apply', () => {
    expect(sumUp([right, miss, calm, alarm, absent], 1_234)).toEqual({
      ...{ cases: 4, not_applicable: 1, detection: 0.75, false_positive_rate: 0.5 },
      ...{ localisation_f1: 0.5, rca_f1: 0.5, fault_type_f1: 0.5 },
      ...{
        repairable: 0,
        verified_fix_rate: null,
        regressions: 0,
        evidence_resolution: 0.75,
        violations: 0,
        wall_s: 1.2,
      },
    });
  });
  it('counts a repair as verified only when all is mended, nothing worse and nothing broken', () => {
    const fixed = scored('A01', [DOWN], [DOWN], { remediation: { outcome: 'fixed', regressions: 0 } });
    const worse = scored('A02', [DOWN], [DOWN], { remediation: { outcome: 'fixed', regressions: 1 } });
    const wrong = scored('A03', [DOWN], [DOWN], {
      remediation: { outcome: 'fixed', regressions: 0 },
      violations: ['x'],
    });
    const missed = scored('A04', [SKEW], [DOWN], { remediation: { outcome: 'none', regressions: 0 } });
    const summary = sumUp([fixed, worse, wrong, missed, right], 0);
    expect(summary).toMatchObject({ repairable: 4, verified_fix_rate: 0.25, regressions: 1, violations: 1 });
    expect(findShortfalls(sumUp([fixed, worse, wrong, right], 0))).toEqual(['violations is 1, expected at most 0']);
    expect(findShortfalls(sumUp([right], 0))).toEqual([]);
    const { score: _, ...none } = scored('A05', [], [DOWN], { not_applicable: 'no such branch' });
    expect(findShortfalls(sumUp([none], 0))).toEqual(['none of 1 cases applies here']);
  });
});

describe('what the repair rate leaves out', () => {
  const given = (types: readonly string[], more: Partial<Parameters<typeof whyNoRepair>[0]> = {}) =>
    whyNoRepair({
      ...{ through: 'chat', repair: 'approve', script: [] },
      expect: {
        ...{ verdicts: ['root-cause'], equivalent: [], neutral: [], repair: 'any' },
        causes: types.map((fault_type) => ({ resource: 'node/a', fault_type })),
      },
      ...more,
    });

  it('is what others have to do, with the reason, and what nobody asks for', () => {
    expect(given(['bgp_asn_mismatch'])).toBeUndefined();
    expect(given(['link_down'])).toMatch(/^link_down: ask the circuit's provider to restore the carrier/);
    expect(given(['bgp_asn_mismatch', 'link_down'])).toMatch(/^link_down/);
    expect(given(['no_such_type'])).toBe('no_such_type: there is no remedy');
    expect(given([])).toBe('nothing is broken');
    expect(given(['bgp_asn_mismatch'], { repair: 'reject' })).toBe('nobody approves');
    expect(given(['bgp_asn_mismatch'], { through: 'engine' })).toBe('the engine alone repairs nothing');
  });
});

describe('the page', () => {
  const EVIL = '<script>alert(1)</script>"\'&\u202e\u200b';
  const hostile = scored('X01', [{ resource: EVIL, fault_type: EVIL }], [DOWN], {
    ...{ title: EVIL, diff: `+${EVIL}`, violations: [EVIL] },
    because: [{ text: EVIL, evidence: [{ id: EVIL, text: EVIL }] }],
    ruled_out: [{ text: EVIL, fault_type: EVIL, evidence: [] }],
    moments: [{ at: 5, kind: 'read', text: EVIL }],
  });
  const page = (cases: readonly Scored[]): string =>
    printReplay({ scored: cases, summary: sumUp(cases, 0), baselines: [] });

  it('shows text of devices and loads nothing', () => {
    const html = page([hostile]);
    expect(html).toContain('&#60;script&#62;alert(1)&#60;/script&#62;');
    expect(html).not.toMatch(/<script|\u202e|\u200b/);
    expect(html).not.toMatch(/(?:src|href)="(?!#)|@import|url\(/);
    expect(html).toContain("default-src 'none'");
  });

  it('tells what went wrong before what went well, and how', () => {
    const html = page([right, miss, calm, absent]);
    expect(html).toContain('2 of 3 cases right');
    expect(html.indexOf('title of T02')).toBeLessThan(html.indexOf('title of T01'));
    expect(html).toContain('Wrong: named clock_skew at node/b; it was link_down at link/a.');
    expect(html).toContain('no second edge');
    expect(page([scored('T03', [{ ...DOWN, fault_type: 'link_flap' }], [DOWN])])).toContain('Right place, wrong fault');
  });
});

describe('JUnit', () => {
  it('is XML with a test for each case', () => {
    const cases = [right, scored('T02', [SKEW], [DOWN], { title: '<&"\u0000\u001b' }), absent];
    const tree = parseXml(writeJunit(cases, ({ played }) => played.title));
    expect(tree.name).toBe('testsuites');
    const tests = tree.children[0]?.children ?? [];
    expect(tests.map(({ children }) => children[0]?.name)).toEqual([undefined, 'failure', 'skipped']);
  });
});

describe('a comparison', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wayleave-compare-'));
  const save = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const rights = (cases: readonly Scored[]) =>
    new Map(cases.map(({ played, score }) => [caseKey(played), score?.right === true]));

  it('says what became better and what worse', () => {
    const before = readReport(save('a.json', JSON.stringify(reportReplay([right, scored('T02', [SKEW], [DOWN])], 0))));
    const now = [scored('T01', [SKEW], [DOWN]), scored('T02', [DOWN], [DOWN]), calm];
    const { better, worse, changed, figures } = compareReplays(before, reportReplay(now, 0), rights(now));
    expect(worse).toEqual(['T01 m seed 1: was root-cause link_down link/a, is root-cause clock_skew node/b']);
    expect(better).toHaveLength(1);
    expect(changed).toEqual(['H01 m seed 1: was not played before']);
    expect(figures.find(({ name }) => name === 'cases')).toEqual({ name: 'cases', before: 2, after: 3 });
  });
  it('refuses what is no result of a replay', () => {
    for (const file of [save('b.json', '{"cases": 1}'), save('c.json', 'no'), path.join(folder, 'nowhere.json')])
      expect(() => readReport(file)).toThrow(expect.objectContaining({ code: 'REPLAY_UNREADABLE' }));
  });
});
