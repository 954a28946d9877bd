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
      const findings = events.flatMap((event) => (event.type === 'finding' ? [event] : []));
      const [finding] = findings;
      if (finding?.type !== 'finding') throw new Error(JSON.stringify(events));
      const said = events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('\n');
      return { finding, findings, because: finding.because.map(({ text }) => text), said };
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

describe('adjusts what keeps a score bad', () => {
  function open() {
    const network = createFaulty(1);
    const broker = createFakeBroker(network);
    const events: ChatEvent[] = [];
    const conversations = createConversations({ saver: new MemorySaver(), ids: createIds() });
    const emit = (event: ChatEvent): void => void events.push(event);
    const turn = { human: 'op@acme', tenant: TENANT, thread: 'thr_1', broker, emit };
    return {
      ...{ network, broker, events },
      inject: (type: string, resource: string) => network.inject({ tenant: TENANT, type, resource }),
      ask: (text: string) => conversations.chat({ ...turn, text }),
      async decide(verdict: 'approved' | 'rejected') {
        for (const id of broker.approvals.keys()) broker.approvals.set(id, verdict);
        await conversations.resume(turn);
      },
      said: () => events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('\n'),
    };
  }
  function pinErp() {
    const run = open();
    run.inject('approute_pins_bad_path', 'policy/director/approute-erp');
    run.inject('provider_brownout', 'circuit/br3/biz-internet');
    run.network.advanceTo(run.network.now() + 90_000);
    return run;
  }

  it('steers an application off the path that it is held on, and says what came of it', async () => {
    const { broker, events, ask, decide, said, network } = pinErp();
    await ask('erp is unusable at branch 3, how is the user experience there?');
    const proposal = events.find(({ type }) => type === 'proposal');
    expect(proposal).toMatchObject({
      tool: 'approute.set-colors',
      target: ['director'],
      input: { rule: 'erp', colors: ['mpls', 'biz-internet'], strict: false },
    });
    const [incident] = broker.incidents.values();
    expect(incident).toMatchObject({ title: expect.stringMatching(/^erp scores \d+ of 100 at br3$/), state: 'open' });
    const asked = broker.calls.find(({ tool }) => tool === 'approute.set-colors');
    expect(asked?.args).toMatchObject({ purpose: incident?.id });
    expect(asked?.args.evidence?.length).toBeGreaterThan(0);
    expect(broker.changes.size).toBe(0);
    await decide('approved');
    expect(said()).toMatch(/Before and after: br3\/erp \d\d? → \d+\. Verified: it is good again\./);
    expect(incident?.state).toBe('resolved');
    expect(network.config({ tenant: TENANT, device: 'director' }).appRoutes).toContainEqual(
      expect.objectContaining({ name: 'erp', colors: ['mpls', 'biz-internet'], strict: false }),
    );
  });

  it('asks for nothing more when people say no, and for the same incident the next time', async () => {
    const { broker, events, ask, decide } = pinErp();
    await ask('how is the user experience at branch 3?');
    await decide('rejected');
    expect(events.filter(({ type }) => type === 'outcome')).toMatchObject([{ outcome: 'rejected' }]);
    await ask('how is the user experience at branch 3?');
    expect(broker.incidents.size).toBe(1);
    expect(broker.changes.size).toBe(0);
  });

  it('gives voice the share back that a rollout took', async () => {
    const { ask, decide, events, inject, network, said } = open();
    const [place = ''] = network.bearers(TENANT, 'qos_misqueue');
    inject('qos_misqueue', place);
    network.advanceTo(network.now() + 90_000);
    await ask('how is voice?');
    expect(events.find(({ type }) => type === 'proposal')).toMatchObject({
      tool: 'qos.set-class',
      input: { class: 'voice', bandwidthPct: 20, priority: true },
    });
    await decide('approved');
    expect(said()).toMatch(/Verified: it is good again\./);
  });

  it('changes no rule for a site where no path is good', async () => {
    const { ask, inject, network, events } = pinErp();
    inject('circuit_high_latency', 'circuit/br3/mpls');
    inject('provider_brownout', 'circuit/br3/mpls');
    network.advanceTo(network.now() + 90_000);
    await ask('how is the user experience at branch 3?');
    expect(events.filter(({ type }) => type === 'proposal' || type === 'pending')).toEqual([]);
  });
});

it('tells the machine of one person from the network', async () => {
  const { network, ask } = talkTo();
  const host = network.bearers(TENANT, 'host_wrong_gateway').find((one) => one.includes('br1_corp'));
  network.inject({ tenant: TENANT, type: 'host_wrong_gateway', resource: host ?? '' });
  network.advanceTo(network.now() + 90_000);
  const { because } = await ask('how is the user experience at branch 1');
  expect(because.filter((text) => text.startsWith(`${host} alone scores 0 of 100`))).toHaveLength(1);
  expect(because.filter((text) => / alone scores /.test(text))).toHaveLength(1);
});

it('scores each machine that it asked, with records', async () => {
  const { said } = await talkTo().ask('how is the user experience at branch 1');
  const scores = [...said.matchAll(/^ {2}host\/br1_\w+ scores (\d+) of 100 \[evd_\w+/gm)].map(([, score]) =>
    Number(score),
  );
  expect(scores.length).toBeGreaterThan(1);
  expect(Math.min(...scores)).toBeGreaterThanOrEqual(70);
});

it('hands over to the troubleshooter when somebody asks why, and only where something is bad', async () => {
  const bad = talkTo({ type: 'circuit_jitter', resource: 'circuit/br1/mpls' });
  const { findings } = await bad.ask('why do calls at branch 1 sound so bad?');
  expect(findings.at(-1)?.rootCauses.map(({ faultType }) => faultType)).toEqual(['circuit_jitter']);
  expect(bad.broker.calls.map(({ agent }) => agent)).toContain('troubleshooter');
  const good = talkTo();
  await good.ask('why do calls at branch 1 sound so bad?');
  expect(good.broker.calls.map(({ agent }) => agent)).not.toContain('troubleshooter');
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
