/** Checks of where traffic goes: services stay reached, routes stay, nothing is diverted, leaks or goes round in circles. */
import type { DeviceConfig } from '../../../protocols/device/config.ts';
import {
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixContains,
  prefixCovers,
} from '../../../simulators/model/address.ts';
import type { Check } from '../check.ts';
import type { RehearsalInput, View } from '../predict.ts';

export const servicesKept: Check = ({ before, after }) =>
  [...before.served].filter((one) => !after.served.has(one)).map((one) => `${one} would be cut off`);

/** A device announces what it announced, and the subnets that it is on and was on. */
export const ownPrefixesOnly: Check = ({ old, changed }) => {
  const had = new Set(old.bgp?.networks ?? []);
  const own = subnets(old).flatMap((text) => parsePrefix(text) ?? []);
  const isOwn = (text: string): boolean => {
    const prefix = parsePrefix(text);
    return prefix !== undefined && own.some((subnet) => prefixCovers(subnet, prefix) && prefixCovers(prefix, subnet));
  };
  return (changed.bgp?.networks ?? [])
    .filter((prefix) => !had.has(prefix) && !isOwn(prefix))
    .map((one) => `would announce ${one}`);
};

/** Ports and leaks keep the segments of a tenant apart as they are. */
export const segmentsApart: Check = ({ input, device, old, changed }) => {
  const intended = input.intended?.get(device)?.vrfLeaks ?? [];
  const leaks = new Set([...old.vrfLeaks, ...intended].map(({ from, to }) => `${from}-${to}`));
  return [
    ...changed.interfaces
      .filter(({ name, vrf }) => old.interfaces.some((port) => port.name === name && port.vrf !== vrf))
      .map(({ name, vrf }) => `port ${name} would move to VRF ${vrf}`),
    ...changed.vrfLeaks
      .filter(({ from, to }) => !leaks.has(`${from}-${to}`))
      .map(({ from, to }) => `VRF ${from} would leak into VRF ${to}`),
  ];
};

/** A prefix that a device has a way to stays covered by a way that is no blackhole. */
export const routesKept: Check = ({ before, after }) =>
  [...before.routes].flatMap(([device, routes]) => {
    const now = (after.routes.get(device) ?? []).filter(({ nextHop }) => nextHop !== 'discard');
    const lost = routes.filter(({ vrf, prefix, nextHop, protocol }) => {
      const wanted = parsePrefix(prefix);
      if (wanted === undefined || nextHop === 'discard' || protocol === 'connected') return false;
      return !now.some((one) => {
        const has = one.vrf === vrf ? parsePrefix(one.prefix) : undefined;
        return has !== undefined && prefixCovers(has, wanted);
      });
    });
    return [...new Set(lost.map(({ prefix }) => `${device} would have no way to ${prefix}`))];
  });

/** Packets for a host do not come back to a device that they have passed. */
export const noLoop: Check = ({ input, before, after }) => {
  const had = new Set(findLoops(input, before, new Map()));
  return findLoops(input, after, input.changed).filter((one) => !had.has(one));
};

function findLoops(input: RehearsalInput, view: View, changed: RehearsalInput['changed']): readonly string[] {
  // Where an overlay address leads to: the device that has it as its own end.
  const owner = new Map(
    input.observed.flatMap(
      ({ name, running }) =>
        (changed.get(name) ?? running?.config)?.tunnels.map((tunnel) => [tunnel.localAddress, name] as const) ?? [],
    ),
  );
  const found = new Set<string>();
  for (const { vrf, address, name } of input.topology.hosts) {
    const target = parseAddress(address);
    for (const start of view.routes.keys()) {
      const passed = [start];
      for (;;) {
        const next = owner.get(nextHopOf(view, passed.at(-1) ?? '', vrf, target) ?? '');
        if (next === undefined) break;
        passed.push(next);
        if (passed.indexOf(next) < passed.length - 1) {
          found.add(`packets for ${name} would go round: ${passed.join(' → ')}`);
          break;
        }
      }
    }
  }
  return [...found];
}

/** Longest match (RFC 1812 §5.2.4.3). */
function nextHopOf(view: View, device: string, vrf: number, target: number): string | undefined {
  let best: { readonly prefix: Prefix; readonly nextHop: string } | undefined;
  for (const route of view.routes.get(device) ?? []) {
    if (route.vrf !== vrf) continue;
    const prefix = parsePrefix(route.prefix);
    if (prefix === undefined || !prefixContains(prefix, target)) continue;
    if (best === undefined || prefixCovers(best.prefix, prefix)) best = { prefix, nextHop: route.nextHop };
  }
  return best?.nextHop;
}

/** New static routes and subnets of the overlay that overlap a subnet or host of somebody else. */
export const nothingDiverted: Check = ({ input, device: self, old, changed }) => {
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
};

const subnets = ({ interfaces }: DeviceConfig): readonly string[] =>
  interfaces.flatMap(({ ipv4, vrf }) =>
    ipv4 === undefined || vrf === 0 ? [] : [`${ipv4.address}/${ipv4.prefixLength}`],
  );
