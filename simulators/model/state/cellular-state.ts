/** What a device says about its cellular modems: service, signal, and the volume of the billing month. */
import type { CellularState } from '../../../protocols/device/state.ts';
import { isPresent, portPlace } from '../layers/port.ts';
import { noise } from '../seeded-noise.ts';
import { type DeviceNode, holds, type PortCell, powered, type World } from '../world.ts';

/** Volume of a plan: 5 GB a month, a common size for a backup line. */
const QUOTA_BYTES = 5_000_000_000;
/** Keepalives of the modem and of a line that waits, bytes a second. */
const IDLE_RATE = 300;
const NO_SIGNAL_DBM = -120;

/** Modems that are there; nothing is heard from a device without power. */
export const readCellular = (world: World, node: DeviceNode): readonly CellularState[] =>
  node.config.interfaces.flatMap((one) => {
    const port = node.ports.get(one.name);
    return one.color === 'lte' && port !== undefined && isPresent(world, port) ? [readModem(world, node, port)] : [];
  });

function readModem(world: World, node: DeviceNode, port: PortCell): CellularState {
  const working = powered(world, node) && port.value === 'up';
  const heard = working && !holds(world, 'provider-outage', node.circuits.get(port.name)?.provider ?? '');
  const registered = heard && !holds(world, 'lte-detached', portPlace(port));
  const signalDbm = heard ? -68 - Math.floor(8 * noise(world.seed, 'signal', node.key)) : NO_SIGNAL_DBM;
  const used = holds(world, 'lte-quota-used', portPlace(port)) ? QUOTA_BYTES : 0;
  return {
    interface: port.name,
    registered,
    attached: registered,
    signalDbm,
    monthBytes: used + Math.floor((IDLE_RATE * (world.now - startOfMonth(world.now))) / 1000),
  };
}

/** Bills begin on the first of the month, 00:00 UTC. */
function startOfMonth(at: number): number {
  const day = new Date(at);
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1);
}
