/** The experience optimizer: what people feel as a number, the condition behind it, and what changed since. */
import { MemorySaver } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import { createConversations } from '../../agents/conversations.ts';
import type { ChatEvent } from '../../agents/events.ts';
import { gradeCall, gradePage, missedClasses, scoreCall } from '../../agents/experience-optimizer/score.ts';
import { createIds } from '../../agents/ids.ts';
import { createFakeBroker, createFaulty, TENANT } from './fake-broker.ts';

function talkTo(fault?: { type: string; resource: string }) {
  const network = createFaulty(1, fault);
  const broker = createFakeBroker(network);
  const conversations = createConversations({ saver: new MemorySaver(), ids: createIds() });
  return {
    network,
    broker,
    async ask(text: string) {
      const events: ChatEvent[] = [];
      const emit = (event: ChatEvent): void => {
        events.push(event);
      };
      await conversations.chat({ human: 'op@acme', tenant: TENANT, thread: 'thr_1', broker, emit, text });
      const finding = events.find((event) => event.type === 'finding');
      if (finding?.type !== 'finding') throw new Error(JSON.stringify(events));
      const said = events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('\n');
      return { finding, because: finding.because.map(({ text }) => text), said };
    },
  };
}

describe('finds the condition behind a bad score', () => {
  it.each([
    ['circuit_jitter', 'circuit/br1/mpls', /^circuit\/br1\/mpls: all paths of br1 over mpls are bad/],
    ['circuit_high_latency', 'circuit/br1/mpls', /^circuit\/br1\/mpls: all paths of br1 over mpls are bad/],
    [
      'provider_brownout',
      'node/isp1_core',
      /^node\/isp1_core: every path over the provider isp1_core is bad, at all sites/,
    ],
    ['dns_slow', 'host/hub1_dns', /^resolver: names are slow at br1, br2, br3, br4, where the paths are good/],
  ])('%s at %s', async (type, resource, says) => {
    const { broker, ask } = talkTo({ type, resource });
    const { finding, because } = await ask('how is the quality of experience');
    expect(finding.verdict).toBe('inconclusive');
    expect(because.filter((text) => says.test(text))).toHaveLength(1);
    expect(finding.because.every(({ evidence }) => evidence.length > 0)).toBe(true);
    expect(broker.changes.size + broker.approvals.size).toBe(0);
    expect(new Set(broker.calls.map(({ agent }) => agent))).toEqual(new Set(['router', 'experience-optimizer']));
  });
  it('and says which path would be better', async () => {
    const { said } = await talkTo({ type: 'circuit_jitter', resource: 'circuit/br1/mpls' }).ask(
      'voice at br1 is choppy',
    );
    expect(said).toContain('biz-internet is good enough for every class; mpls is not');
    expect(said).toMatch(/- voice at br1 may take mpls\n {2}\+ voice at br1 prefers biz-internet/);
  });
  it('not on a healthy network', async () => {
    const { finding, said } = await talkTo().ask('how is the quality of experience');
    expect(finding).toMatchObject({ verdict: 'healthy', because: [], unread: [] });
    expect(said).toMatch(/4 sites were scored; the least is \d+ of 100, and all 20 paths are good enough/);
  });
});

it('puts steering that was pinned to a bad path back, as a proposal', async () => {
  const { said } = await talkTo({ type: 'approute_pins_bad_path', resource: 'policy/director/approute-voice' }).ask(
    'how is voice',
  );
  expect(said).toMatch(/Remediation, not submitted: config\.restore sections=app-routes on director/);
});

it('compares with what was measured before, also in a later turn', async () => {
  const { network, ask } = talkTo();
  const fault = network.inject({ tenant: TENANT, type: 'dns_slow', resource: 'host/hub1_dns' });
  network.advanceTo(network.now() + 90_000);
  const first = await ask('how is the experience at br1');
  const was = /^site\/br1 scores (\d+) of 100: /.exec(first.because[0] ?? '')?.[1];
  expect(Number(was)).toBeLessThan(70);
  network.clear(fault);
  network.advanceTo(network.now() + 1_200_000);
  const second = await ask('and now?');
  expect(second.because[0]).toMatch(new RegExp(`^site/br1 scores \\d+ of 100, before it was ${was}: `));
});

describe('scores', () => {
  it('calls as G.107 does: the better the path, the higher, and within its bounds', () => {
    expect(scoreCall({ lossPct: 0, latencyMs: 0, jitterMs: 0 })).toBe(4.41);
    expect(scoreCall({ lossPct: 0, latencyMs: 600, jitterMs: 0 })).toBeLessThan(4);
    expect(scoreCall({ lossPct: 100, latencyMs: 2_000, jitterMs: 500 })).toBe(1);
    expect([gradeCall(4.4), gradeCall(3.3), gradeCall(1)]).toEqual([100, 50, 0]);
    expect([gradePage(200), gradePage(5_500), gradePage(60_000)]).toEqual([100, 50, 0]);
  });
  it('classes by all three figures', () => {
    expect(missedClasses({ lossPct: 0, latencyMs: 210, jitterMs: 0 })).toEqual(['voice', 'video']);
    expect(missedClasses({ lossPct: 6, latencyMs: 0, jitterMs: 0 })).toEqual(['voice', 'video', 'critical', 'bulk']);
  });
});
