/**
 * A processor with more work than time: it forwards late, and now and then it stalls for longer than BFD waits, so that
 * tunnels flap although every circuit is fine.
 */
import { noise } from '../seeded-noise.ts';
import { isSaturated } from '../traffic/processor.ts';
import { type DeviceNode, type ProcessorCell, powered, touch, touchLink } from '../world.ts';
import type { Layer } from './layer.ts';

/** Longer than the usual detection time of BFD (seven hellos a second apart). */
const STALL_MS = 9_000;
/** Between stalls: three to fifteen minutes. */
const LEAST_GAP_MS = 180_000;
const MORE_GAP_MS = 720_000;

export const processorLayer: Layer<ProcessorCell> = {
  target(world, cell) {
    if (!powered(world, cell.node) || !isSaturated(cell.node.config)) return { value: 'steady', delayMs: 0 };
    if (cell.value === 'steady') return { value: 'strained', delayMs: 0 };
    if (cell.value === 'stalled') return { value: 'strained', delayMs: STALL_MS };
    const gap = LEAST_GAP_MS + MORE_GAP_MS * noise(world.seed, 'stall', cell.node.key, cell.since);
    return { value: 'stalled', delayMs: Math.round(gap) };
  },

  changed(world, cell, from) {
    if (cell.value === 'stalled' || from === 'stalled') {
      for (const end of cell.node.ends.values()) touchLink(world, end.link);
    }
    // The next stall, or the end of this one.
    if (cell.value !== 'steady') touch(world, cell);
  },
};

/** True while the device does nothing in time. */
export const isStalled = (node: DeviceNode): boolean => {
  for (const cell of node.processors.values()) if (cell.value === 'stalled') return true;
  return false;
};
