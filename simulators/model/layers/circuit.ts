/** What an access circuit does to packets, physically: whether it carries, what it loses, delays and lets through. */
import type { Color } from '../../../protocols/device/config.ts';
import type { Condition } from '../condition.ts';
import { type DeviceNode, portOfColor, type World } from '../world.ts';
import { circuitCarries, interfaceOf, overlayCarries, portPlace } from './port.ts';

export interface CircuitQuality {
  readonly carries: boolean;
  /** The overlay's own packets too. */
  readonly overlayCarries: boolean;
  /** Loss towards the device and away from it, 0–1. */
  readonly lossIn: number;
  readonly lossOut: number;
  /** One way. */
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly capacityBps: number;
  readonly mtu: number;
  /** Larger packets vanish without an answer. */
  readonly mtuSilent: boolean;
}

/** A quality that is still being put together. */
type Draft = { -readonly [Key in keyof CircuitQuality]: CircuitQuality[Key] };

const DEFAULT_MTU = 1500;
const HOUR_MS = 3_600_000;

/** True in those hours of the local day; the reference network lives in UTC. */
const isWithin = (at: number, hours: readonly [number, number] | undefined): boolean => {
  if (hours === undefined) return true;
  const hour = Math.floor(at / HOUR_MS) % 24;
  return hour >= hours[0] && hour < hours[1];
};

const alsoLost = (before: number, share: number): number => 1 - (1 - before) * (1 - share);

/** One condition at the port, at the circuit or at its provider, taken into account. */
function suffer(draft: Draft, condition: Condition, at: number): void {
  switch (condition.kind) {
    case 'corruption':
      draft.lossIn = alsoLost(draft.lossIn, condition.share);
      draft.lossOut = alsoLost(draft.lossOut, condition.share);
      return;
    case 'silent-loss':
      draft.lossOut = alsoLost(draft.lossOut, condition.share);
      return;
    case 'circuit-loss':
      if (condition.direction !== 'out') draft.lossIn = alsoLost(draft.lossIn, condition.share);
      if (condition.direction !== 'in') draft.lossOut = alsoLost(draft.lossOut, condition.share);
      return;
    case 'provider-brownout':
      // A packet crosses the provider once: it is lost where it leaves the core, and delayed by half at each edge of it.
      draft.lossIn = alsoLost(draft.lossIn, condition.share);
      draft.delayMs += condition.delayMs / 2;
      return;
    case 'circuit-delay':
      draft.delayMs += condition.delayMs;
      return;
    case 'circuit-jitter':
      if (isWithin(at, condition.hours)) draft.jitterMs = Math.hypot(draft.jitterMs, condition.jitterMs);
      return;
    case 'circuit-shaped':
    case 'lte-quota-used':
      draft.capacityBps = Math.min(draft.capacityBps, condition.bps);
      return;
    case 'circuit-mtu':
      if (condition.mtu < draft.mtu) {
        draft.mtu = condition.mtu;
        draft.mtuSilent = condition.silent;
      }
      return;
    default:
  }
}

/** The access circuit of this colour now; a colour that the device does not have carries nothing. */
export function circuitQuality(world: World, node: DeviceNode, color: Color): CircuitQuality {
  const port = portOfColor(node, color);
  const circuit = port && node.circuits.get(port.name);
  const draft: Draft = {
    carries: circuitCarries(world, node, color),
    overlayCarries: overlayCarries(world, node, color),
    lossIn: 0,
    lossOut: 0,
    delayMs: circuit?.onewayMs ?? 0,
    jitterMs: 0,
    capacityBps: circuit?.capacityBps ?? 0,
    mtu: (port && interfaceOf(port)?.mtu) ?? DEFAULT_MTU,
    mtuSilent: false,
  };
  if (port === undefined || circuit === undefined) return draft;
  for (const place of [portPlace(port), circuit.provider]) {
    for (const condition of world.conditionsAt.get(place) ?? []) suffer(draft, condition, world.now);
  }
  return draft;
}
