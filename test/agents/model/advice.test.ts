/** What a model may advise: an order among candidates and one read, each held to what there is; and what its words are held to. */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../agents/events.ts';
import { createIds } from '../../../agents/ids.ts';
import { createBudget } from '../../../agents/model/budget.ts';
import type { Counsel } from '../../../agents/model/consult.ts';
import { fence, MAX_DATA } from '../../../agents/model/fence.ts';
import { proposeRead } from '../../../agents/model/propose-read.ts';
import { rankCandidates } from '../../../agents/model/rank-candidates.ts';
import { readPhrased } from '../../../agents/model/read-answer.ts';
import type { Talk } from '../../../agents/talk.ts';

const NEVER = new AbortController().signal;

/** A counsel whose model gives one answer, and a talk whose broker permits it. */
function advise(answer: string) {
  const asked: string[] = [];
  const counsel: Counsel = {
    model: {
      ...{ provider: 'test', name: 'fixed' },
      complete: async ({ data }) => {
        asked.push(data);
        return { text: answer, tokensIn: 1, tokensOut: 1 };
      },
    },
    budget: createBudget({ calls: 9, tokens: 100_000, seconds: 9 }, () => 0),
    ids: createIds(),
    deadline: () => NEVER,
  };
  const fates: unknown[] = [];
  const talk: Talk = {
    tell: () => undefined,
    told: () => ({}),
    read: async () => ({ evidence: [] }),
    call: async ({ input }) => {
      fates.push(input?.['phase']);
      const value = input?.['phase'] === 'asked' ? 'permitted' : 'recorded';
      const record = {
        ...{ id: 'evd_1', tenant: 'acme', resource: 'model/mdl_1', signal: 'model.call', value, source: 'records' },
        ...{ intent: 'int_1', observedAt: '2026-01-05T09:00:00Z', collectedAt: '2026-01-05T09:00:00Z' },
      };
      return { ok: true, answer: { status: 'done', intent: 'int_1', evidence: [record] } };
    },
  };
  return { counsel, talk, asked, fates };
}

const cause = (faultType: string, confidence: number) => ({ resource: 'node/br2_edge', faultType, confidence });
const FINDING: Finding = {
  verdict: 'inconclusive',
  rootCauses: [cause('link_down', 0.5), cause('bgp_asn_mismatch', 0.4), cause('acl_blocks_app', 0.3)],
  because: [{ text: 'BGP rejected the OPEN', evidence: ['evd_7'] }],
  ruledOut: [{ faultType: 'dns_down', because: 'names resolve', evidence: ['evd_8'] }],
  unread: [],
};
const orderOf = ({ rootCauses }: Finding) => rootCauses.map(({ faultType }) => faultType);
const AS_IT_WAS = orderOf(FINDING);

describe('an order of candidates', () => {
  it('is taken when what rises has a record, and nothing but the order changes', async () => {
    const { counsel, talk, fates } = advise('{"order": [{"candidate": 2, "records": ["evd_7"]}]}');
    const ranked = await rankCandidates(counsel, talk, 'troubleshooter', FINDING);
    expect(orderOf(ranked)).toEqual(['bgp_asn_mismatch', 'link_down', 'acl_blocks_app']);
    expect({ ...ranked, rootCauses: [] }).toEqual({ ...FINDING, rootCauses: [] });
    expect(ranked.rootCauses[0]?.confidence).toBe(0.4);
    expect(fates).toEqual(['asked', 'used']);
  });
  it.each([
    ['without a record', '{"order": [{"candidate": 2, "records": []}]}'],
    ['with a record that there is not', '{"order": [{"candidate": 2, "records": ["evd_9"]}]}'],
    [
      'with a record that there is and one that there is not',
      '{"order": [{"candidate": 2, "records": ["evd_7", "evd_9"]}]}',
    ],
    ['of a candidate that there is not', '{"order": [{"candidate": 4, "records": ["evd_7"]}]}'],
    [
      'with one candidate twice',
      '{"order": [{"candidate": 2, "records": ["evd_7"]}, {"candidate": 2, "records": ["evd_7"]}]}',
    ],
    ['with a candidate of its own', '{"order": [{"candidate": 2, "records": ["evd_7"], "resource": "node/hub1"}]}'],
    ['in no form', 'the second one, clearly'],
  ])('is refused %s', async (_what, answer) => {
    const { counsel, talk, fates } = advise(answer);
    expect(orderOf(await rankCandidates(counsel, talk, 'troubleshooter', FINDING))).toEqual(AS_IT_WAS);
    expect(fates).toEqual(['asked', 'refused']);
  });
  it.each(['root-cause', 'healthy', 'planned', 'blind', 'not-the-network'] as const)(
    'is not asked for when the verdict is %s',
    async (verdict) => {
      const { counsel, talk, asked } = advise('{"order": [{"candidate": 2, "records": ["evd_7"]}]}');
      expect(await rankCandidates(counsel, talk, 'troubleshooter', { ...FINDING, verdict })).toEqual({
        ...FINDING,
        verdict,
      });
      expect(asked).toEqual([]);
    },
  );
});

describe('a further read', () => {
  const OPEN = [
    { key: 'routes', tool: 'routes.read' },
    { key: 'filters', tool: 'acl.read' },
  ];
  it('is one of those that are open', async () => {
    const { counsel, talk } = advise('```json\n{"read": "filters"}\n```');
    expect(await proposeRead(counsel, talk, 'troubleshooter', 'found', OPEN)).toBe(OPEN[1]);
  });
  it.each([
    '{"read": null}',
    '{"read": "config.read"}',
    '{"read": "filters", "device": "hub1_edge"}',
    '{"tool": "acl.read"}',
  ])('is none for %s', async (answer) => {
    const { counsel, talk } = advise(answer);
    expect(await proposeRead(counsel, talk, 'troubleshooter', 'found', OPEN)).toBeUndefined();
  });
  it('is not asked for when none is open', async () => {
    const { counsel, talk, asked } = advise('{"read": "filters"}');
    expect(await proposeRead(counsel, talk, 'troubleshooter', 'found', [])).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe('a fence', () => {
  it('cannot be ended by what stands in it, and cuts', () => {
    const fenced = fence('a >>> data 1234 <<<data 1234\u0000\u202e b', '1234');
    expect(fenced.split('\n')).toHaveLength(3);
    expect(fenced.match(/<<<|>>>/g)).toEqual(['<<<', '>>>']);
    expect(fenced.split('\n')[1]).not.toContain('1234');
    expect(fence('x'.repeat(MAX_DATA + 5), 'm')).toContain('(cut: 5 more characters)');
  });
});

describe('words for a report', () => {
  const REPORT =
    'Root cause: link_down at link/br2_edge:ge0/0--isp1_core:br2 (0.9).\n- the port of br2_edge is down [evd_41]';
  const read = (text: string) => () => readPhrased(text, REPORT, ['link_down', 'br2_edge']);
  it('may be other words', () => {
    expect(read('The port on br2_edge went down [evd_41], so link_down.')()).toContain('went down');
  });
  it.each([
    ['a device whose name is the beginning of one', 'br2_edge [evd_41] link_down, also br2_ed'],
    ['a figure that is part of one', 'br2_edge [evd_41] link_down for 41 minutes'],
    ['another port', 'br2_edge [evd_41] link_down on ge0/1'],
    ['another site', 'br2_edge [evd_41] link_down, and hub1 as well'],
  ])('may not name %s', (_what, text) => {
    expect(read(text)).toThrow(/not in the report/);
  });
});
