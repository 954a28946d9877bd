/** The reading specialists: each says what it saw with evidence, and says when there is nothing to say. */
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../broker/contract.ts';
import { askAgents } from './ask.ts';
import { createFakeBroker, createFaulty } from './fake-broker.ts';

async function ask(
  text: string,
  fault?: { type: string; resource: string },
  tamper?: (all: readonly Observation[]) => readonly Observation[],
) {
  const asked = await askAgents(createFakeBroker(createFaulty(1, fault), tamper), text);
  return { ...asked, agents: new Set(asked.broker.calls.map(({ agent }) => agent)) };
}

const AS = { type: 'bgp_asn_mismatch', resource: 'node/br2_edge' };

describe.each([
  ['health-monitor', 'is everything healthy?', 'session/bgp/hub1_edge--br2_edge BGP is'],
  ['compliance-auditor', 'any drift?', 'node/br2_edge differs: "bgp/local-as: running 65099, intended 65002"'],
  ['threat-watcher', 'anything suspicious?', 'outside of Wayleave: "commit 1 by netops"'],
] as const)('%s', (agent, question, says) => {
  it('says what is wrong, with evidence, and touches nothing', async () => {
    const { finding, agents, broker } = await ask(question, AS);
    expect(agents).toEqual(new Set(['router', agent]));
    expect(finding.verdict).toBe('inconclusive');
    expect(finding.because.some(({ text }) => text.includes(says))).toBe(true);
    expect(finding.because.every(({ evidence }) => evidence.length > 0)).toBe(true);
    expect(broker.approvals.size).toBe(0);
  });
  it('says so when all is well', async () => {
    expect((await ask(question)).finding).toMatchObject({ verdict: 'healthy', because: [] });
  });
});

describe('experience-optimizer', () => {
  const worsen = (all: readonly Observation[]) =>
    all.map((one) =>
      one.resource.includes('br1_edge:mpls') && one.signal === 'tunnel.latency_ms' ? { ...one, value: 210 } : one,
    );
  it('names the classes that a path is too bad for', async () => {
    const { finding } = await ask('how is the quality at branch 1', undefined, worsen);
    expect(finding.because.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^circuit\/br1\/mpls: all paths of br1 over mpls are bad: .* round trip up to 210 ms/),
      expect.stringMatching(/^tunnel\/br1_edge:mpls--hub1_edge:mpls is too bad for voice, video: .* round trip 210 ms/),
      expect.stringMatching(/^tunnel\/br1_edge:mpls--hub2_edge:mpls is too bad for voice, video: .* round trip 210 ms/),
    ]);
  });
  it('is content with a healthy network', async () => {
    expect((await ask('how is the quality')).finding.verdict).toBe('healthy');
  });
});
