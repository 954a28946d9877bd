/** How many processes hold the ports of the simulated devices: the simulators' own, or more where it may not open so many files. */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type ForkedDoors, forkDoors, spreadDoors } from '../../simulators/doors/forked-doors.ts';

/** Open files of a device: one port for NETCONF and one for SNMP. */
const FILES = 2;
/** What a process has open itself, and sessions for which there must be room. */
const SPARE = 200;
const ENTRY = fileURLToPath(new URL('../processes/doors.js', import.meta.url));

/** Processes of their own for the ports; undefined when the present one may open them all. */
export function doorsFor(devices: number, onLost: () => void): ForkedDoors | undefined {
  const count = processesFor(devices, openFilesAllowed());
  return count === 0 ? undefined : spreadDoors(Array.from({ length: count }, () => forkDoors(ENTRY, onLost)));
}

/** 0: none but the present one. With two files a device the ports are spread evenly. */
export function processesFor(devices: number, allowed: number): number {
  if (FILES * devices + SPARE <= allowed) return 0;
  return Math.ceil((FILES * devices) / Math.max(1, allowed - SPARE));
}

const openFiles = z.looseObject({
  userLimits: z.looseObject({ open_files: z.looseObject({ soft: z.union([z.number(), z.literal('unlimited')]) }) }),
});

function openFilesAllowed(): number {
  const report: unknown = process.report.getReport();
  const allowed = openFiles.safeParse(report).data?.userLimits.open_files.soft;
  return typeof allowed === 'number' ? allowed : Number.POSITIVE_INFINITY;
}
