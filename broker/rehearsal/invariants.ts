/**
 * What a change must leave true, whatever its tool and its approver say: computed from the model with and without it,
 * from the two configurations, and from what really works now.
 */
import type { AccessListEntry, DeviceConfig } from '../../protocols/device/config.ts';
import {
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixContains,
  prefixCovers,
} from '../../simulators/model/address.ts';
import type { Invariant } from '../contract.ts';
import type { RehearsalInput, View } from './predict.ts';

/** Ports by which the broker reads and changes a device: SSH, SNMP, HTTPS, NETCONF over SSH (RFC 6242 §6). */
const MANAGEMENT_PORTS = [22, 161, 443, 830];

/** One device of the change, and the network before and after all of it. */
interface Facts {
  readonly input: RehearsalInput;
  readonly device: string;
  readonly old: DeviceConfig;
  readonly changed: DeviceConfig;
  readonly before: View;
  readonly after: View;
}

/** Each names what it found wrong; nothing found means that it holds. */
const INVARIANTS: readonly {
  readonly name: string;
  readonly says: string;
  readonly find: (facts: Facts) => readonly string[];
}[] = [
  {
    name: 'ground-observed',
    says: 'every tunnel peer of the device was read',
    // A silent peer is missing in the model: nothing that depends on it could be seen to break.
    find: ({ input, old, changed }) => {
      const peers = new Set([...old.tunnels, ...changed.tunnels].map((tunnel) => tunnel.peer));
      const seen = new Set(input.observed.flatMap((one) => (one.running === undefined ? [] : [one.name])));
      return [...peers].filter((peer) => !seen.has(peer)).map((peer) => `${peer} could not be read`);
    },
  },
  { name: 'identity-kept', says: 'the device stays who it is', find: findChangedIdentity },
  { name: 'management-path-kept', says: 'every device stays manageable', find: findLostManagement },
  {
    name: 'no-service-cut-off',
    says: 'every service that is reached today stays reached',
    find: ({ before, after }) =>
      [...before.served].filter((one) => !after.served.has(one)).map((one) => `${one} would be cut off`),
  },
  { name: 'overlay-kept', says: 'no device loses its overlay', find: findLostOverlay },
  {
    name: 'no-foreign-prefix',
    says: 'only own prefixes are announced',
    find: ({ old, changed }) => {
      const had = new Set(old.bgp?.networks ?? []);
      return (changed.bgp?.networks ?? []).filter((prefix) => !had.has(prefix)).map((one) => `would announce ${one}`);
    },
  },
  { name: 'no-traffic-diverted', says: 'no new route or subnet covers what others have', find: findDiverted },
  {
    name: 'segments-stay-apart',
    says: 'no port moves to another VRF',
    find: ({ old, changed }) =>
      changed.interfaces
        .filter(({ name, vrf }) => old.interfaces.some((port) => port.name === name && port.vrf !== vrf))
        .map(({ name, vrf }) => `port ${name} would move to VRF ${vrf}`),
  },
];

export function checkInvariants(input: RehearsalInput, before: View, after: View): readonly Invariant[] {
  const all: Facts[] = [];
  for (const [device, changed] of input.changed) {
    const old = input.observed.find((one) => one.name === device)?.running?.config;
    if (old === undefined) return [{ name: 'ground-observed', holds: false, detail: `${device} could not be read` }];
    all.push({ input, device, old, changed, before, after });
  }
  return INVARIANTS.map(({ name, says, find }) => {
    const found = [...new Set(all.flatMap(find))];
    return { name, holds: found.length === 0, detail: found.length === 0 ? says : found.slice(0, 20).join(', ') };
  });
}

function findChangedIdentity({ old, changed }: Facts): readonly string[] {
  const parts = ['hostname', 'role', 'siteId', 'site', 'systemIp'] as const;
  return parts.filter((part) => old[part] !== changed[part]).map((part) => `${part} would change`);
}

function findLostManagement({ old, changed, before, after }: Facts): readonly string[] {
  const lost = [...before.reachable].filter((device) => !after.reachable.has(device));
  const had = new Set(denials(old));
  // The model does not follow the addresses of the underlay, so they stay as they are.
  const ports = old.interfaces.filter(({ color }) => color !== undefined);
  const moved = ports.filter((port) => {
    const now = changed.interfaces.find((one) => one.name === port.name);
    return now !== undefined && addressOf(now) !== addressOf(port);
  });
  return [
    ...lost.map((device) => `${device} could no longer be managed`),
    ...old.controllers.filter((one) => !changed.controllers.includes(one)).map((one) => `controller ${one} is removed`),
    ...denials(changed)
      .filter((entry) => !had.has(entry))
      .map(() => 'the control-plane list would deny management'),
    ...moved.map(({ name }) => `the WAN port ${name} would move`),
  ];
}

const addressOf = ({ ipv4 }: DeviceConfig['interfaces'][number]): string => `${ipv4?.address}/${ipv4?.prefixLength}`;

/** Entries of the control-plane list that can keep the broker out. */
function denials({ accessLists, controlPlaneAcl }: DeviceConfig): readonly string[] {
  const entries = accessLists.find((list) => list.name === controlPlaneAcl)?.entries ?? [];
  const stops = ({ action, protocol, destinationPort }: AccessListEntry): boolean =>
    action === 'deny' &&
    ['any', 'tcp', 'udp'].includes(protocol) &&
    (destinationPort === undefined || MANAGEMENT_PORTS.includes(destinationPort));
  return entries.filter(stops).map((entry) => JSON.stringify(entry));
}

/** The device keeps one tunnel and one session that work now and would then; no other device loses its last. */
function findLostOverlay({ input, device: own, old, changed, before, after }: Facts): readonly string[] {
  const { working } = input.observed.find((one) => one.name === own) ?? {};
  const found: string[] = [];
  if (old.tunnels.length > 0 && changed.tunnels.length === 0) found.push('the last tunnel is removed');
  if ((old.bgp?.neighbors.length ?? 0) > 0 && (changed.bgp?.neighbors.length ?? 0) === 0)
    found.push('the last BGP neighbour is removed');
  for (const kind of ['tunnels', 'sessions'] as const) {
    const works = working?.[kind] ?? new Set<string>();
    const was = before[kind].get(own) ?? new Set<string>();
    // What the model takes for up although it is down now (a provider that fails, a peer that refuses) carries nothing.
    const kept = [...(after[kind].get(own) ?? [])].filter((one) => works.has(one) || !was.has(one));
    if (works.size > 0 && kept.length === 0) found.push(`${own} would lose the last of its ${kind} that works`);
    for (const [device, names] of before[kind])
      if (device !== own && names.size > 0 && (after[kind].get(device)?.size ?? 0) === 0)
        found.push(`${device} would lose the last of its ${kind}`);
  }
  return found;
}

/** New static routes and subnets of the overlay that overlap a subnet or host of somebody else. */
function findDiverted({ input, device: self, old, changed }: Facts): readonly string[] {
  const others = [
    ...input.observed.flatMap((one) => (one.running === undefined ? [] : subnets(one.running.config))),
    // Two devices of one change may not take the same.
    ...[...input.changed].flatMap(([device, config]) => (device === self ? [] : subnets(config))),
  ].filter((text) => !subnets(old).includes(text));
  const taken = others.flatMap((text) => parsePrefix(text) ?? []);
  const hosts = input.topology.hosts.map((host) => parseAddress(host.address));
  const own = subnets(old).flatMap((text) => parsePrefix(text) ?? []);
  const foreign = (prefix: Prefix): boolean =>
    taken.some((one) => prefixCovers(one, prefix) || prefixCovers(prefix, one)) ||
    hosts.some((host) => prefixContains(prefix, host) && !own.some((subnet) => prefixContains(subnet, host)));
  const hadRoutes = new Set(old.staticRoutes.map((route) => JSON.stringify(route)));
  const routes = changed.staticRoutes.filter((route) => !hadRoutes.has(JSON.stringify(route)));
  const wanted = [
    ...routes.map((route) => ({ text: route.prefix, says: `route ${route.prefix} to ${route.nextHop}` })),
    ...subnets(changed)
      .filter((text) => !subnets(old).includes(text))
      .map((text) => ({ text, says: `subnet ${text}` })),
  ];
  return wanted.flatMap(({ text, says }) => {
    const prefix = parsePrefix(text);
    return prefix === undefined || foreign(prefix) ? [`${says} covers what others have`] : [];
  });
}

const subnets = ({ interfaces }: DeviceConfig): readonly string[] =>
  interfaces.flatMap(({ ipv4, vrf }) =>
    ipv4 === undefined || vrf === 0 ? [] : [`${ipv4.address}/${ipv4.prefixLength}`],
  );
