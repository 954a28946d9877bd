/** Reads how a device itself is back from its varbinds: uptime, load, memory, processes, environment. It is not trusted. */

import { memoryPct } from '../device/derive.ts';
import type { SystemState } from '../device/state.ts';
import { PROCESS_STATES, PROCESSES, PROCESSOR, SENSOR_STATES, SENSORS, STORAGE, SYSTEM } from './oids.ts';
import { defined, type MibValue, numberOf, readTable, stateOf, textOf } from './read-table.ts';

export interface DeviceRow {
  /** Hundredths of a second since boot. */
  readonly upTime?: number;
  readonly cpuPct?: number;
  readonly memoryPct?: number;
  readonly environment?: SystemState['environment'];
}

export interface ProcessRow {
  readonly name: string;
  readonly state?: keyof typeof PROCESS_STATES;
  readonly memoryKb?: number;
}

const COLUMNS = {
  upTime: SYSTEM.upTime,
  load: PROCESSOR.load,
  size: STORAGE.size,
  used: STORAGE.used,
  status: SENSORS.status,
} as const;

/** Figures that the device gives once: scalars and the first row of each table. */
export function readDevice(varbinds: readonly MibValue[]): DeviceRow {
  const rows = new Map(readTable(varbinds, COLUMNS).map(({ index, cell }) => [index, cell]));
  const first = rows.get('1');
  const [size, used] = [numberOf(first?.('size')), numberOf(first?.('used'))];
  const [row = {}] = defined({
    upTime: numberOf(rows.get('0')?.('upTime')),
    cpuPct: numberOf(first?.('load')),
    memoryPct: size === undefined || used === undefined || used > size ? undefined : memoryPct(used, size),
    environment: stateOf(SENSOR_STATES, first?.('status')),
  });
  return row;
}

export function readProcesses(varbinds: readonly MibValue[]): readonly ProcessRow[] {
  return readTable(varbinds, PROCESSES).flatMap(({ cell }) => {
    const name = textOf(cell('name'));
    if (name === undefined || !/^[\w.-]{1,64}$/.test(name)) return [];
    return defined({
      name,
      state: stateOf(PROCESS_STATES, cell('status')),
      memoryKb: numberOf(cell('memoryKb')),
    });
  });
}
