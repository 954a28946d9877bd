/** Figures that follow from what devices report: one pure function each, for simulators, tools and stories alike. */
import type { FirewallState, InterfaceState, NatState, SystemState } from './state.ts';

/** Memory of every device here: 4 GB, as a branch router has. */
export const MEMORY_KB = 4_000_000;

const percent = (part: number, whole: number): number => Math.round((1000 * part) / whole) / 10;

/** Percent of a line's contracted rate; more than all of it can only be a burst, and counts as all. */
export const lineUsePct = (bps: number, speedBps: number): number =>
  speedBps === 0 ? 0 : Math.min(100, percent(bps, speedBps));

/** `if.util_pct`: percent of the contracted rate in the busier direction, as RFC 2863 §3.1.6 means its counters to be used. */
export const linkUsePct = ({
  inBps,
  outBps,
  speedBps,
}: Pick<InterfaceState, 'inBps' | 'outBps' | 'speedBps'>): number => lineUsePct(Math.max(inBps, outBps), speedBps);

/** Bits a second out of two readings of an octet counter; undefined when it was reset between them or no time passed. */
export function rateOf(before: number, after: number, elapsedMs: number): number | undefined {
  return elapsedMs <= 0 || after < before ? undefined : (8000 * (after - before)) / elapsedMs;
}

/** `nat.port_use_pct`: percent of a pool's ports that translate something; an empty pool is full. */
export const poolUsePct = ({ used, size }: Pick<NatState, 'used' | 'size'>): number =>
  size === 0 ? 100 : percent(used, size);

/** `fw.session_use_pct`: percent of the firewall's session table in use. */
export const sessionUsePct = ({ sessions, maxSessions }: Pick<FirewallState, 'sessions' | 'maxSessions'>): number =>
  maxSessions === 0 ? 100 : percent(sessions, maxSessions);

/** Kilobytes of memory in use. */
export const memoryUsedKb = ({ memoryPct }: Pick<SystemState, 'memoryPct'>): number =>
  Math.round((MEMORY_KB * memoryPct) / 100);

/** `dev.mem_pct` out of what is used and what there is (hrStorageUsed and hrStorageSize, RFC 2790 §4.2). */
export const memoryPct = (used: number, total: number): number => (total === 0 ? 100 : percent(used, total));
