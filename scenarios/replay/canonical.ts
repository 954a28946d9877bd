/** One name for each resource and one fault type for each fault, whatever an answer calls them. */
import { bgpSessionName, tunnelName } from '../../protocols/device/names.ts';
import type { Topology } from '../../simulators/model/network.ts';
import type { Pair } from './case.ts';

/** What the canonical form depends on. */
export interface Naming {
  /** Site of a device; undefined for a name that is none. */
  siteOf(device: string): string | undefined;
  /** Device that a circuit ends at; undefined for a name that is none. */
  deviceOf(circuit: string): string | undefined;
}

export function namingOf(topology: Topology): Naming {
  const sites = new Map(topology.devices.map(({ device, config }) => [device, config.site]));
  const ends = new Map(
    topology.circuits.toReversed().map(({ device, color }) => [`circuit/${sites.get(device)}/${color}`, device]),
  );
  return { siteOf: (device) => sites.get(device), deviceOf: (circuit) => ends.get(circuit) };
}

/** Tunnels branch first, sessions hub first, tunnel interfaces by the site of their far end. */
export function canonicalResource(name: string, { siteOf }: Naming): string {
  const tunnel = /^tunnel\/([^:/]+):([^:/]+?)--([^:/]+):([^:/]+)$/.exec(name);
  if (tunnel !== null) {
    const [, a = '', aColor = '', b = '', bColor = ''] = tunnel;
    return tunnelName(a, aColor, b, bColor);
  }
  const session = /^session\/bgp\/(.+?)--(.+)$/.exec(name);
  if (session !== null) return bgpSessionName(session[1] ?? '', session[2] ?? '');
  const port = /^interface\/([^/]+)\/tun-(?:(mpls|biz-internet|lte)-)?(.+)$/.exec(name);
  if (port !== null) {
    const [, device = '', color, peer = ''] = port;
    return `interface/${device}/tun-${color === undefined ? '' : `${color}-`}${siteOf(peer) ?? peer}`;
  }
  return name;
}

/** Fault types that are another one under a name of their own (`aliases` of the catalogue). */
const SAME: Readonly<Record<string, string>> = {
  hub_wan_port_down: 'link_down',
  lan_interface_down: 'link_down',
  path_mtu_only: 'path_mtu_mismatch',
};

/** The pairs in canonical form, each once. `path_mtu_blackhole` is a mismatch together with a filter on its device. */
export function canonicalPairs(pairs: readonly Pair[], naming: Naming): readonly Pair[] {
  const all = pairs.flatMap(({ resource, fault_type: type }) => {
    const name = canonicalResource(resource, naming);
    if (type !== 'path_mtu_blackhole') return [{ resource: name, fault_type: SAME[type] ?? type }];
    const device = /^(?:interface|link)\/([^/:]+)/.exec(name)?.[1] ?? naming.deviceOf(name);
    const filter =
      device === undefined ? [] : [{ resource: `node/${device}`, fault_type: 'icmp_frag_needed_filtered' }];
    return [{ resource: name, fault_type: 'path_mtu_mismatch' }, ...filter];
  });
  return [...new Map(all.map((one) => [`${one.fault_type} ${one.resource}`, one])).values()];
}
