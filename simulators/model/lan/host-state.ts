/** How a host is on its LAN: whether it is there, with which address, gateway and resolvers, and over which radio. */
import type { Host } from '../network.ts';
import { conditionsOf, holds, tenantOf, type World } from '../world.ts';

export interface HostState {
  readonly online: boolean;
  readonly address: string;
  /** Where it sends what is for other subnets; empty when it has none. */
  readonly gateway: string;
  readonly resolvers: readonly string[];
  /** What the radio loses, 0–1, and adds one way, of its access point. */
  readonly radioLoss: number;
  readonly radioDelayMs: number;
}

export function hostState(world: World, host: Host): HostState {
  const place = `${host.tenant}/${host.name}`;
  const tenant = tenantOf(world, host.tenant);
  const members = tenant.sites.get(host.site) ?? [];
  const port = members
    .flatMap((node) => node.config.interfaces)
    .find((one) => one.vrf === host.vrf && one.color === undefined);
  const virtual = members.flatMap((node) => node.config.vrrp).find((one) => one.interface === port?.name);
  const scope = members.flatMap((node) => node.config.dhcp).find((one) => one.vrf === host.vrf);
  const radio =
    host.accessPoint === undefined ? [] : conditionsOf(world, 'bad-radio', `${host.tenant}/${host.accessPoint}`);
  return {
    online: !holds(world, 'host-down', place),
    address: host.address,
    gateway:
      conditionsOf(world, 'host-gateway', place)[0]?.gateway ?? virtual?.virtualAddress ?? port?.ipv4?.address ?? '',
    resolvers: scope?.resolvers ?? [],
    radioLoss: radio.reduce((sum, one) => Math.min(1, sum + one.share), 0),
    radioDelayMs: radio.reduce((sum, one) => sum + one.delayMs, 0),
  };
}
