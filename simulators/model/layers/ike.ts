/**
 * IKE and ESP: security associations, their rekeys, and what the receiver or sender of encrypted packets throws away.
 *
 * A child SA is rekeyed before its lifetime ends (RFC 7296 §2.8); which end asks is no matter. Ends whose proposals
 * differ refuse each other's first offer, so that every rekey fails once and the tunnel is down until the next attempt.
 */
import type { TrafficClass } from '../../../protocols/device/config.ts';
import { parseAddress, parsePrefix, prefixContains } from '../address.ts';
import { readMeter } from '../meters.ts';
import { noise } from '../seeded-noise.ts';
import { applicationByName, TRAFFIC_CLASSES } from '../traffic/applications.ts';
import { siteFlows } from '../traffic/demand.ts';
import { loadOf, policyOfPort } from '../traffic/load.ts';
import { hostOfService } from '../traffic/site-hosts.ts';
import { type DeviceNode, type EndCell, farEnd, holds, portOfColor, tenantOf, type World } from '../world.ts';
import { tunnelCause } from './tunnel.ts';

/** Rekeys of the present association so far: one a lifetime. */
const rekeysSince = (world: World, end: EndCell): number =>
  Math.floor(Math.max(0, world.now - (end.keyedAt ?? end.since)) / (1000 * end.tunnel.lifetimeSeconds));

/** Rekeys since boot. */
export const readRekeys = (world: World, end: EndCell): number =>
  end.rekeysBefore + (end.value === 'up' ? rekeysSince(world, end) : 0);

/** A new association begins, or another lifetime: what was counted before stays counted. */
export function beginAssociation(world: World, end: EndCell, wasUp: boolean): void {
  if (wasUp) end.rekeysBefore += rekeysSince(world, end);
  end.keyedAt = world.now;
}

/** True when both ends offer what the other takes. */
export const proposalsFit = (end: EndCell, far: EndCell): boolean => end.tunnel.proposal === far.tunnel.proposal;

/** True when the certificate of either end ran out. */
export const hasExpired = (world: World, { link }: EndCell): boolean =>
  link.ends.some(({ node }) => holds(world, 'certificate-expired', node.key));

/** Milliseconds until the ends of a tunnel authenticate again: at the end of the shorter lifetime of their IKE SA. */
export function untilAuthentication(world: World, { link }: EndCell): number {
  const period = 1000 * Math.max(1, Math.min(...link.ends.map(({ node }) => node.config.ipsec.rekeySeconds)));
  const phase = Math.floor(period * noise(world.seed, 'authentication', link.key));
  return period - ((world.now + phase) % period);
}

/** Whether packets to this address may enter the tunnel here (traffic selectors, RFC 7296 §2.9). */
export function selectorAdmits(end: EndCell, address: number): boolean {
  const { selectors } = end.tunnel;
  if (selectors.length === 0) return true;
  return selectors.some((text) => {
    const prefix = parsePrefix(text);
    return prefix !== undefined && prefixContains(prefix, address);
  });
}

/**
 * By how many packets priority queueing behind the encryption lets others overtake, at most: more than the usual default
 * window of 64, less than the 512 and above that vendors advise where queues follow the encryption.
 */
const REORDERING = 256;
/** Share of the overtaken classes that is too late for a window of nothing. */
const LATE_SHARE = 0.08;

/**
 * Share, 0–1, of a class that the receiver throws away as replayed: what waited behind priority queues at the sender comes
 * later than its window reaches back (RFC 4303 §3.4.3). Priority classes come first and are never late.
 */
export function replayLoss(receiver: EndCell, kind: TrafficClass): number {
  const { replayWindow } = receiver.tunnel;
  const far = farEnd(receiver);
  if (far === undefined || replayWindow >= REORDERING) return 0;
  const policy = policyOfPort(far.node, portOfColor(far.node, far.tunnel.color)?.name ?? '');
  const own = policy?.classes.find((one) => one.class === kind);
  if (policy?.classes.some((one) => one.priority) !== true || own?.priority === true || kind === 'control') return 0;
  return LATE_SHARE * (1 - replayWindow / REORDERING);
}

const key = (what: 'replay' | 'auth' | 'no-sa', tunnel: string): string => `${what}|${tunnel}`;

/** Packets thrown away by a tunnel since boot: replayed, not authentic, or covered by no association. */
export const readDrops = (world: World, end: EndCell) => ({
  replayDrops: readMeter(world, end.node, key('replay', end.name)),
  authDrops: readMeter(world, end.node, key('auth', end.name)),
  noSaDrops: readMeter(world, end.node, key('no-sa', end.name)),
});

export const noSaKey = (end: EndCell): string => key('no-sa', end.name);

/** A handshake every four seconds that the other end does not accept. */
const HANDSHAKES_PER_SECOND = 0.25;
/** Attempts of a transfer that gets no answer, against the packets that it would send (RFC 6298 §5.5). */
const ATTEMPTS = 0.01;

/** Drops of all tunnels of a device; those in order cost a look. */
export function* countTunnelDrops(world: World, node: DeviceNode, at: number): Iterable<readonly [string, number]> {
  for (const end of node.ends.values()) {
    if (end.value === 'dormant') continue;
    if (end.value === 'down' && tunnelCause(world, end) === 'keys')
      yield [key('auth', end.name), HANDSHAKES_PER_SECOND];
    if (end.tunnel.replayWindow < REORDERING) {
      const load = loadOf(world, node, at).tunnels.get(end)?.in;
      const late = TRAFFIC_CLASSES.reduce(
        (sum, kind) => sum + replayLoss(end, kind) * (load?.get(kind)?.packets ?? 0),
        0,
      );
      yield [key('replay', end.name), late];
    }
    if (end.tunnel.selectors.length > 0) yield [noSaKey(end), refusedPackets(world, node, end, at)];
  }
}

/** Packets a second of this site's own applications that the selectors of a tunnel keep out. */
function refusedPackets(world: World, node: DeviceNode, end: EndCell, at: number): number {
  const tenant = tenantOf(world, node.ref.tenant);
  let sum = 0;
  for (const flow of siteFlows(world, node, at)) {
    if (flow.end !== end) continue;
    const goal = applicationByName(flow.application)?.destination;
    const host = goal !== undefined && 'service' in goal ? hostOfService(tenant, goal.service) : undefined;
    if (host === undefined || selectorAdmits(end, parseAddress(host.address))) continue;
    sum += (flow.elastic ? ATTEMPTS : 1) * (flow.upBps / (8 * flow.packetBytes));
  }
  return sum;
}
