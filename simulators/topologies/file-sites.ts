/** Checks what a topology file says of its sites, and gives what follows from it: transports, names, LANs, hubs, links. */
import type { Color } from '../../protocols/device/config.ts';
import { formatAddress, formatPrefix, parsePrefix, prefixCovers } from '../model/address.ts';
import type { Side, Transport } from './blueprint.ts';
import { type BranchEntry, refuse, type TopologyFile } from './topology-file.ts';

/** VRFs that every site may have a LAN in. */
const VRFS = [10, 11, 12, 20, 30, 40] as const;
export const CONTROLLERS = ['director', 'ctrl1', 'ctrl2', 'orch1'] as const;
/** Tunnels of a full mesh grow with the square of the sites. */
const MAX_FULL_MESH = 100;

export function readTransports(file: TopologyFile): ReadonlyMap<Color, Transport> {
  const known = (['mpls', 'biz-internet', 'lte'] as const).flatMap((color) => {
    const one = file.transports[color];
    if (one === undefined) return [];
    const { provider, port, oneway_ms: onewayMs, branch_mbps: branch, hub_mbps: hub } = one;
    return [[color, { provider, port, onewayMs, branchBps: branch * 1e6, hubBps: hub * 1e6 }] as const];
  });
  const ports = known.map(([, one]) => one.port);
  if (new Set(ports).size < ports.length) throw refuse('transports', 'two transports have the same port');
  if (ports.some((port) => /^ge0\/[234]$/.test(port))) throw refuse('transports', 'ge0/2, ge0/3 and ge0/4 are the LAN');
  for (const [kind, sites] of Object.entries({ hubs: file.hubs, branches: file.branches })) {
    sites.forEach((site, at) => {
      const missing = site.transports.find((color) => !known.some(([one]) => one === color));
      if (missing !== undefined) throw refuse(`${kind}.${at}.transports`, `there is no transport ${missing}`);
    });
  }
  return new Map(known);
}

export const namesOf = ({ name, devices, edges }: BranchEntry): readonly string[] =>
  devices ?? (edges === 2 ? [`${name}_edge`, `${name}_edge_b`] : [`${name}_edge`]);

export function checkNames(file: TopologyFile): void {
  const seen = new Map<string, string>();
  const take = (what: string, value: string | number, place: string): void => {
    const key = `${what} ${value}`;
    const held = seen.get(key);
    if (held !== undefined) throw refuse(place, `${key} is taken by ${held}`);
    seen.set(key, place);
  };
  for (const name of CONTROLLERS) take('device', name, 'the controllers');
  file.hubs.forEach((hub, at) => {
    take('site', hub.name, `hubs.${at}.name`);
    take('id', hub.id, `hubs.${at}.id`);
    take('device', hub.device ?? `${hub.name}_edge`, `hubs.${at}.device`);
  });
  file.branches.forEach((branch, at) => {
    take('site', branch.name, `branches.${at}.name`);
    take('id', branch.id, `branches.${at}.id`);
    for (const device of namesOf(branch)) take('device', device, `branches.${at}.devices`);
  });
  for (const { provider } of Object.values(file.transports)) {
    if (seen.has(`device ${provider}`)) throw refuse('transports', `${provider} is the name of a device`);
  }
}

/** LAN addresses of each site; every LAN lies inside the summary and no two overlap. */
export function lanPlan(file: TopologyFile): (site: number) => Side['lan'] {
  const { lan, summary } = file.addressing;
  const whole = parsePrefix(summary);
  if (whole === undefined) throw refuse('addressing.summary', `${summary} is not a prefix`);
  const taken = new Map<string, string>();
  const networkOf = (site: number, vrf: number): number => {
    const text = lan.replaceAll('{site}', String(site)).replaceAll('{vrf}', String(vrf));
    const parsed = parsePrefix(text);
    if (parsed === undefined || parsed.length !== 24)
      throw refuse('addressing.lan', `${text} (site ${site}, VRF ${vrf}) is not a /24`);
    if (!prefixCovers(whole, parsed)) throw refuse('addressing.lan', `${text} is outside the summary ${summary}`);
    return parsed.network;
  };
  for (const { name, id } of [...file.hubs, ...file.branches]) {
    for (const vrf of VRFS) {
      const key = formatPrefix({ network: networkOf(id, vrf), length: 24 });
      const held = taken.get(key);
      if (held !== undefined) throw refuse('addressing.lan', `${key} would be at ${held} and at ${name}, VRF ${vrf}`);
      taken.set(key, `${name}, VRF ${vrf}`);
    }
  }
  const system = parsePrefix(file.addressing.system);
  const clash = [...taken].find(([key]) => {
    const parsed = parsePrefix(key);
    return system !== undefined && parsed !== undefined && prefixCovers(system, parsed);
  });
  if (clash !== undefined) throw refuse('addressing.system', `it covers ${clash[0]} of ${clash[1]}`);
  return (site) => (vrf, last) => formatAddress(networkOf(site, vrf) + last);
}

export function hubsOf(file: TopologyFile, branch: BranchEntry, at: number): readonly string[] {
  const all = file.hubs.map((hub) => hub.name);
  if (branch.hubs !== undefined) {
    const missing = branch.hubs.find((name) => !all.includes(name));
    if (missing !== undefined) throw refuse(`branches.${at}.hubs`, `there is no hub ${missing}`);
    return branch.hubs;
  }
  if (branch.region === undefined) return all;
  const near = file.hubs.filter((hub) => hub.region === branch.region).map((hub) => hub.name);
  if (near.length === 0) throw refuse(`branches.${at}.region`, `no hub is in the region ${branch.region}`);
  return near;
}

/** Branches that are connected to each other. */
export function branchPairs<Branch extends { readonly branch: BranchEntry }>(
  file: TopologyFile,
  branches: readonly Branch[],
): readonly (readonly [Branch, Branch])[] {
  if (file.mesh === 'full') {
    if (branches.length > MAX_FULL_MESH) throw refuse('mesh', `full is for at most ${MAX_FULL_MESH} branches`);
    return pairs(branches);
  }
  if (file.mesh !== 'links' && file.links.length > 0) throw refuse('links', 'links need `mesh: links`');
  return file.links.map((link, at) => {
    const [a, b] = link.map((name) => branches.find((one) => one.branch.name === name));
    if (a === undefined || b === undefined || a === b)
      throw refuse(`links.${at}`, `${link.join(' – ')}: give two different branches of this file`);
    return [a, b] as const;
  });
}

/** Every two of a list, once. */
export const pairs = <T>(all: readonly T[]): readonly (readonly [T, T])[] =>
  all.flatMap((a, at) => all.slice(at + 1).map((b) => [a, b] as const));
