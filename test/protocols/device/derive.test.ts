/** Derived figures follow from what is read, also at the edges. */
import { expect, it } from 'vitest';
import {
  lineUsePct,
  linkUsePct,
  MEMORY_KB,
  memoryPct,
  memoryUsedKb,
  poolUsePct,
  rateOf,
  sessionUsePct,
} from '../../../protocols/device/derive.ts';

it('a link is as full as its busier direction', () => {
  expect(linkUsePct({ inBps: 10e6, outBps: 45_050_000, speedBps: 50e6 })).toBe(90.1);
  expect(linkUsePct({ inBps: 60e6, outBps: 0, speedBps: 50e6 })).toBe(100);
  expect(lineUsePct(5, 0)).toBe(0);
});

it('a rate needs two readings in order and without a reset', () => {
  expect(rateOf(1000, 2000, 1000)).toBe(8000);
  expect(rateOf(2000, 1000, 1000)).toBeUndefined();
  expect(rateOf(1000, 2000, 0)).toBeUndefined();
});

it('pools, session tables and memory are told in percent', () => {
  expect(poolUsePct({ used: 64_000, size: 64_512 })).toBe(99.2);
  expect(poolUsePct({ used: 0, size: 0 })).toBe(100);
  expect(sessionUsePct({ sessions: 900, maxSessions: 10_000 })).toBe(9);
  expect(memoryPct(memoryUsedKb({ memoryPct: 37.5 }), MEMORY_KB)).toBe(37.5);
});
