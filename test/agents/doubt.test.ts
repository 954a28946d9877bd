/** What the diagnosis does where its best explanation is not the whole of it: it doubts, says where the trouble sits, and believes nothing that is old. */
import { describe, expect, it } from 'vitest';
import { attachAlarms } from '../../agents/diagnosis/attach.ts';
import { createCase } from '../../agents/diagnosis/case.ts';
import { concernOf } from '../../agents/diagnosis/concern.ts';
import { conclude } from '../../agents/diagnosis/conclusion.ts';
import { explain } from '../../agents/diagnosis/explain.ts';
import { createMap } from '../../agents/diagnosis/network-map.ts';
import { type Entity, NORMAL, type Observation } from '../../agents/diagnosis/observation.ts';
import { createCodebook } from '../../agents/diagnosis/patterns.ts';
import { findPlaces } from '../../agents/diagnosis/places.ts';
import { ruleOut } from '../../agents/diagnosis/rule-out.ts';
import { type ReadTool, runDiagnosis } from '../../agents/diagnosis/run-diagnosis.ts';
import { isLive, liveSymptoms, stillShown } from '../../agents/diagnosis/symptoms.ts';
import type { Evidence } from '../../broker/contract.ts';

const SITES = ['north', 'south', 'east'];
const map = createMap({
  devices: [
    { name: 'mid_hub', role: 'hub', site: 'mid' },
    ...SITES.map((site) => ({ name: `${site}_router`, role: 'edge' as const, site })),
  ],
  circuits: ['mid', ...SITES].flatMap((site) =>
    ['mpls', 'biz-internet'].map((color, at) => ({
      ...{ name: `${site}/${color}`, device: site === 'mid' ? 'mid_hub' : `${site}_router` },
      ...{ interface: `wan${at}`, color, provider: `${color}_core` },
    })),
  ),
  hosts: [],
});

let count = 0;
const see = (feature: string, value: string, resource: string, entity: Entity): Observation => {
  count += 1;
  return { feature, value, resource, entity, evidence: [`evd_${count}`], shown: value, observedAt: '' };
};
/** BFD of all tunnels to the hub, down where `isDown` says so. */
const tunnels = (isDown: (site: string, color: string) => boolean): readonly Observation[] =>
  SITES.flatMap((site) =>
    ['mpls', 'biz-internet'].map((color) =>
      see('bfd', isDown(site, color) ? 'down' : NORMAL, `tunnel/${site}_router:${color}--mid_hub:${color}`, {
        ...{ kind: 'tunnel', device: `${site}_router`, color, peer: 'mid_hub', peerColor: color },
      }),
    ),
  );
const port = (site: string, value: string): Observation =>
  see('oper', value, `interface/${site}_router/wan0`, {
    ...{ kind: 'port', device: `${site}_router`, port: 'wan0', color: 'mpls', site },
  });

/** A cut line takes its port and its tunnels; a filter on it takes the tunnels alone. */
const patterns = {
  normal: {},
  faults: {
    link_down: { 'port.edge': { 'self= oper=down': 1, 'self= bfd=down': 1 } },
    overlay_port_blocked: { 'port.edge': { 'self= bfd=down': 1 } },
  },
};

function judge(observations: readonly Observation[], without: readonly string[] = [], devices: readonly string[] = []) {
  const weighed = createCase(
    createCodebook(patterns, new Set(without)),
    map,
    observations,
    new Set(observations.map(({ feature }) => feature)),
  );
  const places = findPlaces(map, observations);
  const drawn = conclude(weighed, explain(weighed, places).explained, concernOf(map, { devices }));
  return { ...drawn, ruledOut: ruleOut(weighed, places, drawn.faults) };
}
const named = ({ causes }: ReturnType<typeof judge>) => causes.map((one) => `${one.fault_type} ${one.resource}`);

const cut = [...tunnels((site, color) => site === 'south' && color === 'mpls'), port('south', 'down')];

describe('an explanation', () => {
  it('that is the whole of it is concluded', () => {
    const found = judge([...cut, port('north', NORMAL)]);
    expect(found.verdict).toBe('root-cause');
    expect(named(found)).toEqual(['link_down link/south_router:wan0--mpls_core:south']);
    expect(found.unexplained).toEqual([]);
  });

  it('of a fault that is not known is doubted, at the right place', () => {
    const found = judge([...cut, port('north', NORMAL)], ['link_down']);
    expect(found.verdict).toBe('inconclusive');
    expect(found.causes.every(({ confidence }) => confidence <= 0.5)).toBe(true);
    expect(found.causes.some(({ resource }) => /south/.test(resource))).toBe(true);
    expect(found.causes.every(({ resource }) => !/north|east/.test(resource))).toBe(true);
  });

  it('is missing, and the trouble is placed by the dependencies alone: circuit, provider, device', () => {
    const none = Object.keys(patterns.faults);
    expect(
      named(
        judge(
          tunnels((site, color) => site === 'south' && color === 'mpls'),
          none,
        ),
      )[0],
    ).toBe('unknown tunnel/south_router:mpls--mid_hub:mpls');
    expect(
      named(
        judge(
          tunnels((_, color) => color === 'mpls'),
          none,
        ),
      )[0],
    ).toMatch(/mpls_core|mid\/mpls/);
    expect(
      named(
        judge(
          tunnels((site) => site === 'south'),
          none,
        ),
      )[0],
    ).toBe('unknown node/south_router');
  });

  it('is not asked for where nothing is wrong', () => {
    expect(judge(tunnels(() => false))).toMatchObject({ verdict: 'healthy', causes: [] });
  });
});

it('what is wrong elsewhere is told, and is no answer', () => {
  const found = judge([...cut, port('north', NORMAL)], [], ['north_router']);
  expect(found).toMatchObject({ verdict: 'healthy', causes: [] });
  expect(found.elsewhere.map(({ cause }) => cause.resource)).toEqual(['link/south_router:wan0--mpls_core:south']);
  expect(judge([...cut, port('north', NORMAL)], [], ['south_router']).verdict).toBe('root-cause');
});

it('a look-alike is ruled out by what it would show', () => {
  const found = judge([...tunnels((site, color) => site === 'south' && color === 'mpls'), port('south', NORMAL)]);
  expect(named(found)).toEqual(['overlay_port_blocked circuit/south/mpls']);
  expect(found.ruledOut).toMatchObject([
    { faultType: 'link_down', because: expect.stringContaining('it would show: the port is operationally down') },
  ]);
  expect(found.ruledOut.every(({ evidence }) => evidence.length > 0)).toBe(true);
});

it('symptoms that must be gone are those that show how things are now', () => {
  const [down] = tunnels((site) => site === 'south').filter(({ value }) => value === 'down');
  const past = see('bgp-error', 'bad-as', 'session/bgp/mid_hub--south_router', { kind: 'session' });
  if (down === undefined) throw new Error('a symptom is due');
  expect([down, past].map(isLive)).toEqual([true, false]);
  const symptoms = liveSymptoms([down, past]);
  expect(stillShown(symptoms, [down, past])).toEqual([down]);
  expect(stillShown(symptoms, [{ ...down, value: NORMAL }])).toEqual([]);
});

it('a storm of announcements is one incident, and what has nothing to do with it is left over', () => {
  const alarm = (resource: string, at: string) => ({
    ...{ id: `evd_${resource} ${at}`, resource, signal: 'trap.bfd_state', value: 'down', source: 'rest:director' },
    observedAt: `2026-01-07T10:${at}.000Z`,
  });
  const found = judge([...tunnels((_, color) => color === 'mpls'), port('north', NORMAL)]);
  const storm = SITES.map((site) => alarm(`tunnel/${site}_router:mpls--mid_hub:mpls`, '05:00'));
  const followed = alarm('session/bgp/mid_hub--south_router', '05:09');
  const before = alarm('interface/north_router/wan1', '01:00');
  const { belonging, others } = attachAlarms(map, [...storm, followed, before], found.faults);
  expect(belonging).toEqual([...storm, followed]);
  expect(others).toEqual([before]);
});

describe('old readings', () => {
  const NOW = '2026-01-07T10:00:00.000Z';
  const answer = (observedAt: string): ReadTool => {
    const evidence = (resource: string, signal: string, value: string, at = NOW): Evidence => {
      count += 1;
      const base = { resource, signal, value, observedAt: at, collectedAt: NOW, source: 'rest:director' };
      return { ...base, id: `evd_${count}`, tenant: 'acme', intent: 'int_1' };
    };
    return async ({ tool }) => {
      if (tool === 'inventory.devices')
        return { evidence: [evidence('node/x', 'device', JSON.stringify({ role: 'edge', site: 'x' }))] };
      if (tool !== 'system.read') return { evidence: [] };
      return { evidence: [evidence('node/x', 'dev.clock_offset', '900', observedAt)] };
    };
  };

  it('count for nothing, and are said to be left out', async () => {
    const fresh = await runDiagnosis(answer(NOW));
    expect(fresh.finding.because.map(({ text }) => text).join()).toContain('clock');
    const stale = await runDiagnosis(answer('2026-01-07T08:00:00.000Z'));
    expect(stale.verdict).toBe('blind');
    expect(stale.finding.unread.join()).toContain('120 min old');
  });

  it('that still count say how old they are', async () => {
    const found = await runDiagnosis(answer('2026-01-07T09:40:00.000Z'));
    expect(found.finding.because.map(({ text }) => text).join()).toContain('20 min old');
  });
});
