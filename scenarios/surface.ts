/**
 * What can be read of a network from outside, in process: the same mappings that the protocol servers and the drivers
 * use stand between the model and whoever reads, so nothing is seen here that no protocol shows.
 */

import type { z } from 'zod';
import type { Observation } from '../broker/contract.ts';
import type { Route } from '../protocols/controller/routes.ts';
import { readRows } from '../protocols/controller/rows.ts';
import type { DeviceConfig } from '../protocols/device/config.ts';
import type { FlowRecord } from '../protocols/device/flow.ts';
import type { ProbeResult } from '../protocols/device/probe.ts';
import type { NetworkRecords } from '../protocols/device/records.ts';
import type { DeviceState, NetworkEvent } from '../protocols/device/state.ts';
import { BASE_NS } from '../protocols/netconf/messages.ts';
import { el } from '../protocols/netconf/xml.ts';
import { STATE } from '../protocols/yang/state-schema.ts';
import type { DeviceRef, Network, ProbeRequest, Topology } from '../simulators/model/network.ts';
import { directorOf } from './answer.ts';
import { observe, type ToolCall } from './observe.ts';

type Section = keyof typeof STATE;
type SectionValue<Key extends Section> = Key extends keyof DeviceState ? NonNullable<DeviceState[Key]> : never;

const MAX_EVENTS = 100_000;

export interface Surface {
  readonly tenant: string;
  readonly topology: Topology;
  now(): number;
  /** Names of the tenant's devices. */
  devices(): readonly string[];
  config(device: string): DeviceConfig;
  /** One section of the state over NETCONF; undefined when the device does not answer or has none. */
  section<Key extends Section>(device: string, key: Key): SectionValue<Key> | undefined;
  /** Rows of the director's answer. */
  rest<Row>(path: string, form: z.ZodType<Row>, query: Readonly<Record<string, string>>): readonly Row[];
  /** Events announced from the virtual time `since` on. */
  /** Since this instant, events of the instant itself among them: a fault strikes and is announced in one. */
  events(since: number): readonly NetworkEvent[];
  flows(since: number): readonly FlowRecord[];
  records(): NetworkRecords;
  probe(device: string, request: ProbeRequest): ProbeResult;
  /** What a tool observes. */
  use(call: ToolCall): readonly Observation[];
}

export function createSurface(network: Network, tenant: string): Surface {
  const director: ReadonlyMap<string, Route> = directorOf(network, tenant);
  let cache = { at: Number.NaN, sections: new Map<string, unknown>() };
  const fresh = () => {
    if (cache.at !== network.now()) cache = { at: network.now(), sections: new Map() };
    return cache;
  };
  const topology = network.topology();
  const names = network.devices().flatMap((ref) => (ref.tenant === tenant ? [ref.device] : []));

  return {
    tenant,
    topology,
    now: () => network.now(),
    devices: () => names,
    config: (device) => network.config({ tenant, device }),
    section<Key extends Section>(device: string, key: Key) {
      const { sections } = fresh();
      const name = `${device}|${key}`;
      if (!sections.has(name)) sections.set(name, readSection(network, { tenant, device }, key));
      return sections.get(name) as SectionValue<Key> | undefined;
    },
    rest: (path, form, query) =>
      readRows(form, JSON.parse(JSON.stringify({ data: director.get(path)?.(query) ?? [] }))),
    events: (since) => network.events(tenant, 0, MAX_EVENTS).filter((event) => event.at >= since),
    flows: (since) => network.flows(tenant, since, network.now(), MAX_EVENTS),
    records: () => network.records(tenant),
    use: (call) => observe(network, tenant, call),
    probe: (device, request) => network.probe({ tenant, device }, request),
  };
}

/** To XML and back, as over the wire. */
function readSection(network: Network, ref: DeviceRef, key: Section): unknown {
  if (!network.reachable(ref)) return undefined;
  const field = STATE[key];
  const value = network.section(ref, key);
  if (value === undefined) return undefined;
  const write = field.write as (value: unknown) => ReturnType<typeof field.write>;
  const nodes = el(BASE_NS, 'data', write(value)).children;
  return nodes.length === 0 ? field.absent : field.read(nodes, '', { list: [] });
}
