/**
 * The way of a packet over the overlay: longest-match routes from device to device, tunnels chosen by the application's
 * rule, breakouts to the internet, and what the packet meets on each of them, in this direction.
 */
import { parseAddress } from '../address.ts';
import { selectorAdmits } from '../layers/ike.ts';
import { tunnelPasses } from '../layers/tunnel.ts';
import type { ExternalService } from '../network.ts';
import { lookUpRoute } from '../rib.ts';
import { type DeviceNode, type EndCell, farEnd, portOfColor, tenantOf, type World } from '../world.ts';
import { classOf, policyOfPort } from './load.ts';
import { accessQuality, roomInTunnel, roomOnPort, type TunnelQuality, tunnelLeg } from './quality.ts';
import { chooseBreakout, liveEnds, preferredPeer, ruleOf, steer } from './steering.ts';

/** What packets meet on the whole of a way, in one direction. */
export interface OneWay {
  /** 0–1. */
  readonly loss: number;
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Largest packet that fits everywhere. */
  readonly mtu: number;
  /** Larger packets vanish without an answer somewhere inside a provider. */
  readonly mtuSilent: boolean;
  /** Room for one more transfer, bits a second. */
  readonly roomBps: number;
}

export const CLEAR_WAY: OneWay = {
  loss: 0,
  delayMs: 0,
  jitterMs: 0,
  mtu: 1500,
  mtuSilent: false,
  roomBps: 1_000_000_000,
};

/** One stretch after another. */
export const joinWays = (a: OneWay, b: OneWay): OneWay => ({
  loss: 1 - (1 - a.loss) * (1 - b.loss),
  delayMs: a.delayMs + b.delayMs,
  jitterMs: Math.hypot(a.jitterMs, b.jitterMs),
  mtu: Math.min(a.mtu, b.mtu),
  mtuSilent: a.mtu === b.mtu ? a.mtuSilent || b.mtuSilent : a.mtu < b.mtu ? a.mtuSilent : b.mtuSilent,
  roomBps: Math.min(a.roomBps, b.roomBps),
});

/** What the packet is, as far as it decides the way. */
export interface PacketKind {
  readonly application?: string;
  readonly dscp: number;
}

interface Travelled {
  readonly way: OneWay;
  /** Devices on the way, the first one too. */
  readonly hops: readonly DeviceNode[];
  /** First tunnel or port that it left by. */
  readonly egress?: { readonly name: string; readonly end?: EndCell; readonly port: string };
  /** Code point that it carries at the end. */
  readonly dscp: number;
}

/**
 * `delivered`: into the LAN of `node`; `self`: to `node` itself; `internet`: out of `port` of `node` to a service there,
 * with the way back; `lost` and `unreachable` as a sender sees them.
 */
export type Journey = Arrival | Exit | (Travelled & ({ readonly end: 'lost' } | { readonly end: 'unreachable' }));
export interface Arrival extends Travelled {
  readonly end: 'delivered' | 'self';
  readonly node: DeviceNode;
  readonly vrf: number;
}
export interface Exit extends Travelled {
  readonly end: 'internet';
  readonly node: DeviceNode;
  readonly port: string;
  readonly pool: string;
  readonly service: ExternalService;
  readonly wayBack: OneWay;
}

const MAX_HOPS = 8;
const CORP_VRF = 10;

/** Follows a packet from `start`, where it came in by a port of `vrf`. */
export function travel(world: World, start: DeviceNode, vrf: number, destination: string, kind: PacketKind): Journey {
  const address = parseAddress(destination);
  const service = world.externals.get(destination);
  let state: Travelled = { way: CLEAR_WAY, hops: [start], dscp: kind.dscp };
  let node = start;
  let inVrf = vrf;
  for (let hop = 0; hop < MAX_HOPS; hop += 1) {
    if (isOwnAddress(node, destination)) return { ...state, end: 'self', node, vrf: inVrf };
    if (service !== undefined) {
      const out = leaveBy(world, node, inVrf, service, kind, state);
      if (out !== undefined) return out;
    }
    const next =
      service === undefined ? nextEnd(world, node, inVrf, address, kind) : towardsInternet(world, node, inVrf, kind);
    if (next === 'unreachable' || next === 'lost') return { ...state, end: next };
    if (next === 'delivered') return { ...state, end: 'delivered', node, vrf: inVrf };
    const far = farEnd(next.end);
    if (far === undefined || !tunnelPasses(world, next.end) || !selectorAdmits(next.end, address)) {
      return { ...withEgress(state, next.end), end: 'lost' };
    }
    const port = portOfColor(node, next.end.tunnel.color)?.name ?? '';
    const dscp = next.end.tunnel.dscpRewrite ?? state.dscp;
    const leg = tunnelLeg(world, next.end, far, classOf(policyOfPort(node, port), dscp));
    state = {
      ...withEgress(state, next.end),
      way: joinWays(state.way, { ...leg, roomBps: roomInTunnel(world, next.end) }),
      hops: [...state.hops, far.node],
      dscp,
    };
    node = far.node;
    inVrf = next.vrf;
  }
  return { ...state, end: 'lost' };
}

function withEgress(state: Travelled, end: EndCell): Travelled {
  const port = portOfColor(end.node, end.tunnel.color)?.name ?? '';
  return state.egress === undefined ? { ...state, egress: { name: end.name, end, port } } : state;
}

function isOwnAddress(node: DeviceNode, destination: string): boolean {
  for (const { value, group } of node.vrrp.values()) {
    if (value === 'master' && group.virtualAddress === destination) return true;
  }
  return node.config.interfaces.some((port) => port.vrf !== 0 && port.ipv4?.address === destination);
}

type Next = { readonly end: EndCell; readonly vrf: number } | 'delivered' | 'unreachable' | 'lost';

function nextEnd(world: World, node: DeviceNode, vrf: number, address: number, kind: PacketKind): Next {
  const route = lookUpRoute(world, node, vrf, address);
  if (route === undefined || route.nextHop === 'discard') return 'unreachable';
  if (route.protocol === 'connected' || route.protocol === 'ospf') return 'delivered';
  const end = node.endByRemote.get(route.nextHop);
  if (end === undefined) return 'lost';
  const rule = ruleOf(tenantOf(world, node.ref.tenant), kind.application);
  if (rule === undefined) return { end, vrf: route.originVrf };
  const live = liveEnds(node, end.tunnel.peer);
  const chosen = steer(world, live.length === 0 ? [end] : live, kind.application);
  return chosen === undefined ? 'lost' : { end: chosen, vrf: route.originVrf };
}

/** Without a breakout of its own a branch sends what is for the internet to the hub that it prefers. */
function towardsInternet(world: World, node: DeviceNode, vrf: number, kind: PacketKind): Next {
  if (node.config.role === 'hub' || vrf !== CORP_VRF) return 'unreachable';
  const peer = preferredPeer(node);
  const end = peer === undefined ? undefined : steer(world, liveEnds(node, peer), kind.application);
  return end === undefined ? 'unreachable' : { end, vrf };
}

function leaveBy(
  world: World,
  node: DeviceNode,
  vrf: number,
  service: ExternalService,
  kind: PacketKind,
  state: Travelled,
): Journey | undefined {
  const found = chooseBreakout(world, node, vrf, kind.application);
  if (found === undefined) return undefined;
  const { breakout, port } = found;
  const quality = accessQuality(world, node, breakout.color, classOf(policyOfPort(node, port), state.dscp));
  const room = roomOnPort(world, node, port);
  const there = { ...asOneWay(quality, 'there', room.out), delayMs: quality.onewayMs + service.rttMs / 2 };
  const back = { ...asOneWay(quality, 'back', room.in), delayMs: quality.backMs + service.rttMs / 2 };
  return {
    ...state,
    egress: state.egress ?? { name: port, port },
    way: joinWays(state.way, there),
    end: 'internet',
    node,
    port,
    pool: breakout.nat,
    service,
    wayBack: back,
  };
}

const asOneWay = (quality: TunnelQuality, direction: 'there' | 'back', roomBps: number): OneWay => ({
  loss: direction === 'there' ? quality.fwdLoss : quality.revLoss,
  delayMs: direction === 'there' ? quality.onewayMs : quality.backMs,
  jitterMs: quality.jitterMs,
  mtu: quality.mtu,
  mtuSilent: quality.mtuSilent,
  roomBps,
});
