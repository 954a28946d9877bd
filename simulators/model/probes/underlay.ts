/** Contacts outside of all tunnels: between WAN addresses, to the provider's side of a circuit, to the internet. */
import type { Color } from '../../../protocols/device/config.ts';
import { permits } from '../access-list.ts';
import { parseAddress, parsePrefix, prefixContains } from '../address.ts';
import { circuitCarries } from '../layers/port.ts';
import { tunnelPasses } from '../layers/tunnel.ts';
import { classOf, policyOfPort } from '../traffic/load.ts';
import { CLEAR_WAY, type OneWay } from '../traffic/path.ts';
import { accessQuality, roomInTunnel, roomOnPort, tunnelLeg, underlayLeg } from '../traffic/quality.ts';
import { type DeviceNode, farEnd, powered, tenantOf, type World } from '../world.ts';
import type { Ask, Contact } from './contact.ts';

const LOST: Contact = { result: 'timeout', hops: [] };
const UNREACHABLE: Contact = { result: 'unreachable', hops: [] };

/** To the far end of one of the device's own tunnels, by its overlay address; undefined when it is no such address. */
export function contactTunnelEnd(world: World, node: DeviceNode, ask: Ask): Contact | undefined {
  const end = node.endByRemote.get(ask.destination);
  if (end === undefined) return undefined;
  const far = farEnd(end);
  if (far === undefined || end.value === 'dormant' || !tunnelPasses(world, end)) return LOST;
  const kind = classOf(undefined, ask.dscp);
  return answered(
    far.node,
    ask,
    { ...tunnelLeg(world, end, far, kind), roomBps: roomInTunnel(world, end) },
    { ...tunnelLeg(world, far, end, kind), roomBps: roomInTunnel(world, far) },
  );
}

/** A device answers what its control-plane filter lets in. */
function answered(node: DeviceNode, ask: Ask, there: OneWay, back: OneWay): Contact {
  const packet = { ...ask.packet, destination: ask.destination };
  if (!permits(node.config, node.config.controlPlaneAcl, packet)) return LOST;
  const mtuSilent = there.mtuSilent || back.mtuSilent;
  return { result: 'ok', there, back, mtuSilent, hops: [node.ref.device], answerer: { kind: 'device', node } };
}

interface Exit {
  readonly port: string;
  readonly color: Color;
  readonly address: string;
  readonly subnet: string;
}

const exitsOf = (node: DeviceNode, source: string | undefined): readonly Exit[] =>
  node.config.interfaces.flatMap(({ name, color, ipv4 }) =>
    color === undefined || ipv4 === undefined || (source !== undefined && source !== name && source !== ipv4.address)
      ? []
      : [{ port: name, color, address: ipv4.address, subnet: `${ipv4.address}/${ipv4.prefixLength}` }],
  );

/** From a WAN port of the device over the underlay. */
export function contactUnderlay(world: World, node: DeviceNode, ask: Ask): Contact {
  const exits = exitsOf(node, ask.source);
  for (const exit of exits) {
    const subnet = parsePrefix(exit.subnet);
    if (subnet === undefined || !prefixContains(subnet, parseAddress(ask.destination))) continue;
    if (exit.address === ask.destination) return answered(node, ask, CLEAR_WAY, CLEAR_WAY);
    if (!circuitCarries(world, node, exit.color)) return LOST;
    return { ...overAccess(world, node, exit, ask, 0), answerer: { kind: 'provider' }, hops: ['provider'] };
  }
  const service = world.externals.get(ask.destination);
  if (service !== undefined) {
    // A private network does not reach the internet.
    const exit = exits.find((one) => one.color !== 'mpls' && circuitCarries(world, node, one.color));
    if (exit === undefined) return LOST;
    return {
      ...overAccess(world, node, exit, ask, service.rttMs),
      answerer: { kind: 'external', service },
      hops: [service.name],
    };
  }
  return contactDevice(world, node, exits, ask);
}

function overAccess(world: World, node: DeviceNode, exit: Exit, ask: Ask, rttMs: number) {
  const quality = accessQuality(world, node, exit.color, classOf(policyOfPort(node, exit.port), ask.dscp));
  const room = roomOnPort(world, node, exit.port);
  const { mtu, mtuSilent, jitterMs } = quality;
  const there = {
    loss: quality.fwdLoss,
    delayMs: quality.onewayMs + rttMs / 2,
    jitterMs,
    mtu,
    mtuSilent,
    roomBps: room.out,
  };
  const back = {
    loss: quality.revLoss,
    delayMs: quality.backMs + rttMs / 2,
    jitterMs,
    mtu,
    mtuSilent,
    roomBps: room.in,
  };
  return { result: 'ok' as const, there, back, mtuSilent };
}

/** To the WAN address of another device of the tenant. */
function contactDevice(world: World, node: DeviceNode, exits: readonly Exit[], ask: Ask): Contact {
  for (const other of tenantOf(world, node.ref.tenant).nodes) {
    const port = other.config.interfaces.find((one) => one.vrf === 0 && one.ipv4?.address === ask.destination);
    if (port === undefined) continue;
    const { color } = port;
    // Providers carry their own colour; the cellular one reaches the internet through its interconnect. Controllers
    // are behind every provider.
    const exit = exits.find(
      (one) =>
        circuitCarries(world, node, one.color) &&
        (color === undefined || one.color === color || (one.color !== 'mpls' && color !== 'mpls')),
    );
    const there =
      color === undefined ? other.ports.get(port.name)?.value === 'up' : circuitCarries(world, other, color);
    if (exit === undefined || !there || !powered(world, other)) return LOST;
    if (color === undefined) {
      const access = overAccess(world, node, exit, ask, 0);
      return answered(other, ask, access.there, access.back);
    }
    const [own, far] = [
      { node, color: exit.color },
      { node: other, color },
    ] as const;
    const kind = classOf(policyOfPort(node, exit.port), ask.dscp);
    const kindBack = classOf(policyOfPort(other, port.name), ask.dscp);
    return answered(other, ask, underlayLeg(world, own, far, kind), underlayLeg(world, far, own, kindBack));
  }
  return UNREACHABLE;
}
