/** Checks of what people notice: room on the circuits, voice, names, and the filters that protect them. */
import type { AccessListEntry, DeviceConfig } from '../../../protocols/device/config.ts';
import type { Check } from '../check.ts';
import type { View } from '../predict.ts';

/** Code point of voice: EF (RFC 3246). */
const EF = 46;
const DNS_PORT = 53;

/** What goes through tunnels of a circuit that carries none any more finds room on the others, at the rates that were read just now. */
export const headroomKept: Check = ({ input, device, old, before, after }, { percent }) => {
  const ports = input.observed.find((one) => one.name === device)?.ports ?? [];
  const carried = (view: View): ReadonlySet<string> =>
    new Set([...(view.tunnels.get(device) ?? [])].flatMap((name) => colorOf(name, device) ?? []));
  const [had, has] = [carried(before), carried(after)];
  const gone = new Set(old.tunnels.flatMap(({ name, color }) => (had.has(color) && !has.has(color) ? [name] : [])));
  const moved = ports.filter(({ name }) => gone.has(name));
  if (moved.length === 0) return [];
  const left = ports.filter(({ color }) => color !== undefined && has.has(color));
  const room = left.reduce((sum, { color }) => sum + capacityOf(input, device, color), 0);
  const circuits = left.map(({ color }) => color).join(', ');
  return (['outBps', 'inBps'] as const).flatMap((way) => {
    const load = [...moved, ...left].reduce((sum, port) => sum + port[way], 0);
    return load > (room * percent) / 100
      ? [
          left.length === 0
            ? `${Math.round(load / 1e6)} Mbit/s would find no circuit with a tunnel`
            : `${Math.round(load / 1e6)} Mbit/s would share ${Math.round(room / 1e6)} Mbit/s of ${circuits}`,
        ]
      : [];
  });
};

/** The colour of the tunnel's end at the device: `br2_edge:mpls--hub1_edge:mpls`. */
const colorOf = (tunnel: string, device: string): string | undefined =>
  tunnel
    .split('--')
    .find((end) => end.startsWith(`${device}:`))
    ?.slice(device.length + 1);

const capacityOf = ({ topology }: Parameters<Check>[0]['input'], device: string, color: string | undefined): number =>
  topology.circuits.find((one) => one.device === device && one.color === color)?.capacityBps ?? 0;

/** Voice keeps its queue, its share, its code point and its thresholds. */
export const voiceKept: Check = ({ old, changed }) => {
  const found: string[] = [];
  for (const port of old.interfaces) {
    const was = voiceQueue(old, port.qosPolicy);
    if (was === undefined || port.color === undefined) continue;
    const is = voiceQueue(changed, changed.interfaces.find(({ name }) => name === port.name)?.qosPolicy);
    if (is === undefined) found.push(`voice would have no queue of its own on ${port.name}`);
    else if (was.priority && !is.priority) found.push(`voice would wait behind others on ${port.name}`);
    else if (is.bandwidthPct < was.bandwidthPct)
      found.push(`voice would have ${is.bandwidthPct} % of ${port.name}, it has ${was.bandwidthPct} %`);
  }
  for (const tunnel of changed.tunnels) {
    const before = old.tunnels.find(({ name }) => name === tunnel.name)?.dscpRewrite;
    if (tunnel.dscpRewrite !== undefined && tunnel.dscpRewrite !== before && tunnel.dscpRewrite !== EF)
      found.push(`${tunnel.name} would rewrite voice to code point ${tunnel.dscpRewrite}`);
  }
  const [sla, next] = [old, changed].map(({ slaClasses }) => slaClasses.find(({ name }) => name === 'voice'));
  if (sla !== undefined && next === undefined) found.push('voice would have no thresholds');
  else if (sla !== undefined && next !== undefined) {
    for (const figure of ['lossPct', 'latencyMs', 'jitterMs'] as const)
      if ((next[figure] ?? Number.POSITIVE_INFINITY) > (sla[figure] ?? Number.POSITIVE_INFINITY))
        found.push(`the threshold ${figure} of voice would be loosened to ${next[figure] ?? 'any'}`);
  }
  return [...new Set(found)];
};

const voiceQueue = ({ qos }: DeviceConfig, policy: string | undefined) =>
  qos.find(({ name }) => name === policy)?.classes.find(({ dscp }) => dscp.includes(EF));

/** Clients keep a resolver that answered them so far, or one that is known to answer. */
export const namesResolve: Check = ({ input, old, changed }) => {
  const known = new Set(
    input.topology.hosts.flatMap(({ address, services }) =>
      services.some(({ port }) => port === DNS_PORT) ? [address] : [],
    ),
  );
  return old.dhcp.flatMap(({ name, vrf, resolvers }) => {
    const now = changed.dhcp.find((scope) => scope.name === name);
    if (now === undefined) {
      const stays = changed.interfaces.some(
        (port) => port.vrf === vrf && port.enabled && port.dhcpHelpers.length === 0,
      );
      return stays ? [`clients of ${name} would get no address`] : [];
    }
    const answers = now.resolvers.some((one) => resolvers.includes(one) || known.has(one));
    return resolvers.length > 0 && !answers ? [`clients of ${name} would lose their last resolver`] : [];
  });
};

/** Filters stay in place, and no entry lets everything past those behind it. */
export const protectionKept: Check = ({ input, device, old, changed }) => {
  const lists = new Set(changed.accessLists.map(({ name }) => name));
  const holds = (list: string | undefined): boolean => list !== undefined && lists.has(list);
  const found = old.interfaces.flatMap(({ name, accessListIn }) => {
    const now = changed.interfaces.find((port) => port.name === name);
    return accessListIn !== undefined && now !== undefined && !holds(now.accessListIn)
      ? [`${name} would have no access list`]
      : [];
  });
  if (old.controlPlaneAcl !== undefined && !holds(changed.controlPlaneAcl))
    found.push('the device itself would have no access list');
  for (const { name, entries } of changed.accessLists) {
    const before = old.accessLists.find((list) => list.name === name)?.entries ?? [];
    const open = entries.findIndex(
      (entry) => passesAll(entry) && !before.some((one) => one.name === entry.name && passesAll(one)),
    );
    if (open >= 0 && before.some((one) => one.action === 'deny')) found.push(`${name} would let everything in`);
  }
  if (old.firewall !== undefined && changed.firewall === undefined) found.push('the firewall would be removed');
  const rules = new Map(changed.firewall?.inspection.map((rule) => [rule.name, rule.pattern]));
  // A rule that the controller knows nothing of is no protection of the tenant's: taking it out restores the firewall.
  const intended = input.intended?.get(device)?.firewall?.inspection;
  for (const { name, pattern } of old.firewall?.inspection ?? []) {
    const [now, wanted] = [rules.get(name), intended?.find((rule) => rule.name === name)];
    if (changed.firewall === undefined || now === pattern) continue;
    if (now === undefined && (intended === undefined || wanted !== undefined))
      found.push(`the firewall would no longer inspect for ${name}`);
    if (now !== undefined && now !== wanted?.pattern) found.push(`the firewall would inspect otherwise for ${name}`);
  }
  return found;
};

const passesAll = ({ action, protocol, source, destination, destinationPort }: AccessListEntry): boolean =>
  action === 'permit' &&
  protocol === 'any' &&
  isAnywhere(source) &&
  isAnywhere(destination) &&
  destinationPort === undefined;

const isAnywhere = (prefix: string | undefined): boolean => prefix === undefined || prefix.endsWith('/0');
