/** What a commit or a condition is about to change, remembered whole. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import { linkKey } from './assemble.ts';
import { type Condition, conditionKey, placeOf } from './condition.ts';
import { remember, rememberBy, swapping } from './history.ts';
import type { DeviceNode, World } from './world.ts';

/** A device with all that follows from its configuration, before it gets another: cells, and the links and groups they are in. */
export function rememberDevice(world: World, node: DeviceNode, next: DeviceConfig): void {
  const { ports, ends, endByRemote, sessions, controls, vrrp, ospf, processors, peerKeys, poolsChanged } = node;
  const maps = [ports, ends, endByRemote, sessions, controls, vrrp, ospf, processors, peerKeys, poolsChanged];
  const tunnels = [...node.config.tunnels, ...next.tunnels].map((tunnel) => linkKey(node.ref, tunnel));
  const groups = [...node.config.vrrp, ...next.vrrp].map((group) => group.virtualAddress);
  const changing = [
    ...[node, ...maps, world.vrrpGroups],
    ...[...ends.values(), ...sessions.values(), ...vrrp.values()],
    ...[...new Set(tunnels)].flatMap((key) => {
      const link = world.links.get(key);
      return link === undefined ? [] : [link.ends];
    }),
    ...[...new Set(groups)].flatMap((address) => {
      const group = world.vrrpGroups.get(address);
      return group === undefined ? [] : [group];
    }),
  ];
  for (const one of changing) remember(world, one);
}

/** A condition, before it begins or ends to hold. */
export function rememberCondition(world: World, condition: Condition): void {
  const [key, place] = [conditionKey(condition), placeOf(condition)];
  const read = () => [world.conditions.get(key), world.conditionsAt.get(place)] as const;
  const write = ([held, there]: ReturnType<typeof read>): void => {
    if (held === undefined) world.conditions.delete(key);
    else world.conditions.set(key, held);
    if (there === undefined) world.conditionsAt.delete(place);
    else world.conditionsAt.set(place, there);
  };
  rememberBy(world, true, swapping(read, write));
}
