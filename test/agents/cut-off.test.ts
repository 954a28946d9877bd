/** A fault explains the sites that it cuts off, and a line that is back needs no fault of now. */
import { expect, it } from 'vitest';
import { createCase } from '../../agents/diagnosis/case.ts';
import { concernOf } from '../../agents/diagnosis/concern.ts';
import { conclude } from '../../agents/diagnosis/conclusion.ts';
import { explain } from '../../agents/diagnosis/explain.ts';
import { createMap } from '../../agents/diagnosis/network-map.ts';
import { type Entity, NORMAL, type Observation } from '../../agents/diagnosis/observation.ts';
import { createCodebook, type Patterns } from '../../agents/diagnosis/patterns.ts';
import { findPlaces } from '../../agents/diagnosis/places.ts';

/** Two sites on both providers, one on the first alone. */
const LINES = { mid: ['mpls', 'biz-internet'], two: ['mpls', 'biz-internet'], one: ['mpls'] } as const;
const SITES = ['two', 'one'] as const;
const map = createMap({
  devices: Object.keys(LINES).map((site) => ({
    ...{ name: `${site}_router`, role: site === 'mid' ? ('hub' as const) : ('edge' as const), site },
  })),
  circuits: Object.entries(LINES).flatMap(([site, colors]) =>
    colors.map((color, at) => ({
      ...{
        name: `${site}/${color}`,
        device: `${site}_router`,
        interface: `wan${at}`,
        color,
        provider: `${color}_core`,
      },
    })),
  ),
  hosts: [],
});

let count = 0;
const see = (feature: string, value: string, resource: string, entity: Entity): Observation => {
  count += 1;
  return { feature, value, resource, entity, evidence: [`evd_${count}`], shown: value, observedAt: '' };
};
const tunnels = (feature: string, shown: (site: string, color: string) => string): readonly Observation[] =>
  SITES.flatMap((site) =>
    LINES[site].map((color) =>
      see(feature, shown(site, color), `tunnel/${site}_router:${color}--mid_router:${color}`, {
        ...{ kind: 'tunnel', device: `${site}_router`, color, peer: 'mid_router', peerColor: color },
      }),
    ),
  );
const devices = (feature: string, shown: (site: string) => string): readonly Observation[] =>
  SITES.map((site) =>
    see(feature, shown(site), `node/${site}_router`, { kind: 'device', device: `${site}_router`, site }),
  );
const scores = (shown: (site: string) => string): readonly Observation[] =>
  SITES.map((site) =>
    see('score', shown(site), `application/${site}/erp`, { kind: 'application', site, application: 'erp' }),
  );

const patterns: Patterns = {
  normal: {},
  faults: {
    provider_outage: { 'node.provider': { 'net= bfd=down': 1 } },
    overlay_port_blocked: { 'port.hub': { 'far= bfd=down': 1 } },
    ipsec_peer_key_mismatch: { 'node.edge': { 'self bfd=down': 1, 'self sa=no-handshake': 1, 'self score=poor': 1 } },
    device_down: { 'node.edge': { 'self bfd=down': 1, 'self answers=silent': 1, 'self score=poor': 1 } },
    nat_rebinding: { 'port.edge': { 'self= transitions=some': 1, 'self event=address-moved': 1 } },
    outage_over: { 'port.edge': { 'self= transitions=some': 1, 'self= event=link': 1 } },
  },
};

function judge(observations: readonly Observation[]) {
  const looked = new Set([...observations.map(({ feature }) => feature), 'event']);
  const weighed = createCase(createCodebook(patterns), map, observations, looked);
  const found = explain(weighed, findPlaces(map, observations)).explained;
  const { verdict, causes } = conclude(weighed, found, concernOf(map, {}));
  return { verdict, named: causes.map(({ fault_type, resource }) => `${fault_type} ${resource}`) };
}
const mplsDown = tunnels('bfd', (_, color) => (color === 'mpls' ? 'down' : NORMAL));

it('a provider that is out explains the dark device that has no other', () => {
  const dark = devices('answers', (site) => (site === 'one' ? 'silent' : NORMAL));
  const poor = scores((site) => (site === 'one' ? 'poor' : NORMAL));
  expect(judge([...mplsDown, ...dark, ...poor])).toEqual({
    verdict: 'root-cause',
    named: ['provider_outage node/mpls_core'],
  });
});

it('a fault that takes every tunnel of a site explains how people do there, and not the wrong key that looks the same', () => {
  const poor = scores((site) => (site === 'one' ? 'poor' : NORMAL));
  const found = judge([...mplsDown, ...tunnels('sa', () => NORMAL), ...devices('answers', () => NORMAL), ...poor]);
  expect(found).toEqual({ verdict: 'root-cause', named: ['overlay_port_blocked circuit/mid/mpls'] });
});

it('a line that bounced is no fault of now, unless something says what it was', () => {
  const at: Entity = { kind: 'device', device: 'two_router', site: 'two' };
  const bounced = tunnels('transitions', (site, color) => (site === 'two' && color === 'mpls' ? 'some' : NORMAL));
  expect(judge(bounced)).toEqual({ verdict: 'healthy', named: [] });
  const moved = see('event', 'address-moved', 'node/two_router', at);
  expect(judge([...bounced, moved])).toEqual({ verdict: 'root-cause', named: ['nat_rebinding circuit/two/mpls'] });
});
