/** BGP sessions: one per tunnel between the overlay addresses of its ends (RFC 4271, errors as in §4.5 and RFC 4486). */
import type { BgpNeighbor, DeviceConfig } from '../../../protocols/device/config.ts';
import { bgpSessionName } from '../../../protocols/device/names.ts';
import type { BgpFsm } from '../../../protocols/device/state.ts';
import { BGP_PACKET, permits } from '../access-list.ts';
import { touchLeases, touchRelays } from '../lan/lease.ts';
import { advertisedAtMost, advertisedBy } from '../rib.ts';
import { BGP_HOLD_MS, BGP_NOTIFICATION_MS, BGP_UP_MS } from '../timing.ts';
import {
  announce,
  type DeviceNode,
  farEnd,
  powered,
  processRuns,
  type SessionCell,
  type SessionValue,
  tenantOf,
  type World,
} from '../world.ts';
import type { Layer, Wish } from './layer.ts';

/** Finite-state-machine state and last NOTIFICATION that go with each value. */
export const SESSION_STATES: Readonly<
  Record<SessionValue, { readonly state: BgpFsm; readonly code: number; readonly subcode: number }>
> = {
  established: { state: 'established', code: 0, subcode: 0 },
  'no-path': { state: 'active', code: 0, subcode: 0 },
  blocked: { state: 'connect', code: 0, subcode: 0 },
  refused: { state: 'active', code: 0, subcode: 0 },
  stopped: { state: 'idle', code: 0, subcode: 0 },
  'bad-peer-as': { state: 'idle', code: 2, subcode: 2 },
  'max-prefixes': { state: 'idle', code: 6, subcode: 1 },
  dormant: { state: 'idle', code: 0, subcode: 0 },
};

const accepts = (config: DeviceConfig): boolean => permits(config, config.controlPlaneAcl, BGP_PACKET);
const expects = (neighbor: BgpNeighbor, peer: DeviceConfig): boolean => neighbor.remoteAs === peer.bgp?.localAs;

export const sessionLayer: Layer<SessionCell> = {
  target(world, cell) {
    const wish = findTarget(world, cell);
    if (wish.value === 'established')
      return { value: wish.value, delayMs: cell.value === 'established' ? 0 : BGP_UP_MS };
    return cell.value === 'established' ? wish : { value: wish.value, delayMs: 0 };
  },

  changed(world, cell, from) {
    tenantOf(world, cell.node.ref.tenant).routeVersion += 1;
    touchLeasesOver(world, cell);
    const report = SESSION_STATES[cell.value];
    const before = SESSION_STATES[from];
    const error = report.code !== 0 && report.code !== before.code;
    if (cell.value !== 'established' && from !== 'established' && !error) return;
    const { peer, address } = cell.neighbor;
    announce(world, cell.node, {
      name: 'trap.bgp_peer',
      resource: bgpSessionName(cell.node.ref.device, peer),
      severity: cell.value === 'established' ? 'cleared' : 'major',
      detail: `neighbor ${address} ${report.state}, last error ${report.code}/${report.subcode}`,
    });
  },
};

/** Leases by relay, when the last way into the overlay is gone, or when one is there again where there was none. */
function touchLeasesOver(world: World, cell: SessionCell): void {
  for (const { node } of cell.node.endByRemote.get(cell.neighbor.address)?.link.ends ?? []) {
    if (node.config.role !== 'edge') continue;
    if (cell.value === 'established') touchLeases(world, node.ref.tenant, node.config.site);
    else if (![...node.sessions.values()].some((one) => one.value === 'established')) touchRelays(world, node);
  }
}

function findTarget(world: World, cell: SessionCell): Wish<SessionValue> {
  const { node } = cell;
  if (!powered(world, node) || !processRuns(world, node, 'bgpd')) return { value: 'stopped', delayMs: 0 };
  const end = node.endByRemote.get(cell.neighbor.address);
  if (end?.value === 'dormant') return { value: 'dormant', delayMs: 0 };
  const far = end === undefined ? undefined : farEnd(end);
  if (far === undefined || end?.value !== 'up') return { value: 'no-path', delayMs: 0 };
  const peer = far.node;
  // A peer that went silent is noticed by BFD here, not by anything it could still say.
  if (!powered(world, peer) || far.value !== 'up') {
    return { value: cell.value === 'established' ? 'established' : 'no-path', delayMs: 0 };
  }
  const session = peer.sessions.get(far.tunnel.remoteAddress);
  if (session === undefined) return { value: 'refused', delayMs: BGP_NOTIFICATION_MS };
  // One end that filters the port is enough: entries are matched on either side of the connection.
  if (!accepts(node.config) || !accepts(peer.config)) return { value: 'blocked', delayMs: BGP_HOLD_MS };
  if (!processRuns(world, peer, 'bgpd')) return { value: 'refused', delayMs: BGP_NOTIFICATION_MS };
  if (!expects(cell.neighbor, peer.config) || !expects(session.neighbor, node.config)) {
    return { value: 'bad-peer-as', delayMs: BGP_NOTIFICATION_MS };
  }
  const tooMany =
    exceeds(world, peer, node, cell.neighbor.maxPrefixes) || exceeds(world, node, peer, session.neighbor.maxPrefixes);
  return tooMany ? { value: 'max-prefixes', delayMs: BGP_NOTIFICATION_MS } : { value: 'established', delayMs: 0 };
}

/** Whether a device tells more than its neighbour takes; counted one by one only when it could. */
const exceeds = (world: World, speaker: DeviceNode, listener: DeviceNode, limit: number): boolean =>
  advertisedAtMost(world, speaker, listener) > limit && advertisedBy(world, speaker, listener).length > limit;
