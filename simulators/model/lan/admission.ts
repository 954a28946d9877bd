/** Whether a device takes one more session: into its firewall, into a pool of translated ports. */
import { type DeviceNode, holds, type World } from '../world.ts';

/** True while the firewall has room for a new session. */
export const firewallAdmits = (world: World, node: DeviceNode): boolean =>
  !holds(world, 'session-table-full', node.key);

/** True while a pool has a port left for a new flow to this address and port. */
export const natAdmits = (
  _world: World,
  node: DeviceNode,
  pool: string,
  _destination: string,
  _port: number,
): boolean => node.config.nat.some((one) => one.name === pool);
