/** A diagnosis of a network of which only a part is looked at: what it reads and weighs stays the same, however many sites there are. */
import { beforeAll, describe, expect, it } from 'vitest';
import { lookAround, type ReadTool, type ToolCall, type View } from '../../agents/diagnosis/look-around.ts';
import { createMap } from '../../agents/diagnosis/network-map.ts';
import { observe } from '../../agents/diagnosis/observe/observe.ts';
import { CODEBOOK } from '../../agents/diagnosis/patterns.ts';
import { diagnoseView, READ_BUDGET } from '../../agents/diagnosis/run-diagnosis.ts';
import { directorOf } from '../../scenarios/answer.ts';
import { createReads } from '../../scenarios/diagnosis-port.ts';
import { FAULT_TYPES } from '../../simulators/faults/faults.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import { loadTopology } from '../../simulators/topologies/load-topology.ts';

const TENANT = 'acme';
const ONSET = Date.parse('2026-01-07T09:30:00Z');
/** Devices that one read of a diagnosis names. */
const MOST_NAMED = 24;

interface Storm {
  readonly view: View;
  readonly calls: readonly ToolCall[];
  readonly rows: ReadonlyMap<string, number>;
  readonly announced: number;
}

/** Two minutes after a provider failed. */
async function storm(branches: number): Promise<Storm> {
  const topology = loadTopology(`refnet:${branches}`, { tenant: TENANT, seed: 7, tenantIndex: 0 });
  const network = createNetwork({ topology, seed: 7, startAt: ONSET - 600_000, faults: FAULT_TYPES });
  directorOf(network, TENANT);
  network.advanceTo(ONSET);
  network.inject({ tenant: TENANT, type: 'provider_outage', resource: 'node/isp1_core' });
  network.advanceTo(ONSET + 120_000);
  const read = createReads(network, TENANT);
  const calls: ToolCall[] = [];
  const rows = new Map<string, number>();
  const port: ReadTool = (call) => {
    const answer = read(call);
    calls.push(call);
    rows.set(call.tool, Math.max(rows.get(call.tool) ?? 0, answer.evidence.length));
    return Promise.resolve(answer);
  };
  const view = await lookAround(port, {}, CODEBOOK, READ_BUDGET);
  return { view, calls, rows, announced: network.events(TENANT, 0, 1_000_000).length };
}

describe('half-open sessions', () => {
  const site = (name: string) => ({ name: `${name}_edge`, role: 'edge' as const, site: name });
  const map = createMap({
    devices: [{ name: 'mid_hub', role: 'hub', site: 'mid' }, ...Array.from({ length: 400 }, (_, at) => site(`s${at}`))],
    circuits: [],
    hosts: [],
  });
  const told = (device: string, value: number): readonly string[] =>
    observe(map, [
      {
        ...{ tool: 'lan.read', devices: [device] },
        sightings: [
          {
            ...{ id: 'evd_1', resource: `node/${device}`, signal: 'flow.halfopen', value },
            ...{ observedAt: '2026-01-07T10:00:00.000Z', source: `netconf:${device}` },
          },
        ],
      },
    ]).flatMap((one) => (one.feature === 'half-open' ? [one.value] : []));

  it('of a hub are those of all its sites; of a site they are many much sooner, and a flood is one at both', () => {
    expect([told('mid_hub', 1_300), told('s1_edge', 1_300), told('mid_hub', 24_000)]).toEqual([
      ['normal'],
      ['many'],
      ['many'],
    ]);
  });
});

describe('a diagnosis of a network that is larger than what it looks at', { timeout: 120_000 }, () => {
  let small: Storm;
  let large: Storm;
  beforeAll(async () => {
    small = await storm(60);
    large = await storm(180);
  }, 120_000);

  it('finds the one cause of a storm, and attaches every announcement to it', () => {
    const found = diagnoseView(large.view, {});
    expect(found.causes.map(({ resource, fault_type: type }) => `${type} ${resource}`)).toEqual([
      'provider_outage node/isp1_core',
    ]);
    expect(large.announced).toBeGreaterThan(2_000);
    expect(found.finding.because.map(({ text }) => text)).toContain(
      `${large.announced} of the ${large.announced} announcements that were read belong to this`,
    );
    expect(found.reads).toBeLessThanOrEqual(READ_BUDGET);
  });

  it('names no more devices to a tool than one read may', () => {
    for (const { devices } of large.calls) expect(devices.length).toBeLessThanOrEqual(MOST_NAMED);
  });

  it('reads and weighs no more of three times as many sites', () => {
    expect(large.view.map.inventory.devices.length).toBeGreaterThan(2.5 * small.view.map.inventory.devices.length);
    for (const tool of ['tunnels.read', 'statistics.read', 'bgp.read', 'interfaces.read'])
      expect(large.rows.get(tool) ?? 0, tool).toBeLessThanOrEqual(1.1 * (small.rows.get(tool) ?? 0));
    expect(large.view.observations.length).toBeLessThan(1.3 * small.view.observations.length);
    expect(large.view.places.length).toBeLessThan(1.3 * small.view.places.length);
  });
});
