/** Where a host sends its queries: to its resolver, or to its edge, which forwards them from VRFs that leave for the internet at the site. */
import type { Host } from '../network.ts';
import type { DeviceNode, World } from '../world.ts';
import { hostState } from './host-state.ts';

/** Staff work in this VRF; what the edge forwards goes by it too. */
export const FORWARDING_VRF = 10;

/** True when the edge asks this resolver on behalf of the host (a DNS forwarder, RFC 8499 §6). */
export const forwardsFor = (world: World, node: DeviceNode, host: Host, resolver: string): boolean =>
  host.vrf !== FORWARDING_VRF &&
  !world.externals.has(resolver) &&
  node.config.breakouts.some((one) => one.vrf === host.vrf && one.application === undefined);

/** Address that the host's queries to its first resolver carry. */
export function queryAddress(world: World, node: DeviceNode, host: Host): string | undefined {
  const { resolvers, gateway } = hostState(world, host);
  const [first] = resolvers;
  return first !== undefined && forwardsFor(world, node, host, first) ? gateway : first;
}
