/**
 * Probes: a packet walks the tables hop by hop to its destination, and the answer walks back.
 *
 * In a VRF of a LAN the probe stands for a client behind the device's port of that VRF, as an experience-monitoring
 * agent does: its packets pass the port's inbound access list and count hits. VRF 0 is the underlay.
 */
import type { ProbeResult } from '../../protocols/device/probe.ts';

import { matchEntry, type Packet, permits } from './access-list.ts';
import { parseAddress, parsePrefix, prefixContains } from './address.ts';
import { countHits } from './counters.ts';
import { circuitCarries, circuitDelay } from './layers/port.ts';
import { tunnelDelay, tunnelPasses } from './layers/tunnel.ts';
import type { ProbeRequest } from './network.ts';
import { lookUpRoute } from './rib.ts';
import { noise } from './seeded-noise.ts';
import { type DeviceNode, farEnd, holds, powered, tenantOf, type World } from './world.ts';

type Answer =
  | { readonly result: 'ok'; readonly rttMs: number }
  | { readonly result: 'timeout' | 'refused' | 'unreachable' };
type Walk =
  | { readonly end: 'delivered' | 'self'; readonly node: DeviceNode; readonly delayMs: number }
  | { readonly end: 'lost' }
  | { readonly end: 'unreachable' };

const LOST: Answer = { result: 'timeout' };
const UNREACHABLE: Answer = { result: 'unreachable' };
const MAX_HOPS = 8;
/** Switching and serialisation on the LAN, there and back. */
const LAN_RTT_MS = 1;

/** Answers a probe from this device now; counts access-list hits and changes nothing else. */
export function runProbe(world: World, node: DeviceNode, request: ProbeRequest): ProbeResult {
  const sent = request.kind === 'tcp' ? 1 : Math.max(1, request.count ?? 5);
  const answer = powered(world, node) ? findAnswer(world, node, request, sent) : UNREACHABLE;
  if (answer.result !== 'ok') {
    // A refusal is an answer: the packet came back.
    return { sent, received: answer.result === 'refused' ? sent : 0, rttMs: 0, result: answer.result };
  }
  const wobble = 2 * noise(world.seed, 'probe', node.key, request.destination, world.now);
  return { sent, received: sent, rttMs: Math.round((answer.rttMs + wobble) * 10) / 10, result: 'ok' };
}

function findAnswer(world: World, node: DeviceNode, request: ProbeRequest, sent: number): Answer {
  const overlay = node.endByRemote.get(request.destination);
  if (overlay !== undefined) {
    const far = farEnd(overlay);
    if (far === undefined || overlay.value === 'dormant' || !tunnelPasses(world, overlay)) return LOST;
    return answerAsDevice(far.node, request, 2 * tunnelDelay(overlay));
  }
  return request.vrf === 0 ? probeUnderlay(world, node, request) : probeOverlay(world, node, request, sent);
}

/** A device answers echo requests that its control-plane filter lets in; BGP is its only TCP listener in here. */
function answerAsDevice(node: DeviceNode, request: ProbeRequest, rttMs: number): Answer {
  const packet = toPacket(request);
  if (!permits(node.config, node.config.controlPlaneAcl, packet)) return LOST;
  if (request.kind === 'tcp' && request.port !== 179) return { result: 'refused' };
  return { result: 'ok', rttMs };
}

function toPacket(request: ProbeRequest, source?: string): Packet {
  return {
    protocol: request.kind === 'tcp' ? 'tcp' : 'icmp',
    ...(source === undefined ? {} : { source }),
    destination: request.destination,
    ...(request.port === undefined ? {} : { port: request.port }),
  };
}

/** Between WAN addresses, or to the provider's side of an access circuit. */
function probeUnderlay(world: World, node: DeviceNode, request: ProbeRequest): Answer {
  const destination = parseAddress(request.destination);
  const sources = node.config.interfaces.filter(
    (port) =>
      port.color !== undefined &&
      (request.source === undefined || request.source === port.name || request.source === port.ipv4?.address),
  );
  for (const port of sources) {
    const subnet = parsePrefix(`${port.ipv4?.address ?? ''}/${port.ipv4?.prefixLength ?? 32}`);
    if (port.color === undefined || subnet === undefined || !prefixContains(subnet, destination)) continue;
    if (port.ipv4?.address === request.destination) return answerAsDevice(node, request, 0);
    if (!circuitCarries(world, node, port.color)) return LOST;
    return { result: 'ok', rttMs: 2 * circuitDelay(node, port.color) };
  }
  for (const other of tenantOf(world, node.ref.tenant).nodes) {
    const port = other.config.interfaces.find((one) => one.vrf === 0 && one.ipv4?.address === request.destination);
    if (port === undefined) continue;
    const { color } = port;
    // Providers carry their own colour; the cellular one reaches the internet through its interconnect. Controllers
    // are behind every provider.
    const from = sources.find(
      (one) =>
        one.color !== undefined &&
        circuitCarries(world, node, one.color) &&
        (color === undefined || one.color === color || (one.color !== 'mpls' && color !== 'mpls')),
    );
    const there =
      color === undefined ? other.ports.get(port.name)?.value === 'up' : circuitCarries(world, other, color);
    if (from?.color === undefined || !there || !powered(world, other)) return LOST;
    const distant = color === undefined ? 0 : circuitDelay(other, color);
    return answerAsDevice(other, request, 2 * (circuitDelay(node, from.color) + distant));
  }
  return UNREACHABLE;
}

function probeOverlay(world: World, node: DeviceNode, request: ProbeRequest, sent: number): Answer {
  const port = node.config.interfaces.find(
    (one) => one.vrf === request.vrf && one.color === undefined && node.ports.get(one.name)?.value === 'up',
  );
  if (port?.ipv4 === undefined) return UNREACHABLE;
  // An interface as source means that interface's address; the probe starts behind the VRF's port either way.
  const named = request.source ?? '';
  const from = Number.isNaN(parseAddress(named)) ? port.ipv4.address : named;
  const packet = toPacket(request, from);
  const met = matchEntry(node.config, port.accessListIn, packet);
  if (met !== undefined) countHits(world, node, port.accessListIn ?? '', met.name, sent);
  if (met?.action === 'deny') return LOST;

  const there = walk(world, node, request.vrf, request.destination);
  if (there.end === 'unreachable') return UNREACHABLE;
  if (there.end === 'lost') return LOST;
  // Both firewalls keep state for the flow, unless it never leaves the first device.
  const full = [node, there.node].some((hop) => holds(world, 'session-table-full', hop.key));
  if (full && !(there.end === 'self' && there.node === node)) return LOST;

  const host = tenantOf(world, node.ref.tenant).hosts.get(request.destination);
  if (there.end === 'delivered') {
    if (host === undefined || holds(world, 'host-down', `${host.tenant}/${host.name}`)) return LOST;
    const back: Packet = {
      protocol: request.kind === 'tcp' ? 'tcp' : 'icmp',
      source: request.destination,
      destination: from,
    };
    const lan = there.node.config.interfaces.find((one) => one.vrf === host.vrf && one.color === undefined);
    if (!permits(there.node.config, lan?.accessListIn, back)) return LOST;
  }
  const home = walk(world, there.node, host?.vrf ?? request.vrf, from);
  if (home.end !== 'delivered' && home.end !== 'self') return LOST;
  const rttMs = there.delayMs + home.delayMs + LAN_RTT_MS;
  if (there.end === 'self') return answerAsDevice(there.node, request, rttMs);
  if (request.kind === 'tcp' && host?.services.some(({ port: open }) => open === request.port) !== true) {
    return { result: 'refused' };
  }
  return { result: 'ok', rttMs };
}

/** Follows longest-match routes from device to device; a tunnel that does not pass swallows the packet. */
function walk(world: World, start: DeviceNode, startVrf: number, destination: string): Walk {
  const address = parseAddress(destination);
  let node = start;
  let vrf = startVrf;
  let delayMs = 0;
  for (let hop = 0; hop < MAX_HOPS; hop += 1) {
    const virtual = [...node.vrrp.values()].some(
      ({ value, group }) => value === 'master' && group.virtualAddress === destination,
    );
    if (virtual || node.config.interfaces.some((port) => port.vrf !== 0 && port.ipv4?.address === destination)) {
      return { end: 'self', node, delayMs };
    }
    const route = lookUpRoute(world, node, vrf, address);
    if (route === undefined || route.nextHop === 'discard') return { end: 'unreachable' };
    if (route.protocol === 'connected') return { end: 'delivered', node, delayMs };
    const end = node.endByRemote.get(route.nextHop);
    const far = end === undefined ? undefined : farEnd(end);
    if (end === undefined || far === undefined || !tunnelPasses(world, end)) return { end: 'lost' };
    delayMs += tunnelDelay(end);
    node = far.node;
    vrf = route.originVrf;
  }
  return { end: 'lost' };
}
