/**
 * Tunnels: IPsec between two devices over the underlay, and BFD inside it.
 *
 * An end is up while packets pass in both directions; it notices after its detection time (RFC 5880 §6.8.4).
 */
import { tunnelName } from '../../../protocols/device/names.ts';
import type { TunnelState } from '../../../protocols/device/state.ts';
import { BFD_PACKET, permits } from '../access-list.ts';
import { BFD_UP_MS } from '../timing.ts';
import {
  announce,
  type DeviceNode,
  type EndCell,
  farEnd,
  portOfColor,
  powered,
  tenantOf,
  touch,
  touchLink,
  type World,
} from '../world.ts';
import { beginAssociation, hasExpired, proposalsFit, untilAuthentication } from './ike.ts';
import type { Layer } from './layer.ts';
import { circuitCarries, circuitDelay, interfaceOf, overlayCarries } from './port.ts';
import { isStalled } from './processor.ts';

/**
 * What stops a tunnel, lowest layer first: the circuits, the overlay's own packets on them, keys, a rekey that is being
 * tried again, a filter for BFD, or a BFD that waits less than paths vary.
 */
export type TunnelCause = 'none' | 'underlay' | 'overlay' | 'keys' | 'rekey' | 'filter' | 'late';

/** The control plane and the WAN port of this colour let BFD in. */
function acceptsBfd({ node, tunnel }: EndCell): boolean {
  const { config } = node;
  const port = config.interfaces.find((one) => one.color === tunnel.color);
  return permits(config, config.controlPlaneAcl, BFD_PACKET) && permits(config, port?.accessListIn, BFD_PACKET);
}

const keyFits = (node: DeviceNode, peer: DeviceNode): boolean =>
  node.peerKeys.get(peer.ref.device) === peer.config.ipsec.identityKey;

const underlayCarries = (world: World, { node, tunnel }: EndCell): boolean =>
  powered(world, node) && !isStalled(node) && circuitCarries(world, node, tunnel.color);
const overlayPasses = (world: World, { node, tunnel }: EndCell): boolean => overlayCarries(world, node, tunnel.color);

export function tunnelCause(world: World, end: EndCell): TunnelCause {
  const far = farEnd(end);
  if (far === undefined) return 'underlay';
  if (!underlayCarries(world, end) || !underlayCarries(world, far)) return 'underlay';
  if (!overlayPasses(world, end) || !overlayPasses(world, far)) return 'overlay';
  if (!keyFits(end.node, far.node) || !keyFits(far.node, end.node)) return 'keys';
  // An association lives on until its ends authenticate again; none is set up any more.
  if (end.value !== 'up' && hasExpired(world, end)) return 'keys';
  const struck = end.link.recurrence?.value === 'struck';
  if (struck && !proposalsFit(end, far)) return 'rekey';
  if (!acceptsBfd(end) || !acceptsBfd(far)) return 'filter';
  return struck ? 'late' : 'none';
}

/** True while data packets pass, whatever BFD has noticed yet. */
export function tunnelPasses(world: World, end: EndCell): boolean {
  const cause = tunnelCause(world, end);
  return cause === 'none' || cause === 'filter' || cause === 'late';
}

/** Last-resort tunnels exist only while every other colour of their site is down. */
export const isLastResort = (end: EndCell): boolean => end.tunnel.color === 'lte' || end.tunnel.peerColor === 'lte';

export function siteNeedsLastResort(world: World, node: DeviceNode): boolean {
  const members = tenantOf(world, node.ref.tenant).sites.get(node.config.site) ?? [node];
  return members.every((member) => {
    for (const end of member.ends.values()) if (!isLastResort(end) && end.value === 'up') return false;
    return true;
  });
}

/** The device whose site decides about a last-resort tunnel: the one with the cellular port. */
const lastResortNode = (end: EndCell): DeviceNode =>
  end.tunnel.color === 'lte' ? end.node : (farEnd(end)?.node ?? end.node);

/** How long an end waits for hellos (RFC 5880 §6.8.4), in milliseconds; 0 without BFD. */
export function detectionTime({ node, tunnel }: EndCell): number {
  const bfd = node.config.bfd.find((one) => one.color === tunnel.color);
  return bfd === undefined ? 0 : bfd.txIntervalMs * bfd.multiplier;
}

export const tunnelLayer: Layer<EndCell> = {
  target(world, end) {
    if (!powered(world, end.node)) return { value: 'down', delayMs: 0 };
    if (isLastResort(end) && !siteNeedsLastResort(world, lastResortNode(end))) return { value: 'dormant', delayMs: 0 };
    if (portOfColor(end.node, end.tunnel.color)?.value !== 'up') return { value: 'down', delayMs: 0 };
    const cause = tunnelCause(world, end);
    if (cause === 'none') {
      return end.value === 'up' && hasExpired(world, end)
        ? { value: 'down', delayMs: untilAuthentication(world, end) }
        : { value: 'up', delayMs: BFD_UP_MS };
    }
    // Hellos that are late have been waited for already.
    const waits = end.value !== 'dormant' && cause !== 'late';
    return { value: 'down', delayMs: waits ? detectionTime(end) : 0 };
  },

  changed(world, end, from) {
    const { color, peer, peerColor } = end.tunnel;
    if (end.value !== 'dormant' && from !== 'dormant') end.transitions += 1;
    if (end.value === 'up' || from === 'up') beginAssociation(world, end, from === 'up');
    if (from === 'up' && !tunnelPasses(world, end)) end.disconnects += 1;
    if (end.value === 'up' || from === 'up') {
      announce(world, end.node, {
        name: 'trap.bfd_state',
        resource: tunnelName(end.node.ref.device, color, peer, peerColor),
        severity: end.value === 'up' ? 'cleared' : 'major',
        detail: end.value === 'up' ? `${end.name} bfd up` : `${end.name} bfd down (${bfdDiagnostic(world, end)})`,
      });
    }
    const far = farEnd(end);
    touch(world, end.node.sessions.get(end.tunnel.remoteAddress));
    touch(world, far?.node.sessions.get(far.tunnel.remoteAddress));
    if (!isLastResort(end) && end.node.config.role === 'edge') touchLastResort(world, end.node);
  },
};

/** Marks a site's last-resort tunnels and the control connections that ride with them. */
export function touchLastResort(world: World, node: DeviceNode): void {
  for (const member of tenantOf(world, node.ref.tenant).sites.get(node.config.site) ?? []) {
    for (const end of member.ends.values()) if (end.tunnel.color === 'lte') touchLink(world, end.link);
    for (const control of member.controls.values()) if (control.color === 'lte') touch(world, control);
  }
}

/** Diagnostic of a session that is down, as RFC 5880 §4.1 names it; `none` while it is up. */
export function bfdDiagnostic(world: World, end: EndCell): TunnelState['bfdDiagnostic'] {
  if (end.value === 'up') return 'none';
  const port = portOfColor(end.node, end.tunnel.color);
  if (port !== undefined && interfaceOf(port)?.enabled === false) return 'admin-down';
  // The far end still sends, and says that it hears nothing.
  if (tunnelCause(world, end) === 'filter' && acceptsBfd(end)) return 'neighbor-down';
  return 'detection-time-expired';
}

export function ipsecState(world: World, end: EndCell): TunnelState['ipsec'] {
  const cause = tunnelCause(world, end);
  if (cause === 'keys') return 'no-handshake';
  // Dead-peer detection is no faster than BFD: the association stands until BFD has noticed.
  if (end.value === 'up' || cause === 'none' || cause === 'filter' || cause === 'late') return 'established';
  return cause === 'underlay' ? 'down' : 'no-handshake';
}

/** One-way delay of a tunnel: the access circuits of both ends. */
export function tunnelDelay(end: EndCell): number {
  const far = farEnd(end);
  const distant = far === undefined ? 0 : circuitDelay(far.node, far.tunnel.color);
  return circuitDelay(end.node, end.tunnel.color) + distant;
}
