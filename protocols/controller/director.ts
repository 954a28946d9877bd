/**
 * What the director knows of the devices of one tenant.
 *
 * It hears of a device through the control connections only: while one is up, it asks the device whenever it is asked
 * itself; while all are down it remembers what it last heard, with the time. Statistics it asks for once an interval, so
 * they are older than live state. Memory begins with the director for tenants of moderate size; of a larger one it
 * begins with the first question about a device, because nobody asks about most of thousands of devices.
 */
import type { DeviceConfig } from '../device/config.ts';
import type { FlowRecord } from '../device/flow.ts';
import type { HostProcess } from '../device/host.ts';
import type { ProbeResult } from '../device/probe.ts';
import type { NetworkRecords } from '../device/records.ts';
import type { DeviceState, NetworkEvent } from '../device/state.ts';
import type { ProbeRpc } from '../yang/probe-rpc.ts';

export interface DeviceRef {
  readonly tenant: string;
  readonly device: string;
}

/** The network as the director's controllers can see it; the network model has this form. */
export interface ControllerView {
  /** Epoch milliseconds. */
  now(): number;
  devices(): readonly DeviceRef[];
  config(ref: DeviceRef): DeviceConfig;
  intendedConfig(ref: DeviceRef): DeviceConfig;
  section<Key extends keyof DeviceState>(ref: DeviceRef, key: Key): DeviceState[Key];
  /** False when the device has no power, or no circuit that carries. */
  alive(ref: DeviceRef): boolean;
  probe(ref: DeviceRef, request: ProbeRpc): ProbeResult;
  /** What `read` finds as of an instant before. */
  asOf<T>(at: number, read: () => T): T;
  /** Flows that ended in (`after`, `until`], oldest first; what all devices exported, or the devices `of`. */
  flows(tenant: string, after: number, until: number, limit: number, of?: ReadonlySet<string>): readonly FlowRecord[];
  records(tenant: string): NetworkRecords;
  hostProcesses(tenant: string): readonly HostProcess[];
  /** Events with `seq` greater than `after`, oldest first, at most `limit`. */
  events(tenant: string, after: number, limit: number): readonly NetworkEvent[];
}

export interface DirectorOptions {
  /** Statistics are sampled at whole multiples of this; every 10 minutes when absent, 0 for always fresh. */
  readonly statisticsMs?: number;
}

type Section = keyof DeviceState;

/** Sections of one device, as old as the oldest of them. */
export interface Known<Key extends Section> {
  readonly ref: DeviceRef;
  readonly config: DeviceConfig;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly state: Pick<DeviceState, Key>;
}

export interface Director {
  readonly view: ControllerView;
  readonly tenant: string;
  devices(): readonly DeviceRef[];
  find(device: string): DeviceRef | undefined;
  isConnected(ref: DeviceRef): boolean;
  /** What the device says now, or said last; undefined when it never said anything. */
  ask<Key extends Section>(ref: DeviceRef, ...keys: readonly Key[]): Known<Key> | undefined;
  /** The same as of the last sample. */
  sample<Key extends Section>(ref: DeviceRef, ...keys: readonly Key[]): Known<Key> | undefined;
}

/** The default interval of statistics, 10 minutes. */
const STATISTICS_MS = 600_000;
/** A device that was away for longer has no statistics any more. */
const KEPT_MS = 24 * 3_600_000;
/** Tenants of up to so many devices are remembered from the beginning. */
const REMEMBERED_DEVICES = 256;
const SECTIONS = [
  ...(['system', 'interfaces', 'tunnels', 'bgp', 'routes', 'accessLists', 'vrrp', 'cellular', 'control'] as const),
  ...(['omp', 'ospf', 'queues', 'nat', 'firewall', 'dhcp', 'arp', 'logins', 'slaFailures', 'applications'] as const),
];

interface Heard {
  readonly value: unknown;
  readonly at: number;
}

export function createDirector(view: ControllerView, tenant: string, options: DirectorOptions = {}): Director {
  const { statisticsMs = STATISTICS_MS } = options;
  const configs = new Map<string, DeviceConfig>();
  const live = new Map<string, Heard>();
  const sampled = new Map<string, { readonly at: number; readonly known: Known<never> | undefined }>();
  const begun = view.now();
  const devices = new Map(view.devices().flatMap((ref) => (ref.tenant === tenant ? [[ref.device, ref] as const] : [])));

  // Controllers keep no control connections themselves.
  const isConnected = (ref: DeviceRef): boolean =>
    view.alive(ref) &&
    (view.config(ref).role === 'controller' || view.section(ref, 'control').some(({ state }) => state === 'up'));

  const ask = <Key extends Section>(ref: DeviceRef, ...keys: readonly Key[]): Known<Key> | undefined => {
    const connected = isConnected(ref);
    if (connected) configs.set(ref.device, view.config(ref));
    const config = configs.get(ref.device);
    const found = keys.map((key) => {
      const name = `${ref.device}|${key}`;
      if (!connected) return [key, live.get(name)] as const;
      const heard = { value: view.section(ref, key), at: view.now() };
      live.set(name, heard);
      return [key, heard] as const;
    });
    if (config === undefined || found.some(([, heard]) => heard === undefined)) return undefined;
    const at = Math.min(...found.map(([, heard]) => heard?.at ?? 0));
    // Under each key stands what was read under it.
    const state = Object.fromEntries(found.map(([key, heard]) => [key, heard?.value])) as Pick<DeviceState, Key>;
    return { ref, config, at, state };
  };

  /** What the device said at an instant; undefined when it was not connected then. */
  const heardAt = <Key extends Section>(at: number, ref: DeviceRef, keys: readonly Key[]): Known<Key> | undefined =>
    view.asOf(at, () => {
      if (!isConnected(ref)) return undefined;
      const state = Object.fromEntries(keys.map((key) => [key, view.section(ref, key)])) as Pick<DeviceState, Key>;
      return { ref, config: view.config(ref), at, state };
    });

  /** Of the last sample that the device was connected at: the same however often and whenever anybody asks. */
  const sample = <Key extends Section>(ref: DeviceRef, ...keys: readonly Key[]): Known<Key> | undefined => {
    if (statisticsMs === 0) return ask(ref, ...keys);
    const last = Math.floor(view.now() / statisticsMs) * statisticsMs;
    const name = `${ref.device}|${keys.join()}`;
    const kept = sampled.get(name);
    if (kept?.at === last) return kept.known as Known<Key> | undefined;
    let known: Known<Key> | undefined;
    const oldest = Math.max(begun - statisticsMs, kept?.at ?? 0, last - KEPT_MS);
    for (let at = last; known === undefined && at > oldest; at -= statisticsMs) known = heardAt(at, ref, keys);
    known ??= kept?.known as Known<Key> | undefined;
    sampled.set(name, { at: last, known });
    return known;
  };

  const director: Director = {
    view,
    tenant,
    devices: () => [...devices.values()],
    find: (device) => devices.get(device),
    isConnected,
    ask,
    sample,
  };
  if (devices.size <= REMEMBERED_DEVICES) for (const ref of devices.values()) ask(ref, ...SECTIONS);
  return director;
}
