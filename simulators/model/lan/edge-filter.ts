/** Whether the edge of a site takes what a host sends beyond its LAN: the access list of the port that serves it. */
import { matchEntry, type Packet } from '../access-list.ts';
import type { Traffic } from '../condition.ts';
import type { Host } from '../network.ts';
import { servingNode } from '../traffic/app-path.ts';
import type { World } from '../world.ts';
import { addressOfHost } from './host-state.ts';

export function passesEdge(world: World, host: Host, packet: Omit<Packet, 'source'>): boolean {
  const node = servingNode(world, host);
  const port = node?.config.interfaces.find((one) => one.vrf === host.vrf && one.color === undefined);
  if (node === undefined || port?.accessListIn === undefined) return true;
  return (
    matchEntry(node.config, port.accessListIn, { ...packet, source: addressOfHost(world, host) })?.action !== 'deny'
  );
}

/** The same of the sessions that a pattern opens. */
export function trafficPasses(world: World, host: Host, traffic: Traffic): boolean {
  switch (traffic.pattern) {
    case 'syn-flood':
    case 'many-sessions':
      return passesEdge(world, host, { protocol: 'tcp', destination: traffic.destination, port: traffic.port });
    case 'scan':
      return passesEdge(world, host, { protocol: 'tcp', destination: traffic.prefix.split('/')[0] ?? '' });
    default:
      return true;
  }
}
