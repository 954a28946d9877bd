/** How fast the network model is built, run and read, and how that grows from 10 to 10,000 sites. */
import { FAULT_TYPES } from '../simulators/faults/faults.ts';
import { createNetwork } from '../simulators/model/create-network.ts';
import type { Topology } from '../simulators/model/network.ts';
import { mergeTopologies } from '../simulators/topologies/blueprint.ts';
import { refnet } from '../simulators/topologies/refnet.ts';
import type { Figure } from './bench.ts';

const START = Date.parse('2026-01-06T10:00:00Z');
const HOUR_MS = 3_600_000;
/** Sites of one tenant at most: larger installations are several tenants. */
const TENANT_SITES = 2_000;

const topologyOf = (sites: number): Topology =>
  mergeTopologies(
    Array.from({ length: Math.ceil(sites / TENANT_SITES) }, (_, tenantIndex) =>
      refnet({ tenant: `tenant${tenantIndex}`, branches: Math.min(sites, TENANT_SITES), seed: 1, tenantIndex }),
    ),
  );

const create = (topology: Topology) => createNetwork({ topology, seed: 1, startAt: START, faults: FAULT_TYPES });

function time<T>(work: () => T): { readonly ms: number; readonly result: T } {
  const begun = performance.now();
  const result = work();
  return { ms: performance.now() - begun, result };
}

/** Building, losing a provider core and coming back, for one size. */
function measureSize(sites: number, aims: boolean): readonly Figure[] {
  const before = process.memoryUsage().heapUsed;
  const topology = topologyOf(sites);
  const built = time(() => create(topology));
  const network = built.result;
  const heapMb = (process.memoryUsage().heapUsed - before) / 1e6;
  const lost = time(() => {
    const id = network.inject({ tenant: 'tenant0', type: 'provider_outage', resource: 'node/isp1_core' });
    network.advanceTo(START + 10_000);
    return id;
  });
  const tenants = new Set(network.devices().map((ref) => ref.tenant));
  const events = [...tenants].flatMap((tenant) => network.events(tenant, 0, 1e6));
  const back = time(() => {
    network.clear(lost.result);
    network.advanceTo(START + 120_000);
  });
  const label = `${sites.toLocaleString('en')} sites: `;
  const tunnels = topology.devices.reduce((sum, { config }) => sum + config.tunnels.length, 0) / 2;
  return [
    { what: `${label}tunnels`, value: tunnels, unit: 'tunnels' },
    { what: `${label}build`, value: built.ms, unit: 'ms', ...(aims ? { aim: 'under 2,000 ms' } : {}) },
    { what: `${label}lose a provider core`, value: lost.ms, unit: 'ms', ...(aims ? { aim: 'under 1,000 ms' } : {}) },
    {
      what: `${label}BFD events of it`,
      value: events.filter((event) => event.name === 'trap.bfd_state').length,
      unit: 'events',
    },
    { what: `${label}get it back`, value: back.ms, unit: 'ms' },
    {
      what: `${label}heap`,
      value: heapMb,
      unit: 'MB',
      ...(sites === 10_000 ? { aim: 'under 2,000 MB' } : {}),
    },
  ];
}

function measureQuietHour(): Figure {
  const network = create(topologyOf(4));
  const { ms } = time(() => {
    network.advanceTo(START + HOUR_MS);
    // Somebody looks at the end of it.
    for (const ref of network.devices()) network.state(ref);
  });
  return { what: '4 sites: a quiet hour, and every device read', value: ms, unit: 'ms', aim: 'under 500 ms' };
}

function measureReads(): readonly Figure[] {
  const network = create(topologyOf(100));
  const devices = network.devices();
  network.state(devices[0] ?? { tenant: '', device: '' });
  const read = time(() => {
    for (const ref of devices) network.state(ref);
  });
  return [{ what: '100 sites: read the state of one device, mean', value: read.ms / devices.length, unit: 'ms' }];
}

export async function benchModel(): Promise<readonly Figure[]> {
  // Once for the compiler.
  measureSize(10, false);
  return [
    measureQuietHour(),
    ...measureReads(),
    ...[10, 100, 1_000, 10_000].flatMap((sites) => measureSize(sites, sites === 1_000)),
  ];
}
