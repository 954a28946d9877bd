/** Alarms that a device raises about its WAN ports: the bandwidth is used up, or a cloud service behind answers badly. */
import { interfaceName } from '../../../protocols/device/names.ts';
import { cloudScore } from '../traffic/application-score.ts';
import { portLimit } from '../traffic/count-traffic.ts';
import { loadOf, sumOf } from '../traffic/load.ts';
import { type AlarmCell, announce, type DeviceNode, powered, touch, type World } from '../world.ts';
import type { Layer } from './layer.ts';

/** Share of the contract from which bandwidth counts as used up, and below which the alarm is withdrawn. */
const FULL = 0.85;
const RELIEVED = 0.75;
/** Device statistics are looked at once a minute; a gateway is probed for two before it is believed. */
const NOTICED_MS: Readonly<Record<AlarmCell['about'], number>> = { bandwidth: 60_000, cloud: 120_000 };
/** Score of a cloud service, 0–100, below which it counts as bad, and from which as good again. */
const BAD_SCORE = 50;
const GOOD_SCORE = 60;

function utilisation(world: World, { node, port }: AlarmCell): number {
  const load = loadOf(world, node).ports.get(port);
  const contract = node.circuits.get(port)?.capacityBps ?? 0;
  if (load === undefined || contract === 0) return 0;
  return Math.min(Math.max(sumOf(load.in, 'bps'), sumOf(load.out, 'bps')), portLimit(world, node, port)) / contract;
}

function isRaised(world: World, cell: AlarmCell): boolean {
  if (!powered(world, cell.node) || cell.node.ports.get(cell.port)?.value !== 'up') return false;
  const was = cell.value === 'raised';
  if (cell.about === 'bandwidth') return utilisation(world, cell) >= (was ? RELIEVED : FULL);
  const score = cloudScore(world, cell.node, cell.port);
  return score !== undefined && score < (was ? GOOD_SCORE : BAD_SCORE);
}

export const alarmLayer: Layer<AlarmCell> = {
  target: (world, cell) => ({
    value: isRaised(world, cell) ? 'raised' : 'quiet',
    delayMs: NOTICED_MS[cell.about],
  }),

  changed(world, { node, port, about, value }) {
    const bandwidth = about === 'bandwidth';
    const word = value === 'raised' ? (bandwidth ? 'above' : 'below') : 'back to normal:';
    announce(world, node, {
      name: bandwidth ? 'trap.interface_bw' : 'trap.cloudexpress_score',
      resource: interfaceName(node.ref.device, port),
      severity: value === 'raised' ? 'minor' : 'cleared',
      detail: bandwidth
        ? `${port} utilisation ${word} ${100 * FULL} percent of the contract`
        : `cloud score by ${port} ${word} ${BAD_SCORE}`,
    });
  },
};

/** Marks the alarms of a device: call it when its traffic or what carries it may have changed. */
export function touchAlarms(world: World, node: DeviceNode): void {
  for (const cell of node.alarms.values()) touch(world, cell);
}
