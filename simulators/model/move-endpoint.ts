/** A provider's address translation gives a circuit another public endpoint: peers have to learn where the device is now. */
import { circuitName } from '../../protocols/device/names.ts';
import { remember } from './history.ts';
import { touchColor } from './layers/port.ts';
import { noise } from './seeded-noise.ts';
import { settle } from './settle.ts';
import { RELEARN_MS } from './timing.ts';
import { announce, type DeviceNode, type World } from './world.ts';

/** The device has another public endpoint at `port`; peers meet it again once they have learned the new one. */
export function moveEndpoint(
  world: World,
  node: DeviceNode,
  { interface: port, binding }: { readonly interface: string; readonly binding: number },
): void {
  const color = node.circuits.get(port)?.color;
  if (color === undefined) return;
  announce(world, node, {
    name: 'trap.tloc_ip_change',
    resource: circuitName(node.config.site, color),
    severity: 'warning',
    detail: `public endpoint of ${port} is now ${publicEndpoint(world, node, port, binding)}`,
  });
  remember(world, node);
  node.relearnedAt = new Map([...(node.relearnedAt ?? []), [color, world.now + RELEARN_MS]]);
  touchColor(world, node, color);
  world.queue.schedule(world.now + RELEARN_MS, () => {
    touchColor(world, node, color);
    settle(world);
  });
}

/** Address and port that the translation shows for a port; documentation addresses (RFC 5737). */
function publicEndpoint(world: World, node: DeviceNode, port: string, binding: number): string {
  const draw = (what: string): number => noise(world.seed, 'endpoint', what, node.key, port, binding);
  return `198.51.100.${1 + Math.floor(254 * draw('address'))}:${1024 + Math.floor(64_512 * draw('port'))}`;
}
