/**
 * The state of a network in memory: devices, the cells whose value lags behind its cause, and the indices between them.
 *
 * A cell is one thing that a device notices with delay (a port, a tunnel end, a session). Layers say what each should
 * be; `settle.ts` moves it there. Everything else is computed when it is read.
 */
import type { Color, DeviceConfig } from '../../protocols/device/config.ts';
import type { CommitRecord, LoginRecord, NetworkEvent, RouteState } from '../../protocols/device/state.ts';
import type { Prefix } from './address.ts';
import type {
  AlarmCell,
  Cell,
  ControlCell,
  EndCell,
  FirewallAlarmCell,
  LeaseCell,
  Link,
  OspfCell,
  PortCell,
  ProcessorCell,
  SessionCell,
  VrrpCell,
} from './cells.ts';
import type { Condition, ConditionKind, ConditionOf } from './condition.ts';
import type { EventQueue } from './event-queue.ts';
import type { Change } from './history.ts';
import type { MeterBook } from './meters.ts';
import type { Circuit, DeviceRef, ExternalService, Host, LanRouter } from './network.ts';
import type { Hearsay, Origin } from './rib.ts';

export type * from './cells.ts';

/** A route of one VRF's table. */
export interface Route extends RouteState {
  /** VRF the subnet is in where it comes from: the packet continues there, as a VPN label says (RFC 4364 §4.3). */
  readonly originVrf: number;
  readonly parsed: Prefix;
}

export interface DeviceNode {
  readonly key: string;
  readonly ref: DeviceRef;
  /** What the director says it should run. */
  intended: DeviceConfig;
  config: DeviceConfig;
  bootedAt: number;
  readonly commits: CommitRecord[];
  readonly logins: LoginRecord[];
  readonly circuits: ReadonlyMap<string, Circuit>;
  readonly ports: Map<string, PortCell>;
  /** By tunnel name. */
  readonly ends: Map<string, EndCell>;
  /** By overlay address of the far end. */
  readonly endByRemote: Map<string, EndCell>;
  /** By neighbour address. */
  readonly sessions: Map<string, SessionCell>;
  readonly controls: Map<string, ControlCell>;
  readonly vrrp: Map<string, VrrpCell>;
  /** By port. */
  readonly ospf: Map<string, OspfCell>;
  /** `processor`, and one a WAN port and subject. */
  readonly processors: Map<string, ProcessorCell>;
  readonly alarms: Map<string, AlarmCell>;
  /** `table` and `half-open`. */
  readonly firewallAlarms: Map<string, FirewallAlarmCell>;
  /** When a pool of translated ports was changed last, by name. */
  readonly poolsChanged: Map<string, number>;
  readonly peerKeys: Map<string, string>;
  /** Circuits whose public endpoint moved, and when peers will have learned the new one. */
  relearnedAt?: Map<Color, number>;
  /** All its counters. */
  readonly meters: MeterBook;
  /** Routes of table `version`, computed when asked for. */
  routes?: { readonly version: number; readonly table: readonly Route[] };
  originated?: { readonly version: number; readonly prefixes: readonly Origin[] };
  hearsay?: { readonly version: number; readonly toHubs: readonly Hearsay[]; readonly toEdges: readonly Hearsay[] };
}

/** What one tenant owns; nothing here is shared between tenants. */
export interface Tenant {
  readonly name: string;
  readonly events: NetworkEvent[];
  lastSeq: number;
  /** Raised whenever a route may have changed. */
  routeVersion: number;
  /** Raised whenever what a device originates may have changed. */
  originVersion: number;
  /** Prefixes that can be originated at most at `version`: all, those longer than a LAN at edges, those of hubs. */
  originBound?: { readonly version: number; readonly all: number; readonly long: number; readonly ofHubs: number };
  /** Raised whenever a rate of traffic may have changed. */
  rateVersion: number;
  readonly nodes: DeviceNode[];
  readonly sites: Map<string, DeviceNode[]>;
  /** Tunnel ends whose measurements are judged at the next poll, and how to call that off. */
  readonly watched: Set<EndCell>;
  nextPoll?: { readonly at: number; readonly cancel: () => void };
  /** By address. */
  readonly hosts: Map<string, Host>;
  readonly hostsByName: Map<string, Host>;
  readonly lanRouters: LanRouter[];
  /** By host; only of those whose server has changed. */
  readonly leases: Map<string, LeaseCell>;
}

export interface World {
  readonly seed: string;
  /** Milliseconds by which a healthy clock may be wrong, either way. */
  clockSpreadMs: number;
  now: number;
  readonly queue: EventQueue;
  readonly nodes: Map<string, DeviceNode>;
  readonly tenants: Map<string, Tenant>;
  readonly links: Map<string, Link>;
  readonly vrrpGroups: Map<string, Set<VrrpCell>>;
  readonly circuitsByProvider: Map<string, Circuit[]>;
  /** Things on the internet, by address. */
  readonly externals: ReadonlyMap<string, ExternalService>;
  /** By key; a condition that is imposed twice is held twice. */
  readonly conditions: Map<string, { readonly condition: Condition; count: number }>;
  /** The same, by place (see `placeOf`). */
  readonly conditionsAt: Map<string, Condition[]>;
  readonly dirty: Set<Cell>;
  /** What changed during the last day, oldest first. */
  readonly history: Change[];
  /** Between two samples of the statistics: counters can be read as they were at each. */
  statisticsMs: number;
  /** Whether the DHCP relay of a device gets through to a server and back. */
  relayReaches: (node: DeviceNode, server: string) => boolean;
  readonly listeners: Set<(tenant: string, event: NetworkEvent) => void>;
}

export const nodeKey = (ref: DeviceRef): string => `${ref.tenant}/${ref.device}`;
export const nodeOf = (world: World, tenant: string, device: string): DeviceNode | undefined =>
  world.nodes.get(`${tenant}/${device}`);

export function tenantOf(world: World, name: string): Tenant {
  const tenant = world.tenants.get(name);
  if (tenant === undefined) throw new Error(`no tenant ${name}`);
  return tenant;
}

/** What devices originate may have changed, and with it every table. */
export function routesMoved(world: World, tenant: string): void {
  const owner = tenantOf(world, tenant);
  owner.routeVersion += 1;
  owner.originVersion += 1;
}

const NONE: readonly Condition[] = [];

/** The conditions of one kind that hold at a place now; `place` as `placeOf` writes it. */
export const conditionsOf = <Kind extends ConditionKind>(
  world: World,
  kind: Kind,
  place: string,
): readonly ConditionOf<Kind>[] =>
  world.conditionsAt.size === 0
    ? []
    : (world.conditionsAt.get(place) ?? NONE).filter((one): one is ConditionOf<Kind> => one.kind === kind);

/** Does a condition of this kind hold at the place now? */
export const holds = (world: World, kind: ConditionKind, place: string): boolean =>
  world.conditionsAt.size > 0 && world.conditionsAt.get(place)?.some((one) => one.kind === kind) === true;

export const powered = (world: World, node: DeviceNode): boolean => !holds(world, 'no-power', node.key);
export const processRuns = (world: World, node: DeviceNode, process: string): boolean =>
  !conditionsOf(world, 'process-stopped', node.key).some((one) => one.process === process);

export function clockOffset(world: World, node: DeviceNode): number {
  return conditionsOf(world, 'clock-offset', node.key).reduce((sum, one) => sum + one.offsetMs, 0);
}

/** The other end of a tunnel, when the far device has it configured too. */
export const farEnd = (end: EndCell): EndCell | undefined => end.link.ends.find((other) => other !== end);

export const portOfColor = (node: DeviceNode, color: Color): PortCell | undefined => {
  const port = node.config.interfaces.find((one) => one.color === color);
  return port === undefined ? undefined : node.ports.get(port.name);
};

export const touch = (world: World, cell: Cell | undefined): void => {
  if (cell !== undefined) world.dirty.add(cell);
};

/** Everything that must look again after a change below the tunnel: both of its ends. */
export function touchLink(world: World, link: Link): void {
  for (const end of link.ends) world.dirty.add(end);
}

const KEPT_LOGINS = 100;

/** Somebody logged in or failed to; both are told. */
export function recordLogin(world: World, node: DeviceNode, login: LoginRecord): void {
  node.logins.push(login);
  if (node.logins.length > KEPT_LOGINS) node.logins.shift();
  const failed = login.result === 'failed';
  announce(world, node, {
    name: failed ? 'trap.aaa_login_fail' : 'aaa.login',
    resource: `node/${node.ref.device}`,
    severity: failed ? 'warning' : 'info',
    detail: `login ${login.result} for ${login.user} from ${login.source}`,
  });
}

const KEPT_EVENTS = 100_000;

/** A device announces something; one without power stays silent. */
export function announce(
  world: World,
  node: DeviceNode | undefined,
  event: Pick<NetworkEvent, 'name' | 'resource' | 'severity' | 'detail'>,
): void {
  if (node === undefined || !powered(world, node)) return;
  const tenant = tenantOf(world, node.ref.tenant);
  tenant.lastSeq += 1;
  const full: NetworkEvent = { seq: tenant.lastSeq, at: world.now, device: node.ref.device, ...event };
  tenant.events.push(full);
  // Old events fall out in blocks, so that a long run neither grows nor copies at every event.
  if (tenant.events.length > 2 * KEPT_EVENTS) tenant.events.splice(0, KEPT_EVENTS);
  for (const listener of world.listeners) listener(tenant.name, full);
}
