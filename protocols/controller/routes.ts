/** What the director answers at each path of its REST API, from what it knows of the devices of one tenant. */
import type { DeviceConfig } from '../device/config.ts';
import type { DeviceState, NetworkEvent } from '../device/state.ts';
import { BASE_NS } from '../netconf/messages.ts';
import { el, renderXml } from '../netconf/xml.ts';
import { configToXml } from '../yang/config-to-xml.ts';
import type {
  AppRouteRow,
  AttachedConfigRow,
  BfdSessionRow,
  CellularRow,
  ControlConnectionRow,
  DeviceRow,
  EventRow,
} from './rows.ts';

interface Ref {
  readonly tenant: string;
  readonly device: string;
}

/** The network as the director's controllers can see it; the network model has this form. */
export interface ControllerView {
  /** Epoch milliseconds. */
  now(): number;
  devices(): readonly Ref[];
  config(ref: Ref): DeviceConfig;
  intendedConfig(ref: Ref): DeviceConfig;
  state(ref: Ref): DeviceState;
  /** False when the device has no power or no management path. */
  reachable(ref: Ref): boolean;
  /** Events with `seq` greater than `after`, oldest first. */
  events(tenant: string, after: number, limit: number): readonly NetworkEvent[];
}

export type Query = { readonly [name: string]: string };
export type Route = (query: Query) => readonly object[];

interface Known {
  readonly config: DeviceConfig;
  readonly state: DeviceState;
  /** Epoch milliseconds. */
  readonly at: number;
}

const DEFAULT_EVENTS = 100;
const MAX_EVENTS = 500;
const ALL_EVENTS = 1_000_000;

/**
 * Routes by path; each gives the rows of `{"data": […]}`.
 *
 * The director knows a device through its control connections only: while all are down, its rows are the last known
 * ones with their old `lastupdated`. The connections themselves are known at the controllers' end, so they are current.
 */
export function controllerRoutes(view: ControllerView, tenant: string): ReadonlyMap<string, Route> {
  const memory = new Map<string, Known>();
  const refs = (): readonly Ref[] => view.devices().filter((ref) => ref.tenant === tenant);

  const isConnected = (ref: Ref): boolean => {
    if (!view.reachable(ref)) return false;
    // Controllers themselves keep no control connections.
    return view.config(ref).role === 'controller' || view.state(ref).control.some(({ state }) => state === 'up');
  };
  const refresh = (ref: Ref): boolean => {
    const connected = isConnected(ref);
    if (connected) memory.set(ref.device, { config: view.config(ref), state: view.state(ref), at: view.now() });
    return connected;
  };
  for (const ref of refs()) refresh(ref);

  const find = ({ deviceId }: Query): Ref | undefined => refs().find(({ device }) => device === deviceId);
  /** Rows about one device, of what is known of it. */
  const ofDevice =
    <Row extends object>(
      render: (known: Known, device: string) => readonly Row[],
    ): ((query: Query) => readonly Row[]) =>
    (query) => {
      const ref = find(query);
      if (ref === undefined) return [];
      refresh(ref);
      const known = memory.get(ref.device);
      return known === undefined ? [] : render(known, ref.device);
    };

  const renderDevice = (ref: Ref): DeviceRow => {
    const reachability = refresh(ref) ? 'reachable' : 'unreachable';
    const known = memory.get(ref.device);
    // Of a device that never connected, the director knows what it intends for it.
    const { role, siteId, systemIp } = known?.config ?? view.intendedConfig(ref);
    return {
      deviceId: ref.device,
      'host-name': ref.device,
      'system-ip': systemIp,
      'site-id': siteId,
      personality: role,
      reachability,
      'uptime-date': known === undefined ? 0 : known.at - known.state.system.uptimeMs,
      lastupdated: known?.at ?? 0,
    };
  };

  return new Map<string, Route>([
    [
      '/dataservice/device',
      ({ deviceId }) =>
        refs()
          .filter(({ device }) => deviceId === undefined || device === deviceId)
          .map(renderDevice),
    ],
    ['/dataservice/device/bfd/sessions', ofDevice(renderBfd)],
    [
      '/dataservice/device/control/connections',
      (query) => {
        const ref = find(query);
        return ref === undefined ? [] : renderControl(ref.device, view.state(ref), view.now());
      },
    ],
    ['/dataservice/statistics/approute', ofDevice(renderAppRoute)],
    ['/dataservice/device/cellular', ofDevice(renderCellular)],
    ['/dataservice/event', (query) => renderEvents(view.events(tenant, 0, ALL_EVENTS).slice(-countOf(query)))],
    [
      '/dataservice/alarms',
      (query) => renderEvents(findAlarms(view.events(tenant, 0, ALL_EVENTS)).slice(-countOf(query))),
    ],
    [
      '/dataservice/template/device/config/attached',
      (query) => {
        const ref = find(query);
        if (ref === undefined) return [];
        const config = renderXml(el(BASE_NS, 'config', configToXml(view.intendedConfig(ref))));
        return [{ deviceId: ref.device, config }] satisfies AttachedConfigRow[];
      },
    ],
  ]);
}

function countOf({ count }: Query): number {
  const asked = count !== undefined && /^[1-9]\d{0,5}$/.test(count) ? Number(count) : DEFAULT_EVENTS;
  return Math.min(MAX_EVENTS, asked);
}

function renderBfd({ state, at }: Known, device: string): readonly BfdSessionRow[] {
  return state.tunnels.map((tunnel) => ({
    'vdevice-name': device,
    lastupdated: at,
    'local-color': tunnel.color,
    'remote-color': tunnel.peerColor,
    'remote-host-name': tunnel.peer,
    state: tunnel.bfd,
    transitions: tunnel.bfdTransitions,
    'tx-interval': tunnel.txIntervalMs,
    'detect-multiplier': tunnel.multiplier,
  }));
}

function renderControl(device: string, state: DeviceState, now: number): readonly ControlConnectionRow[] {
  return state.control.map((connection) => ({
    'vdevice-name': device,
    lastupdated: now,
    'peer-name': connection.controller,
    'local-color': connection.color,
    state: connection.state,
    reason: connection.reason,
    since: connection.since,
  }));
}

function renderAppRoute({ state, at }: Known, device: string): readonly AppRouteRow[] {
  return state.tunnels.map((tunnel) => ({
    'vdevice-name': device,
    lastupdated: at,
    local_color: tunnel.color,
    remote_color: tunnel.peerColor,
    remote_host_name: tunnel.peer,
    loss_percentage: tunnel.lossPct,
    latency: tunnel.latencyMs,
    jitter: tunnel.jitterMs,
  }));
}

function renderCellular({ state, at }: Known, device: string): readonly CellularRow[] {
  return state.cellular.map((modem) => ({
    'vdevice-name': device,
    lastupdated: at,
    'if-name': modem.interface,
    registration: modem.registered ? 'registered' : 'not-registered',
    attachment: modem.attached ? 'attached' : 'detached',
    rssi: modem.signalDbm,
  }));
}

/** Newest first. */
function renderEvents(events: readonly NetworkEvent[]): readonly EventRow[] {
  return events.toReversed().map((event) => ({
    id: event.seq,
    entry_time: event.at,
    eventname: event.name,
    severity: event.severity,
    'vdevice-name': event.device,
    resource: event.resource,
    details: event.detail,
  }));
}

/** The last event of each kind on a resource, when it tells of something that is wrong and was not cleared since. */
function findAlarms(events: readonly NetworkEvent[]): readonly NetworkEvent[] {
  const last = new Map(events.map((event) => [`${event.name} ${event.resource}`, event]));
  return [...last.values()]
    .filter(({ severity }) => severity !== 'cleared' && severity !== 'info')
    .sort((a, b) => a.seq - b.seq);
}
