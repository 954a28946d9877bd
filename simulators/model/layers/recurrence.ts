/**
 * What interrupts a tunnel again and again while nobody touches anything: rekeys that fail at first, at a strict period,
 * and bursts of delay that a hasty BFD takes for a dead path, at irregular intervals.
 */
import { tunnelName } from '../../../protocols/device/names.ts';
import { noise } from '../seeded-noise.ts';
import { BURST_GAP_MS, BURST_MS, NORMAL_DELAY_VARIATION_MS, REKEY_RETRY_MS } from '../timing.ts';
import { announce, type Link, type RecurrenceCell, touch, touchLink, type World } from '../world.ts';
import { proposalsFit } from './ike.ts';
import type { Layer } from './layer.ts';
import { detectionTime } from './tunnel.ts';

/** How long a strike lasts, and from its end to the next one. */
interface Rhythm {
  readonly reason: 'rekey' | 'late';
  readonly lastsMs: number;
  gapMs(world: World, cell: RecurrenceCell): number;
}

const [LEAST_GAP, MOST_GAP] = BURST_GAP_MS;
const BURSTS: Rhythm = {
  reason: 'late',
  lastsMs: BURST_MS,
  gapMs: (world, { link, since }) =>
    Math.round(LEAST_GAP + (MOST_GAP - LEAST_GAP) * noise(world.seed, 'burst', link.key, since)),
};
/** The end with the shorter lifetime asks (RFC 7296 §2.8). */
const REKEYS: Rhythm = {
  reason: 'rekey',
  lastsMs: REKEY_RETRY_MS,
  gapMs: (_world, { link }) =>
    Math.max(1_000, 1000 * Math.min(...link.ends.map((end) => end.tunnel.lifetimeSeconds)) - REKEY_RETRY_MS),
};

function rhythmOf({ ends }: Link): Rhythm | undefined {
  const [end, far] = ends;
  if (end === undefined || far === undefined) return undefined;
  if (!proposalsFit(end, far)) return REKEYS;
  return Math.min(detectionTime(end), detectionTime(far)) < NORMAL_DELAY_VARIATION_MS ? BURSTS : undefined;
}

export const recurrenceLayer: Layer<RecurrenceCell> = {
  target(world, cell) {
    const rhythm = rhythmOf(cell.link);
    if (rhythm === undefined) return { value: 'none', delayMs: 0 };
    if (cell.value === 'none') return { value: 'waiting', delayMs: 0 };
    if (cell.value === 'struck') return { value: 'waiting', delayMs: rhythm.lastsMs };
    return { value: 'struck', delayMs: rhythm.gapMs(world, cell) };
  },

  changed(world, cell, from) {
    // The next strike, or the end of this one.
    if (cell.value !== 'none') touch(world, cell);
    if (cell.value !== 'struck' && from !== 'struck') return;
    touchLink(world, cell.link);
    if (rhythmOf(cell.link)?.reason !== 'rekey') return;
    for (const end of cell.link.ends) {
      const { color, peer, peerColor } = end.tunnel;
      if (end.value !== 'up' && cell.value === 'struck') continue;
      if (cell.value === 'struck') {
        end.rekeysBefore += 1;
        end.keyedAt = world.now;
      }
      announce(world, end.node, {
        name: 'trap.ipsec_rekey',
        resource: tunnelName(end.node.ref.device, color, peer, peerColor),
        severity: cell.value === 'struck' ? 'minor' : 'cleared',
        detail: `${end.name} ${cell.value === 'struck' ? 'rekey failed (no proposal chosen), trying again' : 'rekeyed'}`,
      });
    }
  },
};

/** Looks whether something recurs on a link now; call it when its configuration may have changed. */
export function planRecurrence(world: World, link: Link): void {
  const recurs = rhythmOf(link) !== undefined;
  const { recurrence } = link;
  if (recurs === (recurrence !== undefined && recurrence.value !== 'none')) return;
  const [end] = link.ends;
  if (recurrence !== undefined) touch(world, recurrence);
  else if (end !== undefined) {
    link.recurrence = { kind: 'recurrence', node: end.node, name: link.key, value: 'none', since: world.now, link };
    touch(world, link.recurrence);
  }
}
