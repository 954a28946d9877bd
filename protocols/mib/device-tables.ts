/** MIB tables about the device itself: system group, processor, memory, processes, sensors. */
import { MEMORY_KB, memoryUsedKb } from '../device/derive.ts';
import { PROCESS_STATES, PROCESSES, PROCESSOR, SENSOR_STATES, SENSORS, STORAGE, STORAGE_RAM, SYSTEM } from './oids.ts';
import { gauge, identifier, integer, type MibTable, row, text, ticks } from './table.ts';

const ENTERPRISE = '1.3.6.1.4.1.41916.1';
/** sysServices: layer 3 (RFC 3418 §2: 2^(3−1)). */
const ROUTER = 4;
const ONE = [1] as const;
/** hrStorageAllocationUnits of memory, bytes. */
const PAGE = 4096;
const PAGES_A_KB = 1024 / PAGE;

export const DEVICE_TABLES: readonly MibTable[] = [
  {
    root: '1.3.6.1.2.1.1',
    rows: ({ config, section }) =>
      row(SYSTEM, [0], {
        descr: text(`Wayleave SD-WAN ${config.role} ${section('system').version}`),
        objectId: identifier(ENTERPRISE),
        upTime: ticks(section('system').uptimeMs),
        contact: text(''),
        name: text(config.hostname),
        location: text(config.site),
        services: integer(ROUTER),
      }),
  },
  {
    root: '1.3.6.1.2.1.25.2.3',
    rows: ({ section }) =>
      row(STORAGE, ONE, {
        type: identifier(STORAGE_RAM),
        descr: text('Physical memory'),
        unit: integer(PAGE),
        size: integer(MEMORY_KB * PAGES_A_KB),
        used: integer(memoryUsedKb(section('system')) * PAGES_A_KB),
      }),
  },
  {
    root: '1.3.6.1.2.1.25.3.3',
    rows: ({ section }) => row(PROCESSOR, ONE, { load: integer(section('system').cpuPct) }),
  },
  {
    root: '1.3.6.1.2.1.25.4.2',
    rows: ({ section }) =>
      section('system').processes.flatMap((process, at) =>
        row(PROCESSES, [at + 1], {
          name: text(process.name),
          status: integer(PROCESS_STATES[process.running ? 'running' : 'stopped']),
        }),
      ),
  },
  {
    root: '1.3.6.1.2.1.25.5.1',
    rows: ({ section }) =>
      section('system').processes.flatMap((process, at) =>
        row(PROCESSES, [at + 1], { memoryKb: gauge(process.memoryKb) }),
      ),
  },
  {
    root: '1.3.6.1.2.1.99.1.1',
    rows: ({ section }) => row(SENSORS, ONE, { status: integer(SENSOR_STATES[section('system').environment]) }),
  },
];
