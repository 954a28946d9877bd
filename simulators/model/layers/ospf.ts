/** OSPF adjacencies between an edge and the routers of its LAN (RFC 2328 §10). */
import { interfaceName } from '../../../protocols/device/names.ts';
import { permits } from '../access-list.ts';
import type { LanRouter } from '../network.ts';
import { OSPF_DEAD_MS, OSPF_UP_MS } from '../timing.ts';
import {
  announce,
  type DeviceNode,
  type OspfCell,
  powered,
  processRuns,
  routesMoved,
  tenantOf,
  touch,
  type World,
} from '../world.ts';
import type { Layer } from './layer.ts';

/** Routers on the LAN of a port. */
export const routersAt = (world: World, node: DeviceNode, port: string): readonly LanRouter[] =>
  tenantOf(world, node.ref.tenant).lanRouters.filter(
    (router) => router.site === node.config.site && router.interface === port,
  );

const HELLO = { protocol: 'ospf' } as const;

export const ospfLayer: Layer<OspfCell> = {
  target(world, cell) {
    const { node } = cell;
    const port = node.config.interfaces.find((one) => one.name === cell.name);
    if (!powered(world, node) || node.ports.get(cell.name)?.value !== 'up') return { value: 'down', delayMs: 0 };
    const configured = node.config.ospf.find((one) => one.interface === cell.name);
    const fits = routersAt(world, node, cell.name).some((router) => router.area === configured?.area);
    const heard =
      permits(node.config, port?.accessListIn, HELLO) && permits(node.config, node.config.controlPlaneAcl, HELLO);
    if (fits && heard && processRuns(world, node, 'ospfd')) return { value: 'full', delayMs: OSPF_UP_MS };
    return { value: 'down', delayMs: cell.value === 'full' ? OSPF_DEAD_MS : 0 };
  },

  changed(world, cell) {
    const { ref } = cell.node;
    routesMoved(world, ref.tenant);
    announce(world, cell.node, {
      name: 'trap.ospf_neighbor',
      resource: interfaceName(ref.device, cell.name),
      severity: cell.value === 'full' ? 'cleared' : 'major',
      detail: `neighbor on ${cell.name} ${cell.value === 'full' ? 'full' : 'down, dead interval expired'}`,
    });
    // What it tells its own neighbours may now be more than they take.
    for (const session of cell.node.sessions.values()) touch(world, session);
  },
};
