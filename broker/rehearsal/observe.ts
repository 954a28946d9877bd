/** What the broker sees of a tenant's network right now, through the protocols only: the ground on which a change is rehearsed. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import type { TunnelState } from '../../protocols/device/state.ts';
import type { XmlNode } from '../../protocols/netconf/xml.ts';
import {
  parseData as parseState,
  readBgp,
  readInterfaceStates,
  readTunnels,
} from '../../protocols/yang/state-from-xml.ts';
import { STATE } from '../../protocols/yang/state-schema.ts';
import type { Devices } from '../execution/devices.ts';
import { parseData, typed } from '../execution/running.ts';
import type { Inventory } from '../ports.ts';

/** A tunnel of a device as that end measures it: percent and milliseconds (round trip). */
export type MeasuredPath = Pick<TunnelState, 'tunnel' | 'color' | 'peer' | 'lossPct' | 'latencyMs' | 'jitterMs'>;

export interface ObservedDevice {
  readonly name: string;
  readonly site: string;
  /** Running configuration as XML (`<data>`) and as types; absent when the device did not answer or made no sense. */
  readonly running?: { readonly data: XmlNode; readonly config: DeviceConfig };
  /** Ports that are enabled but have no carrier. */
  readonly portsDown: readonly string[];
  /** Present rates of its ports, bits a second. */
  readonly ports: readonly {
    readonly name: string;
    readonly color?: string;
    readonly inBps: number;
    readonly outBps: number;
  }[];
  /** Quality of its tunnels as it measures them now. */
  readonly paths: readonly MeasuredPath[];
  /** What really works at this moment, by resource name of the tunnel and by address of the BGP neighbour. */
  readonly working: { readonly tunnels: ReadonlySet<string>; readonly sessions: ReadonlySet<string> };
}

export interface ObserveDeps {
  readonly inventory: Inventory;
  readonly devices: Devices;
}

/** SSH connects in flight (DESIGN §12: more than 16 delay everything else). */
const PARALLEL = 8;
const PARTS = [STATE.interfaces, STATE.tunnels, STATE.bgp].map(({ name, ns }) => `<${name} xmlns="${ns}"/>`).join('');

/** Reads every device of the tenant; a silent one, or a controller that shows nobody its configuration, is observed as silent. */
export const observeTenant = (deps: ObserveDeps, tenant: string): Promise<readonly ObservedDevice[]> =>
  observe(deps, tenant, () => true);

/** The same of some devices. */
export const observeDevices = (
  deps: ObserveDeps,
  tenant: string,
  names: readonly string[],
): Promise<readonly ObservedDevice[]> => observe(deps, tenant, (name) => names.includes(name));

async function observe(
  deps: ObserveDeps,
  tenant: string,
  wanted: (name: string) => boolean,
): Promise<readonly ObservedDevice[]> {
  const known = (await deps.inventory.devices(tenant)).filter(({ name }) => wanted(name));
  const observed: ObservedDevice[] = [];
  for (let at = 0; at < known.length; at += PARALLEL) {
    const batch = known.slice(at, at + PARALLEL).map(({ name, site }) => observeDevice(deps, tenant, name, site));
    observed.push(...(await Promise.all(batch)));
  }
  return observed;
}

async function observeDevice(deps: ObserveDeps, tenant: string, name: string, site: string): Promise<ObservedDevice> {
  const silent = {
    name,
    site,
    portsDown: [],
    ports: [],
    paths: [],
    working: { tunnels: new Set<string>(), sessions: new Set<string>() },
  };
  const [config, state] = await Promise.all([
    deps.devices.read(tenant, { protocol: 'netconf', kind: 'get-config', device: name, source: 'running', filter: '' }),
    deps.devices.read(tenant, { protocol: 'netconf', kind: 'get', device: name, filter: PARTS }),
  ]);
  // A configuration without the state would be rehearsed as if all of it worked.
  if (!config.ok || config.protocol !== 'netconf' || !state.ok || state.protocol !== 'netconf') return silent;
  try {
    const data = parseData(config.xml);
    const known = last.get(data);
    const seen = known?.state === state.xml ? known.seen : readSeen(state.xml);
    last.set(data, { state: state.xml, seen });
    return seen === undefined ? silent : { name, site, running: { data, config: typed(data) }, ...seen };
  } catch {
    return silent; // what cannot be understood cannot be rehearsed on
  }
}

type Seen = Omit<ObservedDevice, 'name' | 'site' | 'running'>;

/** What was last read beside a configuration: on a quiet device it is the same when the change is rehearsed again. */
const last = new WeakMap<XmlNode, { readonly state: string; readonly seen: Seen | undefined }>();

/** Undefined when there is not one port in it. */
function readSeen(xml: string): Seen | undefined {
  const nodes = parseState(xml);
  const ports = readInterfaceStates(nodes);
  if (ports.length === 0) return undefined;
  const tunnels = readTunnels(nodes).filter(({ bfd }) => bfd === 'up');
  return {
    ports: ports.map((port) => ({
      ...{ name: port.name, inBps: port.inBps, outBps: port.outBps },
      ...(port.color === undefined ? {} : { color: port.color }),
    })),
    paths: tunnels.map(({ tunnel, color, peer, lossPct, latencyMs, jitterMs }) => ({
      ...{ tunnel, color, peer, lossPct, latencyMs, jitterMs },
    })),
    portsDown: ports.filter((port) => port.admin === 'up' && port.oper === 'down').map((port) => port.name),
    working: {
      tunnels: new Set(tunnels.map(({ tunnel }) => tunnel)),
      sessions: new Set(readBgp(nodes).flatMap((one) => (one.state === 'established' ? [one.neighbor] : []))),
    },
  };
}
