/**
 * Generates the diagnosis codebook: injects each fault into the network model at every place that can bear it, reads
 * what the tools would read, and writes how often each symptom shows, by role. `npm run codebook`.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Codebook, FaultType, Pattern } from '../agents/diagnosis/codebook.ts';
import { extractFeatures } from '../agents/diagnosis/features.ts';
import type { Read } from '../agents/diagnosis/reads.ts';
import { planReads } from '../agents/diagnosis/reads.ts';
import type { Scope } from '../agents/diagnosis/scope.ts';
import { createScope } from '../agents/diagnosis/scope.ts';
import type { Inventory } from '../agents/inventory.ts';
import { FAULT_TYPES as INJECTABLE } from '../simulators/faults/faults.ts';
import { createNetwork } from '../simulators/model/create-network.ts';
import type { Network, Topology } from '../simulators/model/network.ts';
import { refnet } from '../simulators/topologies/refnet.ts';
import { directorOf } from './answer.ts';
import { observe } from './observe.ts';

const TENANT = 'codebook';
const START = Date.parse('2026-01-05T09:00:00Z');
/** Control sessions notice last (a minute); statistics are not used. */
const SETTLE_MS = 90_000;
const SEEDS = [1, 2];

/** The inventory that the broker would tell about a topology. */
export function describeTopology(topology: Topology): Inventory {
  return {
    devices: topology.devices.map(({ device, config }) => ({
      name: device,
      role: config.role,
      site: config.site,
      systemIp: config.systemIp,
      ...(config.bgp ? { asn: config.bgp.localAs } : {}),
    })),
    circuits: topology.circuits.map(({ device, interface: port, color, provider }) => {
      const config = topology.devices.find((one) => one.device === device)?.config;
      const address = config?.interfaces.find(({ name }) => name === port)?.ipv4?.address;
      const name = `${config?.site}/${color}`;
      return { name, device, interface: port, color, provider, ...(address ? { address } : {}) };
    }),
    hosts: topology.hosts.map(({ name, site, vrf, address, services }) => ({
      name,
      site,
      vrf,
      address,
      services: services.map((one) => ({ ...one })),
    })),
  };
}

/** Where a fault that concerns the suspect is injected: one place of each kind that the fault can sit on. */
const PLACES: { readonly [Type in FaultType]: (scope: Scope) => readonly string[] } = {
  bgp_asn_mismatch: ({ suspect }) => [`node/${suspect}`],
  acl_blocks_app: ({ suspect }) => [`node/${suspect}`],
  ipsec_peer_key_mismatch: ({ suspect }) => [`node/${suspect}`],
  link_down: ({ suspect, site, circuits }) =>
    circuits.map((circuit) => `link/${suspect}:${circuit.interface}--${circuit.provider}:${site}`),
  bgp_port_blocked: ({ suspect }) => [`node/${suspect}`],
  device_down: ({ suspect }) => [`node/${suspect}`],
  max_prefix_exceeded: ({ suspect, hubs }) => hubs.map((hub) => `session/bgp/${hub}--${suspect}`),
  provider_outage: ({ circuits }) => circuits.map(({ provider }) => `node/${provider}`),
  if_admin_shutdown: ({ suspect, circuits }) => circuits.map((circuit) => `interface/${suspect}/${circuit.interface}`),
  bfd_port_blocked: ({ suspect }) => [`node/${suspect}`],
  cert_expired: ({ suspect }) => [`node/${suspect}`],
  clock_skew: ({ suspect }) => [`node/${suspect}`],
  routing_daemon_down: ({ suspect }) => [`node/${suspect}`],
  server_down: ({ app }) => (app ? [`host/${app.host}`] : []),
  controller_unreachable: ({ suspect }) => [`node/${suspect}`],
  fw_session_table_full: ({ suspect }) => [`node/${suspect}`],
};

/** Features of everything that can be read about a suspect now, in the order of the reads given. */
function readFeatures(network: Network, scope: Scope, reads: readonly Read[]) {
  const seen = reads.flatMap((read) => observe(network, TENANT, read));
  return extractFeatures(
    seen.map((one) => ({ ...one, id: '' })),
    scope,
  );
}

type Counts = Map<string, Map<string, number>>;

function count(counts: Counts, network: Network, scope: Scope): void {
  const reads = planReads(scope);
  // Probes count hits: an access list looks different before and after them.
  for (const order of [reads, [...reads].reverse()]) {
    for (const { name, value } of readFeatures(network, scope, order).values()) {
      const values = counts.get(name) ?? new Map<string, number>();
      values.set(value, (values.get(value) ?? 0) + 1);
      counts.set(name, values);
    }
  }
}

function toPattern(counts: Counts): Pattern {
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([name, values]) => {
      const total = [...values.values()].reduce((sum, one) => sum + one, 0);
      const shares = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
      return [name, Object.fromEntries(shares.map(([value, one]) => [value, Math.round((100 * one) / total) / 100]))];
    }),
  );
}

/** Generates the codebook over the branches of a middle-sized reference network. Deterministic. */
export function generateCodebook(): Codebook {
  const healthy: Counts = new Map();
  const faults = new Map<FaultType, Counts>();
  for (const seed of SEEDS) {
    const topology = refnet({ tenant: TENANT, branches: 4, seed, tenantIndex: 0 });
    const inventory = describeTopology(topology);
    const edges = inventory.devices
      .filter(({ role }) => role === 'edge')
      .map(({ name }) => createScope(inventory, name));
    const create = (): Network => {
      const network = createNetwork({ topology, seed, startAt: START, faults: INJECTABLE });
      // What the director knew before the fault is part of what it shows afterwards.
      directorOf(network, TENANT);
      return network;
    };
    const calm = create();
    // Something always happens somewhere: a commit elsewhere is what "no commit here" is seen by.
    const elsewhere = { tenant: TENANT, device: 'director' };
    calm.commit(elsewhere, calm.config(elsewhere), 'netops');
    for (const scope of edges) count(healthy, calm, scope);
    for (const scope of edges) {
      for (const [type, places] of typedEntries(PLACES)) {
        for (const resource of places(scope)) {
          const network = create();
          // The second edge of a site has nobody behind it.
          if (!network.bearers(TENANT, type).includes(resource)) continue;
          network.advanceTo(START + 1_000);
          network.inject({ tenant: TENANT, type, resource });
          network.advanceTo(START + SETTLE_MS);
          const counts = faults.get(type) ?? new Map();
          count(counts, network, scope);
          faults.set(type, counts);
        }
      }
    }
  }
  const normal = toPattern(healthy);
  const isNormal = (name: string, values: unknown): boolean => JSON.stringify(values) === JSON.stringify(normal[name]);
  return {
    healthy: normal,
    faults: Object.fromEntries(
      [...faults].map(([type, counts]) => [
        type,
        Object.fromEntries(Object.entries(toPattern(counts)).filter(([name, values]) => !isNormal(name, values))),
      ]),
    ),
  };
}

const typedEntries = <Value>(table: { readonly [Type in FaultType]: Value }): readonly [FaultType, Value][] =>
  Object.entries(table) as [FaultType, Value][];

/** Text of the committed file. */
export const writeCodebook = (codebook: Codebook): string => `${JSON.stringify(codebook, null, 2)}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = new URL('../agents/diagnosis/codebook.json', import.meta.url);
  writeFileSync(file, writeCodebook(generateCodebook()));
}
