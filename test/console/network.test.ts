/** What the network screen makes of states and routes: the moment that is looked at, and the way of a packet. */
import { expect, it } from 'vitest';
import type { Evidence, InventoryView } from '../../console/api/schema.ts';
import { addStates, forgetBefore, liveAt, stateAt } from '../../console/screens/network/courses.ts';
import {
  bestRoutes,
  type Route,
  readRoute,
  readTunnelPort,
  tracePath,
} from '../../console/screens/network/trace-path.ts';

const at = (minute: number): number => Date.UTC(2026, 2, 10, 0, minute);
const TUNNEL = 'tunnel/br1_edge:mpls--hub1_edge:mpls';
const told = (minute: number, value: string, how = 'trap', resource = TUNNEL): Evidence => ({
  ...{ id: 'evd_1', tenant: 'acme', intent: 'int_1', collectedAt: '', resource, value },
  ...{ signal: resource.startsWith('node/') ? 'state.steady' : 'bfd.state', source: `history:${how}` },
  observedAt: new Date(at(minute)).toISOString(),
});
const device = (name: string, role: 'edge' | 'hub') => ({
  tenant: 'acme',
  name,
  role,
  site: name.split('_')[0] ?? '',
  systemIp: '10.0.0.1',
});
const inventory: InventoryView = {
  devices: [device('br1_edge', 'edge'), device('br2_edge', 'edge'), device('hub1_edge', 'hub')],
  topology: { circuits: [], hosts: [], addresses: [] },
};

it('knows how a tunnel stood at a moment, also before the first that was told, and nothing before the first that was read', () => {
  const courses = addStates(new Map(), [told(10, 'down'), told(20, 'up'), told(15, 'down', 'notification')]);
  const states = [5, 10, 16, 25].map((minute) => stateAt(courses, TUNNEL, at(minute)).state);
  expect(states).toEqual(['up', 'down', 'down', 'up']);
  expect(stateAt(courses, TUNNEL, at(16)).since).toMatchObject({ at: at(10), how: 'trap' });
  const read = addStates(new Map(), [told(10, 'down', 'read')]);
  expect([5, 12].map((minute) => stateAt(read, TUNNEL, at(minute)).state)).toEqual(['unknown', 'down']);
  expect(stateAt(read, 'tunnel/none', at(1)).state).toBe('unknown');
});

it('adds what is new to what was known, twice as well as once, and forgets what is too old but for its last turn', () => {
  const steady = told(0, `${TUNNEL} tunnel/br2_edge:mpls--hub1_edge:mpls`, 'read', 'node/br1_edge');
  const once = addStates(addStates(new Map(), [steady]), [told(10, 'down'), told(20, 'up')]);
  expect(addStates(once, [told(20, 'up'), steady])).toEqual(once);
  expect(stateAt(once, TUNNEL, at(5)).state).toBe('up');
  const later = forgetBefore(once, at(15));
  expect(later.get(TUNNEL)).toHaveLength(2);
  expect([stateAt(later, TUNNEL, at(15)).state, stateAt(later, TUNNEL, at(25)).state]).toEqual(['down', 'up']);
});

it('draws links between sites that are known, and none to a name that is not', () => {
  const courses = addStates(new Map(), [
    told(10, 'down'),
    told(10, 'down', 'trap', 'tunnel/strange:mpls--hub1_edge:mpls'),
  ]);
  const live = liveAt(courses, inventory, at(11));
  expect(live.links).toEqual([{ sites: ['br1', 'hub1'], color: 'mpls', tunnels: [{ name: TUNNEL, state: 'down' }] }]);
  expect([...live.tunnels.keys()]).toEqual(['br1', 'hub1']);
});

const table = (...rows: readonly string[]): readonly Route[] => rows.flatMap((row) => readRoute(`vrf 10 ${row}`) ?? []);
const TABLES: Readonly<Record<string, readonly Route[]>> = {
  br1_edge: table(
    '10.0.0.0/8 bgp via 172.30.0.1 tun-biz-internet-hub1_edge',
    '10.100.20.0/24 bgp via 172.30.0.2 tun-mpls-hub1_edge',
    '10.1.10.0/24 connected via connected ge0/2',
  ),
  hub1_edge: table(
    '10.0.0.0/8 static via discard discard',
    '10.100.20.0/24 connected via connected ge0/3',
    '0.0.0.0/0 static via 192.0.2.1 ge0/1',
    '10.2.10.0/24 bgp via 172.30.0.9 tun-mpls-br2_edge',
  ),
  br2_edge: table('10.2.0.0/16 bgp via 172.30.0.3 tun-mpls-hub1_edge'),
};
const trace = (address: string, silent = '') =>
  tracePath(inventory, { device: 'br1_edge', vrf: 10 }, address, async (name) =>
    name === silent ? undefined : TABLES[name],
  );

it('follows the longest prefix hop by hop, and says how it ends', async () => {
  const { hops, end } = await trace('10.100.20.10');
  expect([hops.map((hop) => hop.device), hops[0]?.tunnel, end]).toEqual([['br1_edge', 'hub1_edge'], TUNNEL, 'arrived']);
  const ends = ['10.9.9.9', '10.2.10.5', '192.0.2.200'].map(async (address) => (await trace(address)).end);
  expect(await Promise.all(ends)).toEqual(['discarded', 'loop', 'no-route']);
  expect((await trace('10.100.20.10', 'hub1_edge')).end).toBe('silent');
  expect(bestRoutes(TABLES['hub1_edge'] ?? [], '198.51.100.7').map(({ port }) => port)).toEqual(['ge0/1']);
});

it('reads nothing out of texts that are no routes or tunnels', () => {
  expect(readRoute('<img src=x> via y z')).toBeUndefined();
  expect(readTunnelPort('tun-mpls-nobody', inventory)).toBeUndefined();
  expect(readTunnelPort('tun-biz-internet-hub1_edge', inventory)).toEqual({ peer: 'hub1_edge', color: 'biz-internet' });
});
