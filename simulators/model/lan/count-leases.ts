/** Messages that a device's DHCP server counts: discovers of clients, and its own offers (RFC 2131 §3.1). */
import type { Host } from '../network.ts';
import { hostsOfSite } from '../traffic/site-hosts.ts';
import { type DeviceNode, processRuns, tenantOf, type World } from '../world.ts';
import { leaseOf } from './lease.ts';

/** A client without a lease asks every minute or so (RFC 2131 §4.1). */
const ASKS_PER_SECOND = 1 / 64;
/** A client with one begins anew about once in ten leases: it was carried away and came back. */
const ANEW = 0.1;

const clients = (host: Host): number => Math.max(1, host.users);

export function* countLeases(world: World, node: DeviceNode): Iterable<readonly [string, number]> {
  if (node.config.dhcp.length === 0) return;
  const hosts = hostsOfSite(tenantOf(world, node.ref.tenant), node.config.site);
  for (const scope of node.config.dhcp) {
    let asks = 0;
    for (const host of hosts) {
      if (host.fixed || host.vrf !== scope.vrf) continue;
      asks += clients(host) * (leaseOf(world, host) === undefined ? ASKS_PER_SECOND : ANEW / scope.leaseSeconds);
    }
    yield [`discovers|${scope.name}`, asks];
    if (processRuns(world, node, 'dhcpd')) yield [`offers|${scope.name}`, asks];
  }
}
