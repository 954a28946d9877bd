/** Reads that are narrowed or cut in pages, so that a large network fits into one call. */
import { describe, expect, it } from 'vitest';
import type { Operation, OperationReply } from '../../broker/contract.ts';
import { directorOf } from '../../scenarios/answer.ts';
import { observe } from '../../scenarios/observe.ts';
import { FAULT_TYPES } from '../../simulators/faults/faults.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import { loadTopology } from '../../simulators/topologies/load-topology.ts';
import { findTool } from '../../tools/registry.ts';

const TENANT = 'acme';
const START = Date.parse('2026-01-07T09:30:00Z');
const topology = loadTopology('refnet:6', { tenant: TENANT, seed: 3, tenantIndex: 0 });
const network = createNetwork({ topology, seed: 3, startAt: START, faults: FAULT_TYPES });
directorOf(network, TENANT);
network.advanceTo(START + 1_800_000);

const read = (tool: string, devices: readonly string[], input: object) =>
  observe(network, TENANT, { tool, devices, input: input as Parameters<typeof observe>[2]['input'] });
const resourcesOf = (...asked: Parameters<typeof read>) => [...new Set(read(...asked).map(({ resource }) => resource))];

describe('a narrowed read', () => {
  it.each(['tunnels.read', 'bgp.read'])('%s brings of a hub what it has with the peers alone', (tool) => {
    const all = resourcesOf(tool, ['hub1_edge'], {});
    const some = resourcesOf(tool, ['hub1_edge'], { peers: ['br5_edge'] });
    expect(some.length).toBeGreaterThan(0);
    expect(some).toEqual(all.filter((name) => name.includes('br5_edge')));
  });

  it.each(['interfaces.read', 'statistics.read'])('%s leaves out the ports that stand for tunnels', (tool) => {
    const isTunnel = (name: string): boolean => name.includes('/tun-');
    const all = resourcesOf(tool, ['hub1_edge'], {});
    expect(all.some(isTunnel)).toBe(true);
    expect(resourcesOf(tool, ['hub1_edge'], { tunnels: false })).toEqual(all.filter((name) => !isTunnel(name)));
  });

  it('flows.read sums up what the exporters saw, as if the rest of the network were not there', () => {
    const span = { from: new Date(START + 900_000).toISOString(), until: new Date(START + 1_800_000).toISOString() };
    const flows = network.flows(TENANT, START + 900_000, START + 1_800_000, 100_000);
    const seen = new Set(flows.filter(({ device }) => device === 'br2_edge').map(({ source }) => `address/${source}`));
    const told = resourcesOf('flows.read', [], { ...span, exporters: ['br2_edge'] });
    expect(new Set(told.map((name) => name.split(' ')[0]))).toEqual(seen);
  });

  it('of a device that is not there is empty, and no error', () => {
    expect(read('tunnels.read', ['hub1_edge'], { peers: ['nobody'] })).toEqual([]);
  });
});

describe('events.read', () => {
  const tool = findTool('events.read');
  const planned = (last: number): readonly Operation[] =>
    tool?.plan({ last }, { devices: [] }, { tenant: TENANT, devices: [], hosts: [], addresses: [] }) ?? [];

  it('asks for a storm in pages, the newest first', () => {
    expect(planned(1_200).map((one) => (one.protocol === 'rest' ? one.query : {}))).toEqual([
      { count: '500' },
      { count: '500', skip: '500' },
      { count: '200', skip: '1000' },
    ]);
  });

  it('gets with pages what one question gets, each once', () => {
    network.inject({ tenant: TENANT, type: 'provider_outage', resource: 'node/isp1_core' });
    network.advanceTo(network.now() + 120_000);
    const director = directorOf(network, TENANT);
    const ask = (query: Readonly<Record<string, string>>): readonly unknown[] =>
      director.get('/dataservice/event')?.(query) ?? [];
    const whole = ask({ count: '30' });
    expect([...ask({ count: '10' }), ...ask({ count: '10', skip: '10' }), ...ask({ count: '10', skip: '20' })]).toEqual(
      whole,
    );
    expect(whole).toHaveLength(30);
    expect(ask({ count: '10', skip: '100000' })).toEqual([]);
  });

  it('makes nothing of a page that failed', () => {
    const [operation] = planned(5);
    if (operation === undefined) throw new Error('nothing is asked');
    const error = { code: 'DEVICE_UNREACHABLE', message: 'gone' };
    const reply: OperationReply = { operation, collectedAt: '2026-03-01T00:00:00.000Z', ok: false, error };
    expect(tool?.read([reply], { tenant: TENANT, devices: [], hosts: [], addresses: [] })).toEqual([]);
  });
});
