/** Control connections: each device to each controller, once per colour, over the underlay (not over tunnels). */
import { CLOCK_TOLERANCE_MS, CONTROL_DOWN_MS, CONTROL_UP_MS } from '../timing.ts';
import { announce, type ControlCell, clockOffset, holds, nodeOf, powered, type World } from '../world.ts';
import type { Layer } from './layer.ts';
import { circuitCarries } from './port.ts';
import { siteNeedsLastResort } from './tunnel.ts';

/** Resource name of one connection, controller first. */
export const controlName = (cell: ControlCell): string =>
  `session/control/${cell.controller}--${cell.node.ref.device}:${cell.color}`;

export const controlLayer: Layer<ControlCell> = {
  target(world, cell) {
    if (cell.color === 'lte' && !siteNeedsLastResort(world, cell.node)) return { value: 'dormant', delayMs: 0 };
    const obstacle = findObstacle(world, cell);
    if (obstacle === undefined) return { value: 'up', delayMs: CONTROL_UP_MS };
    // Established connections live until the peer misses hellos or authenticates again; a dead one changes its reason.
    return { value: obstacle, delayMs: cell.value === 'up' ? CONTROL_DOWN_MS : 0 };
  },

  changed(world, cell, from) {
    if (cell.value !== 'up' && from !== 'up') return;
    const up = cell.value === 'up';
    const resource = controlName(cell);
    const event = {
      name: 'trap.ctrl_conn',
      resource,
      severity: up ? 'cleared' : 'major',
      detail: up ? `${cell.controller} ${cell.color} up` : `${cell.controller} ${cell.color} down (${cell.value})`,
    } as const;
    const controller = nodeOf(world, cell.node.ref.tenant, cell.controller);
    announce(world, cell.node, event);
    announce(world, controller, event);
    if (cell.value === 'certificate' || cell.value === 'clock') {
      const detail = `peer authentication failed (${cell.value})`;
      announce(world, cell.node, { name: 'trap.ctrl_auth_fail', resource, severity: 'major', detail });
    }
  },
};

function findObstacle(world: World, cell: ControlCell): 'timeout' | 'certificate' | 'clock' | undefined {
  const { node } = cell;
  const controller = nodeOf(world, node.ref.tenant, cell.controller);
  // Controllers are multihomed behind every provider: the device's own circuit decides.
  const path =
    controller !== undefined &&
    powered(world, controller) &&
    [...controller.ports.values()].some((port) => port.value === 'up') &&
    powered(world, node) &&
    circuitCarries(world, node, cell.color) &&
    !holds(world, 'controllers-cut', node.key);
  if (!path) return 'timeout';
  if (holds(world, 'certificate-expired', node.key)) return 'certificate';
  return Math.abs(clockOffset(world, node)) > CLOCK_TOLERANCE_MS ? 'clock' : undefined;
}
