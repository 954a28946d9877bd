/** Control connections: each device to each controller, once per colour, over the underlay (not over tunnels). */
import { permits } from '../access-list.ts';
import {
  AUTHENTICATION_RETRY_MS,
  CLOCK_TOLERANCE_MS,
  CONTROL_DOWN_MS,
  CONTROL_REFUSED_MS,
  CONTROL_RETRY_MS,
  CONTROL_UP_MS,
} from '../timing.ts';
import {
  announce,
  type ControlCell,
  type ControlValue,
  clockOffset,
  type DeviceNode,
  holds,
  nodeOf,
  powered,
  processRuns,
  type World,
} from '../world.ts';
import type { Layer } from './layer.ts';
import { isRelearning, overlayCarries } from './port.ts';
import { siteNeedsLastResort } from './tunnel.ts';

/** Process that keeps control connections, at both ends. */
const DAEMON = 'vdaemon';

/** Resource name of one connection, controller first. */
export const controlName = (cell: ControlCell): string =>
  `session/control/${cell.controller}--${cell.node.ref.device}:${cell.color}`;

export const controlLayer: Layer<ControlCell> = {
  target(world, cell) {
    if (cell.color === 'lte' && !siteNeedsLastResort(world, cell.node)) return { value: 'dormant', delayMs: 0 };
    const obstacle = findObstacle(world, cell);
    if (obstacle === undefined) return { value: 'up', delayMs: CONTROL_UP_MS };
    // Established connections live until the peer misses hellos or authenticates again; a dead one changes its reason.
    // A port that is closed answers at once.
    const down = obstacle === 'refused' ? CONTROL_REFUSED_MS : CONTROL_DOWN_MS;
    // Answers to an endpoint that moved never come: the client sets the connection up anew before its peer has noticed.
    const noticed = isRelearning(world, cell.node, cell.color) ? CONTROL_RETRY_MS : down;
    return { value: obstacle, delayMs: cell.value === 'up' ? noticed : 0 };
  },

  changed(world, cell, from) {
    if (cell.value !== 'up' && from !== 'up') return;
    const up = cell.value === 'up';
    const event = {
      name: 'trap.ctrl_conn',
      resource: controlName(cell),
      severity: up ? 'cleared' : 'major',
      detail: up ? `${cell.controller} ${cell.color} up` : `${cell.controller} ${cell.color} down (${cell.value})`,
    } as const;
    announce(world, cell.node, event);
    announce(world, nodeOf(world, cell.node.ref.tenant, cell.controller), event);
    announcePeer(world, cell);
    if (AUTHENTICATION.has(cell.value)) keepFailing(world, cell);
  },
};

const AUTHENTICATION: ReadonlySet<ControlValue> = new Set(['certificate', 'controller-certificate', 'clock']);

/** Says once that authentication failed, and again at every attempt until it no longer does. */
function keepFailing(world: World, cell: ControlCell): void {
  if (!AUTHENTICATION.has(cell.value) || cell.node.controls.get(cell.name) !== cell) return;
  const detail = `peer authentication failed (${cell.value})`;
  announce(world, cell.node, { name: 'trap.ctrl_auth_fail', resource: controlName(cell), severity: 'major', detail });
  world.queue.schedule(world.now + AUTHENTICATION_RETRY_MS, () => keepFailing(world, cell));
}

const isUp = (node: DeviceNode, controller: string): boolean =>
  [...node.controls.values()].some((one) => one.controller === controller && one.value === 'up');

/** A controller is a peer while any connection to it lives: the last one to go, or the first to come, is told of. */
function announcePeer(world: World, cell: ControlCell): void {
  const { node, controller } = cell;
  const others = [...node.controls.values()].some(
    (one) => one !== cell && one.controller === controller && one.value === 'up',
  );
  if (others) return;
  const up = cell.value === 'up';
  const peer = `session/omp/${controller}--${node.ref.device}`;
  const severity = up ? 'cleared' : 'major';
  announce(world, node, {
    name: 'trap.omp_peer',
    resource: peer,
    severity,
    detail: `peer ${controller} ${up ? 'up' : 'down'}`,
  });
  const now = node.config.controllers.filter((one) => isUp(node, one)).length;
  announce(world, node, {
    name: 'trap.vsmart_count',
    resource: `node/${node.ref.device}`,
    severity: now < node.config.controllers.length ? 'minor' : 'cleared',
    detail: `controllers ${now + (up ? -1 : 1)} -> ${now}`,
  });
}

function findObstacle(world: World, cell: ControlCell): Exclude<ControlValue, 'up' | 'dormant'> | undefined {
  const { node } = cell;
  const controller = nodeOf(world, node.ref.tenant, cell.controller);
  // Controllers are multihomed behind every provider: the device's own circuit decides.
  const path =
    controller !== undefined &&
    powered(world, controller) &&
    [...controller.ports.values()].some((port) => port.value === 'up') &&
    powered(world, node) &&
    overlayCarries(world, node, cell.color) &&
    !holds(world, 'controllers-cut', node.key) &&
    !holds(world, 'filtered-in-front', controller.key) &&
    permits(node.config, node.config.controlPlaneAcl, { protocol: 'udp', port: node.config.controlPort });
  if (!path || !processRuns(world, node, DAEMON) || !processRuns(world, controller, DAEMON)) return 'timeout';
  // The host answers for a port that nobody listens on (RFC 792, type 3 code 3).
  if (controller.config.controlPort !== node.config.controlPort) return 'refused';
  if (holds(world, 'certificate-expired', node.key)) return 'certificate';
  if (holds(world, 'certificate-expired', controller.key)) return 'controller-certificate';
  return Math.abs(clockOffset(world, node) - clockOffset(world, controller)) > CLOCK_TOLERANCE_MS ? 'clock' : undefined;
}
