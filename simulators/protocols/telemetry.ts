/** What simulated devices tell without being asked, over real datagrams: SNMPv3 traps, syslog and flow records. */
import type { FlowRecord } from '../../protocols/device/flow.ts';
import type { NetworkEvent } from '../../protocols/device/state.ts';
import type { Timers } from '../../protocols/netconf/timers.ts';
import type { MibRow } from '../../protocols/snmp/mib.ts';
import { notifyEvent, type PortFacts } from '../../protocols/snmp/notification.ts';
import { localizeUser, type UsmKeys, type UsmUser } from '../../protocols/snmp/usm.ts';
import { eventToSyslog } from '../../protocols/syslog/event.ts';
import { encodeSyslog } from '../../protocols/syslog/message.ts';
import { groupBy } from '../model/group-by.ts';
import { type Imperfections, imperfect } from '../model/imperfection.ts';
import type { DeviceRef } from '../model/network.ts';
import { createFlowExporter, type FlowExporter } from './flows/flow-exporter.ts';
import { sealTrap } from './traps/seal-trap.ts';

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** Where devices send to; nothing is sent to what is absent. */
export interface Collectors {
  readonly traps?: SocketAddress | undefined;
  readonly syslog?: SocketAddress | undefined;
  readonly flows?: SocketAddress | undefined;
}

/** A device as its telemetry needs it. */
export interface TellingDevice extends DeviceRef {
  readonly engineId: Buffer;
  readonly engineBoots: () => number;
  readonly engineTime: () => number;
  readonly user: UsmUser;
  /** Tells until it is acknowledged (RFC 3416 §4.2.7), instead of by trap; absent where the device sends traps. */
  readonly inform?: (varbinds: readonly MibRow[], to: SocketAddress) => void;
  /** Sends from the device's own address and port. */
  send(bytes: Buffer, to: SocketAddress): void;
}

/** What of the network telemetry looks at: a part of the model's `Network` and the states behind it. */
export interface TelemetrySource {
  /** Virtual time, epoch milliseconds. */
  now(): number;
  /** Nothing leaves a device that is not alive. */
  alive(ref: DeviceRef): boolean;
  /** Milliseconds since boot, and how far the device's clock is off. */
  clock(ref: DeviceRef): { readonly upTimeMs: number; readonly offsetMs: number };
  port(ref: DeviceRef, resource: string): PortFacts | undefined;
  flows(tenant: string, after: number, until: number, limit: number): readonly FlowRecord[];
}

export interface TelemetryDeps {
  readonly source: TelemetrySource;
  readonly imperfections: Imperfections;
  readonly seed: number;
  /** Virtual milliseconds a real one. */
  readonly speed: number;
  readonly timers: Timers;
  readonly salt: () => Buffer;
}

export interface Telemetry {
  add(device: TellingDevice): void;
  /** Takes effect for what is sent from now on. */
  setCollectors(collectors: Collectors): void;
  /** Remembers an event; it is sent by `flush`, when the network has settled. */
  tell(tenant: string, event: NetworkEvent): void;
  /** Sends what was remembered, and the flows of the last minute when one is over. */
  flush(): void;
  stop(): void;
}

/** Flow records are sent once a minute of the network's clock (active timeout of RFC 7011 §5.1.1), at most so many of a tenant. */
const FLOWS_EVERY_MS = 60_000;
const MAX_FLOWS = 2_000;
/** A clock further off is one that its server does not hold (RFC 5905 §11.3: the step threshold is 128 ms). */
const SYNCHRONISED_MS = 128;
/** Messages on their way at once; more than a burst of the largest network is dropped, as a full queue drops. */
const MAX_WAITING = 100_000;

interface Telling {
  readonly device: TellingDevice;
  /** Number of its observation domain (RFC 7011 §3.1). */
  readonly domain: number;
  // Both made when they are first needed: most of many devices tell nothing.
  exporter: FlowExporter | undefined;
  keys: UsmKeys | undefined;
}

export function createTelemetry(deps: TelemetryDeps): Telemetry {
  const { source, imperfections, seed, speed, timers } = deps;
  const devices = new Map<string, Telling>();
  const tenants = new Set<string>();
  const waiting = new Set<() => void>();
  let remembered: { readonly tenant: string; readonly event: NetworkEvent }[] = [];
  let collectors: Collectors = {};
  let flowsUntil = source.now();
  let messages = 0;
  const find = (tenant: string, device: string): Telling | undefined => devices.get(`${tenant}/${device}`);

  const sendLater = (ms: number, send: () => void): void => {
    if (waiting.size >= MAX_WAITING) return;
    const cancel = timers.set(Math.max(0, ms / speed), () => {
      waiting.delete(cancel);
      send();
    });
    waiting.add(cancel);
  };
  /** Brings about the arrivals of a message; a dead device sends nothing. */
  const deliver = (
    device: TellingDevice,
    channel: string,
    key: string,
    to: SocketAddress,
    make: () => Buffer,
  ): void => {
    if (!source.alive(device)) return;
    const at = source.now();
    let bytes: Buffer | undefined;
    for (const arrival of imperfect({ channel, key: `${device.tenant}/${key}`, at }, imperfections, seed)) {
      bytes ??= make(); // both copies are the same datagram
      const copy = bytes;
      sendLater(arrival.at - at, () => device.send(copy, to));
    }
  };
  const tellEvent = (tenant: string, event: NetworkEvent): void => {
    const telling = find(tenant, event.device);
    if (telling === undefined) return;
    const { device } = telling;
    const { upTimeMs, offsetMs } = source.clock(device);
    const at = event.at + offsetMs;
    const port = source.port(device, event.resource);
    const varbinds = notifyEvent(event, { upTimeMs, at, port });
    const key = String(event.seq);
    const { traps, syslog } = collectors;
    const { inform } = device;
    if (traps !== undefined && varbinds !== undefined && inform !== undefined) {
      // What the way loses is said again until it is heard.
      if (source.alive(device)) inform(varbinds, traps);
    } else if (traps !== undefined && varbinds !== undefined)
      deliver(device, 'trap', key, traps, () => {
        telling.keys ??= localizeUser(device.user, device.engineId);
        messages += 1;
        return sealTrap(varbinds, {
          ...{ engineId: device.engineId, engineBoots: device.engineBoots(), engineTime: device.engineTime() },
          ...{ user: device.user.name, keys: telling.keys, salt: deps.salt(), id: messages % 0x7fff_ffff },
        });
      });
    if (syslog !== undefined)
      deliver(device, 'syslog', key, syslog, () =>
        encodeSyslog(eventToSyslog(event, at, Math.abs(offsetMs) < SYNCHRONISED_MS)),
      );
  };
  const tellFlows = (to: SocketAddress, until: number): void => {
    for (const tenant of tenants) {
      const byDevice = groupBy(source.flows(tenant, flowsUntil, until, MAX_FLOWS), ({ device }) => device);
      for (const [name, flows] of byDevice) {
        const telling = find(tenant, name);
        if (telling === undefined) continue;
        const { device, domain } = telling;
        telling.exporter ??= createFlowExporter(domain);
        const { offsetMs } = source.clock(device);
        const shifted = flows.map((flow) => ({ ...flow, start: flow.start + offsetMs, end: flow.end + offsetMs }));
        for (const [n, message] of telling.exporter(shifted, until + offsetMs).entries())
          deliver(device, 'flows', `${name}/${until}/${n}`, to, () => message);
      }
    }
  };
  return {
    add(device) {
      tenants.add(device.tenant);
      const domain = devices.size + 1;
      devices.set(`${device.tenant}/${device.device}`, { device, domain, exporter: undefined, keys: undefined });
    },
    setCollectors(given) {
      collectors = given;
    },
    tell(tenant, event) {
      if (remembered.length < MAX_WAITING) remembered.push({ tenant, event });
    },
    flush() {
      const events = remembered;
      remembered = [];
      for (const { tenant, event } of events) tellEvent(tenant, event);
      const now = source.now();
      if (now - flowsUntil < FLOWS_EVERY_MS) return;
      if (collectors.flows !== undefined) tellFlows(collectors.flows, now);
      flowsUntil = now;
    },
    stop() {
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
}
