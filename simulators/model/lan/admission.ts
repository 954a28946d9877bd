/** Whether a device takes one more session: into its firewall, into a pool of translated ports. */
import type { DeviceNode, World } from '../world.ts';
import { poolSize, takenPorts, wantedSessions } from './sessions.ts';

/** True while the firewall has room for a new session. */
export function firewallAdmits(world: World, node: DeviceNode): boolean {
  const { firewall } = node.config;
  return firewall === undefined || wantedSessions(world, node).open < firewall.maxSessions;
}

/** True while a pool has a port left for a new flow to the destination that most flows go to. */
export function natAdmits(world: World, node: DeviceNode, pool: string, _destination: string, _port: number): boolean {
  const found = node.config.nat.find((one) => one.name === pool);
  return found !== undefined && takenPorts(world, node, found) < poolSize(found);
}
