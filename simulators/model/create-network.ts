/**
 * Builds a network that has long run and hands it out behind the `Network` interface.
 *
 * Everything it needs is an argument: the topology, the seed of its variation, the virtual time it starts at, physical
 * conditions that already hold, and the faults that may be injected (none in a rehearsal).
 */
import { buildWorld } from './assemble.ts';
import { commitConfig, imposeCondition } from './change.ts';
import type { Condition } from './condition.ts';
import { runProbe } from './data-plane.ts';
import { readSection, readState } from './device-state.ts';
import type { FaultGround, FaultPlace, FaultType } from './fault.ts';
import { readFlows } from './flows.ts';
import { asOf } from './history.ts';
import { FORWARDING_VRF } from './lan/forwarder.ts';
import { hostProcesses } from './lan/host-processes.ts';
import { hasManagementPath } from './layers/port.ts';
import {
  type ActiveFault,
  type DeviceRef,
  type FaultRequest,
  ModelError,
  type Network,
  type Topology,
} from './network.ts';
import { contact } from './probes/contact.ts';
import { readRecords } from './records.ts';
import { findPlace, listNames, listPlaces } from './resource.ts';
import { noise } from './seeded-noise.ts';
import { converge, settle } from './settle.ts';
import { announce, type DeviceNode, holds, nodeKey, recordLogin, tenantOf, type World } from './world.ts';

export interface NetworkOptions {
  readonly topology: Topology;
  readonly seed: number | string;
  /** Virtual epoch milliseconds. */
  readonly startAt: number;
  /** What is physically wrong from the start; the network starts converged around it. */
  readonly conditions?: readonly Condition[];
  readonly faults?: readonly FaultType[];
  /** Milliseconds by which a healthy clock may be wrong, either way; 10 when absent, as NTP holds them over a WAN. */
  readonly clockSpreadMs?: number;
  /** Between two samples of the statistics; 10 minutes when absent. */
  readonly statisticsMs?: number;
}

/** A network that can also say what is physically wrong with it. */
export interface ModelNetwork extends Network {
  /** The physical conditions that hold now: with the running configurations they rebuild this network. */
  conditions(): readonly Condition[];
}

/** Servers of DHCP listen here (RFC 2131 §4.1). */
const DHCP_PORT = 67;

/** The user behind every commit that is not the broker's. */
const OPERATOR = 'netops';

/** Throws `ModelError` `TOPOLOGY_INVALID` when two devices share a name. */
export function createNetwork(options: NetworkOptions): ModelNetwork {
  const { topology, startAt, conditions = [], faults = [] } = options;
  const seed = String(options.seed);
  const names = new Set(topology.devices.map(nodeKey));
  if (names.size !== topology.devices.length) throw new ModelError('TOPOLOGY_INVALID', 'two devices share a name');
  const world = buildWorld(topology, seed, startAt, conditions, (...parts) => noise(seed, ...parts));
  world.statisticsMs = options.statisticsMs ?? world.statisticsMs;
  world.clockSpreadMs = options.clockSpreadMs ?? world.clockSpreadMs;
  // As all that an edge forwards, by the VRF from which servers are reached: the relay says which LAN asks (RFC 6607 §3).
  world.relayReaches = (node, destination) => {
    const packet = { protocol: 'udp', port: DHCP_PORT } as const;
    return (
      contact(world, node, { vrf: FORWARDING_VRF, destination, packet, dscp: 0, session: false, count: 0 }).result ===
      'ok'
    );
  };
  converge(world);

  const find = (ref: DeviceRef): DeviceNode => {
    const node = world.nodes.get(nodeKey(ref));
    if (node === undefined) throw new ModelError('RESOURCE_UNKNOWN', `tenant ${ref.tenant} has no node/${ref.device}`);
    return node;
  };

  return {
    now: () => world.now,
    advanceTo(time) {
      if (time < world.now) throw new ModelError('TIME_REVERSED', `the clock is at ${world.now}, not before`);
      for (let next = world.queue.take(time); next !== undefined; next = world.queue.take(time)) {
        world.now = next.at;
        next.run();
      }
      world.now = time;
    },
    nextEventAt: () => world.queue.nextAt(),

    devices: () => topology.devices.map(({ tenant, device }) => ({ tenant, device })),
    topology: () => ({
      ...topology,
      devices: [...world.nodes.values()].map(({ ref, config }) => ({ tenant: ref.tenant, device: ref.device, config })),
    }),
    config: (ref) => find(ref).config,
    intendedConfig: (ref) => find(ref).intended,
    commit: (ref, config, user) => commitConfig(world, find(ref), config, user),
    conditions: () => [...world.conditions.values()].map((held) => held.condition),

    state: (ref) => readState(world, find(ref)),
    section: (ref, key) => readSection(world, find(ref), key),
    bootedAt: (ref) => find(ref).bootedAt,
    alive: (ref) => hasManagementPath(world, find(ref)),
    // The poller at the first hub asks edges and hubs; controllers have a way of their own.
    reachable: (ref) => {
      const node = find(ref);
      const polled = node.config.role === 'controller' || !holds(world, 'poller-cut', ref.tenant);
      return polled && hasManagementPath(world, node);
    },
    probe: (ref, request) => runProbe(world, find(ref), request),
    asOf: (at, read) => asOf(world, at, read),
    flows: (tenant, after, until, limit, of) => readFlows(world, tenantOf(world, tenant), after, until, limit, of),
    records: (tenant) => readRecords(world, tenant),
    hostProcesses: (tenant) =>
      [...tenantOf(world, tenant).hostsByName.values()].flatMap((host) => hostProcesses(world, host)),

    events(tenant, after, limit) {
      const all = world.tenants.get(tenant)?.events ?? [];
      // Sequence numbers have no gaps, so the position follows from the first one still kept.
      const from = Math.max(0, after + 1 - (all[0]?.seq ?? 1));
      return all.slice(from, from + Math.max(0, limit));
    },
    subscribe(listener) {
      world.listeners.add(listener);
      return () => {
        world.listeners.delete(listener);
      };
    },
    ...faultBoard(world, faults, find, topology),
  };
}

interface Injected {
  readonly fault: ActiveFault;
  undo?: () => void;
  cancelStart?: () => void;
}

function faultBoard(
  world: World,
  types: readonly FaultType[],
  find: (ref: DeviceRef) => DeviceNode,
  topology: Topology,
): Pick<Network, 'inject' | 'bearers' | 'clear' | 'faults'> {
  const active = new Map<string, Injected>();
  let count = 0;
  const ground: FaultGround = {
    config: (ref) => find(ref).config,
    commit(ref, edit, user = OPERATOR) {
      const node = find(ref);
      const edited = edit(node.config);
      if (edited !== undefined) commitConfig(world, node, edited, user);
    },
    intend(ref, edit) {
      const node = find(ref);
      node.intended = edit(node.intended);
    },
    topology,
    now: () => world.now,
    schedule: (at, run) =>
      world.queue.schedule(at, () => {
        run();
        settle(world);
      }),
    login: (ref, user, source, result) => recordLogin(world, find(ref), { at: world.now, user, source, result }),
    announce: (ref, event) => announce(world, find(ref), event),
    fraction: (...parts) => noise(world.seed, ...parts),
    impose: (condition) => imposeCondition(world, condition),
  };

  const clear = (id: string): void => {
    const injected = active.get(id);
    if (injected === undefined) throw new ModelError('FAULT_UNKNOWN', `no fault ${id} is active`);
    active.delete(id);
    injected.cancelStart?.();
    injected.undo?.();
    settle(world);
  };

  const schedule = (at: number, run: () => void): (() => void) => world.queue.schedule(at, run);

  return {
    inject(request) {
      const { type, place } = findFault(world, types, request, ground);
      count += 1;
      const id = `flt_${count}`;
      const injected: Injected = { fault: { ...request, id } };
      active.set(id, injected);
      const start = (): void => {
        injected.undo = type.apply(ground, place, request.intensity ?? 1);
      };
      if (request.startAt !== undefined && request.startAt > world.now) {
        injected.cancelStart = schedule(request.startAt, start);
      } else start();
      if (request.endAt !== undefined) {
        schedule(Math.max(request.endAt, world.now), () => {
          if (active.has(id)) clear(id);
        });
      }
      return id;
    },
    bearers(tenant, name) {
      const type = findType(types, name);
      return listPlaces(world, tenant, type.kinds).flatMap((place) =>
        type.fits(place, ground) ? [place.resource] : [],
      );
    },
    clear,
    faults: () => [...active.values()].map((injected) => injected.fault),
  };
}

function findType(types: readonly FaultType[], name: string): FaultType {
  const type = types.find((one) => one.type === name);
  if (type !== undefined) return type;
  const known = types.map((one) => one.type).join(', ');
  throw new ModelError('FAULT_TYPE_UNKNOWN', `unknown fault type ${name}; known: ${known}`);
}

function findFault(
  world: World,
  types: readonly FaultType[],
  request: FaultRequest,
  ground: FaultGround,
): { readonly type: FaultType; readonly place: FaultPlace } {
  const type = findType(types, request.type);
  const place = findPlace(world, request.tenant, request.resource, type.kinds);
  if (!type.fits(place, ground)) {
    const fitting = listPlaces(world, request.tenant, type.kinds).filter((one) => type.fits(one, ground));
    throw new ModelError('KIND_UNFIT', `${type.type} does not fit ${request.resource}; fits: ${listNames(fitting)}`);
  }
  const { intensity } = request;
  if (intensity !== undefined && type.graded !== true) {
    throw new ModelError('INTENSITY_UNFIT', `${type.type} has no degree: leave the intensity out`);
  }
  if (intensity !== undefined && !(intensity > 0 && intensity <= 10)) {
    throw new ModelError('INTENSITY_UNFIT', `intensity ${intensity}: give more than 0 and at most 10`);
  }
  return { type, place };
}
