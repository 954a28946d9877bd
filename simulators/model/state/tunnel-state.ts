/** What a device says about its tunnels, and how its applications fare on them. */
import type { Color } from '../../../protocols/device/config.ts';
import { tunnelId } from '../../../protocols/device/names.ts';
import type { SlaFailures, TunnelState } from '../../../protocols/device/state.ts';
import { readDrops, readRekeys } from '../layers/ike.ts';
import { isPresent } from '../layers/port.ts';
import { classesMet, lastPoll, readFailures, USUAL } from '../layers/sla.ts';
import { bfdDiagnostic, ipsecState, tunnelPasses } from '../layers/tunnel.ts';
import { readMeter } from '../meters.ts';
import { noise } from '../seeded-noise.ts';
import { meterKeys } from '../traffic/count-traffic.ts';
import { tunnelQuality } from '../traffic/quality.ts';
import { policiesOf } from '../traffic/steering.ts';
import { type DeviceNode, type EndCell, type Measure, portOfColor, tenantOf, type World } from '../world.ts';

/** Noise changes once a minute, so that two readings in a row agree. */
const minute = (world: World): number => Math.floor(world.now / 60_000);

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** Tunnels at ports that are there; last-resort ones only while they are built. */
export const readTunnels = (world: World, node: DeviceNode): readonly TunnelState[] =>
  [...node.ends.values()]
    .filter((end) => end.value !== 'dormant' && isPresent(world, portOfColor(node, end.tunnel.color)))
    .map((end) => readTunnel(world, end));

/** What probes of an end meet now: the path, and a little that changes from minute to minute. */
interface Now extends Measure {
  readonly fwdLoss: number;
  readonly revLoss: number;
}
const NOTHING_PASSES: Now = { lossPct: 100, latencyMs: 0, jitterMs: 0, fwdLoss: 1, revLoss: 1 };

function measureNow(world: World, end: EndCell): Now {
  if (end.value !== 'up' || !tunnelPasses(world, end)) return NOTHING_PASSES;
  const { fwdLoss, revLoss, onewayMs, backMs, jitterMs } = tunnelQuality(world, end, 'control');
  const wobble = (what: string): number => noise(world.seed, what, end.link.key, minute(world));
  const loss = (share: number, way: string): number =>
    Math.min(1, share * (0.85 + 0.3 * wobble(way)) + 0.0009 * wobble(`usual ${way}`));
  const [there, back] = [loss(fwdLoss, `there ${end.node.key}`), loss(revLoss, `back ${end.node.key}`)];
  return {
    lossPct: round(100 * back, 2),
    latencyMs: round(onewayMs + backMs + 2 * wobble('latency'), 1),
    jitterMs: round(Math.hypot(jitterMs * (0.8 + 0.4 * wobble('jitter')), 0.5 + 2 * wobble('usual jitter')), 1),
    fwdLoss: round(there, 4),
    revLoss: round(back, 4),
  };
}

/** The last whole poll, with the noise that a mean over some hundred probes still has. */
function readPoll(world: World, end: EndCell): TunnelState['poll'] {
  const { at, lossPct, latencyMs, jitterMs } = lastPoll(world, end);
  if (end.value !== 'up') return { at, lossPct: 100, latencyMs: 0, jitterMs: 0 };
  const spread = (value: number, what: string): number =>
    value * (0.95 + 0.1 * noise(world.seed, 'poll', what, end.link.key, at));
  return {
    at,
    lossPct: round(spread(lossPct, 'loss'), 2),
    latencyMs: round(latencyMs - USUAL.latencyMs + spread(USUAL.latencyMs, 'latency'), 1),
    jitterMs: round(spread(jitterMs, 'jitter'), 1),
  };
}

/**
 * Quality of experience, 0–10, as an own stand-in for the vendor's unpublished score: ten less what loss takes (all at
 * 20 %), scaled down by delay beyond 150 ms (ITU-T G.114) and jitter beyond 30 ms (the voice class).
 */
function experience({ lossPct, latencyMs, jitterMs }: Measure): number {
  const kept = Math.max(0, 1 - lossPct / 20);
  const score = 10 * kept * Math.min(1, 300 / Math.max(1, latencyMs)) * Math.min(1, 30 / Math.max(1, jitterMs));
  return lossPct >= 100 ? 0 : round(score, 1);
}

function readCorrection(world: World, { node, name }: EndCell): TunnelState['fec'] {
  const keys = meterKeys(name);
  return {
    sent: readMeter(world, node, keys.fecSent),
    received: readMeter(world, node, keys.fecReceived),
    rebuilt: readMeter(world, node, keys.fecRebuilt),
  };
}

function readTunnel(world: World, end: EndCell): TunnelState {
  const { color, peer, peerColor } = end.tunnel;
  const bfd = end.node.config.bfd.find((one) => one.color === color);
  const poll = readPoll(world, end);
  return {
    tunnel: tunnelId(end.node.ref.device, color, peer, peerColor),
    interface: portOfColor(end.node, color)?.name ?? '',
    color,
    peer,
    peerColor,
    bfd: end.value === 'up' ? 'up' : 'down',
    bfdDiagnostic: bfdDiagnostic(world, end),
    bfdTransitions: end.transitions,
    bfdSince: end.since,
    txIntervalMs: bfd?.txIntervalMs ?? 0,
    multiplier: bfd?.multiplier ?? 0,
    ipsec: ipsecState(world, end),
    ...measureNow(world, end),
    poll,
    vqoe: experience(poll),
    fec: readCorrection(world, end),
    rekeys: readRekeys(world, end),
    disconnects: end.disconnects,
    ...readDrops(world, end),
    slaClasses: classesMet(world, end),
  };
}

/** Every application that the director has a rule for, on every colour of this device that the rule names. */
export function readSlaFailures(world: World, node: DeviceNode): readonly SlaFailures[] {
  const colors = new Set<Color>([...node.ends.values()].map((end) => end.tunnel.color));
  return policiesOf(tenantOf(world, node.ref.tenant)).appRoutes.flatMap((rule) =>
    rule.colors
      .filter((color) => colors.has(color))
      .map((color) => ({
        application: rule.application,
        class: rule.slaClass,
        color,
        failures: readFailures(world, node, rule.application, color),
      })),
  );
}
