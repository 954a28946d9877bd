/** What an access circuit does to packets, physically: whether it carries, what it loses, delays and lets through. */
import type { Color } from '../../../protocols/device/config.ts';
import { type DeviceNode, portOfColor, type World } from '../world.ts';
import { circuitCarries, interfaceOf } from './port.ts';

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

export function circuitQuality(world: World, node: DeviceNode, color: Color): CircuitQuality {
  const port = portOfColor(node, color);
  const circuit = node.circuits.get(port?.name ?? '');
  const carries = circuitCarries(world, node, color);
  return {
    carries,
    overlayCarries: carries,
    lossIn: 0,
    lossOut: 0,
    delayMs: circuit?.onewayMs ?? 0,
    jitterMs: 0,
    capacityBps: circuit?.capacityBps ?? 0,
    mtu: (port && interfaceOf(port)?.mtu) ?? 1500,
    mtuSilent: false,
  };
}
