/** What a device says about its tunnels, and how its applications fare on them. */
import { tunnelId } from '../../../protocols/device/names.ts';
import type { SlaFailures, TunnelState } from '../../../protocols/device/state.ts';
import { bfdDiagnostic, ipsecState, tunnelDelay } from '../layers/tunnel.ts';
import { noise } from '../seeded-noise.ts';
import type { DeviceNode, EndCell, World } from '../world.ts';

/** Noise changes once a minute, so that two readings in a row agree. */
const minute = (world: World): number => Math.floor(world.now / 60_000);

export const readTunnels = (world: World, node: DeviceNode): readonly TunnelState[] =>
  [...node.ends.values()].filter((end) => end.value !== 'dormant').map((end) => readTunnel(world, end));

function readTunnel(world: World, end: EndCell): TunnelState {
  const { color, peer, peerColor } = end.tunnel;
  const { device } = end.node.ref;
  const bfd = end.node.config.bfd.find((one) => one.color === color);
  const port = end.node.config.interfaces.find((one) => one.color === color);
  const up = end.value === 'up';
  const wobble = (what: string): number => noise(world.seed, what, end.link.key, minute(world));
  const lossPct = up ? Math.floor(10 * wobble('loss')) / 100 : 100;
  const latencyMs = up ? 2 * tunnelDelay(end) + Math.round(20 * wobble('latency')) / 10 : 0;
  const jitterMs = up ? Math.round(5 + 20 * wobble('jitter')) / 10 : 0;
  return {
    tunnel: tunnelId(device, color, peer, peerColor),
    interface: port?.name ?? '',
    color,
    peer,
    peerColor,
    bfd: up ? 'up' : 'down',
    bfdDiagnostic: bfdDiagnostic(world, end),
    bfdTransitions: end.transitions,
    bfdSince: end.since,
    txIntervalMs: bfd?.txIntervalMs ?? 0,
    multiplier: bfd?.multiplier ?? 0,
    ipsec: ipsecState(world, end),
    lossPct,
    latencyMs,
    jitterMs,
    poll: { at: world.now, lossPct, latencyMs, jitterMs },
    vqoe: up ? 10 : 0,
    fwdLoss: lossPct / 100,
    revLoss: lossPct / 100,
    fec: { sent: 0, received: 0, rebuilt: 0 },
    rekeys: 0,
    disconnects: 0,
    replayDrops: 0,
    authDrops: 0,
    noSaDrops: 0,
    slaClasses: up ? ['voice', 'video', 'critical', 'bulk'] : [],
  };
}

export const readSlaFailures = (_world: World, _node: DeviceNode): readonly SlaFailures[] => [];
