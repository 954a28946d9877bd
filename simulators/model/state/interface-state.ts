/** What a device says about its ports and their queues. */
import type { InterfaceState, QueueState } from '../../../protocols/device/state.ts';
import { readOctets } from '../counters.ts';
import { interfaceOf } from '../layers/port.ts';
import type { DeviceNode, PortCell, World } from '../world.ts';

const LAN_SPEED_BPS = 1_000_000_000;

export const readInterfaces = (world: World, node: DeviceNode): readonly InterfaceState[] =>
  [...node.ports.values()].map((port) => readInterface(world, port));

function readInterface(world: World, port: PortCell): InterfaceState {
  const config = interfaceOf(port);
  const speedBps = port.node.circuits.get(port.name)?.capacityBps ?? LAN_SPEED_BPS;
  return {
    name: port.name,
    index: port.index,
    description: config?.description ?? '',
    admin: config?.enabled === true ? 'up' : 'down',
    oper: port.value,
    lastChange: port.since,
    mtu: config?.mtu ?? 1500,
    speedBps,
    inOctets: readOctets(world, port, speedBps, 'in'),
    outOctets: readOctets(world, port, speedBps, 'out'),
    inErrors: 0,
    outDiscards: 0,
    inBps: 0,
    outBps: 0,
    ...(config?.ipv4 === undefined ? {} : { address: config.ipv4.address }),
    vrf: config?.vrf ?? 0,
    ...(config?.color === undefined ? {} : { color: config.color }),
  };
}

export function readQueues(_world: World, node: DeviceNode): readonly QueueState[] {
  return node.config.interfaces.flatMap((port) =>
    (node.config.qos.find((policy) => policy.name === port.qosPolicy)?.classes ?? []).map((one) => ({
      interface: port.name,
      class: one.class,
      packets: 0,
      drops: 0,
    })),
  );
}
