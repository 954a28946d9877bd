/** The knobs of imperfect telemetry: what is written is read, what is wrong is named, and the documentation tells the same. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { KNOBS, knobsForm, parseImperfections } from '../../apps/imperfections.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import { acmeTopology, readPlain, START, startNetwork } from '../simulators/model/reference.ts';

it('has a default for each knob, and takes what is given', () => {
  const usual = parseImperfections('');
  expect(usual).toEqual(Object.fromEntries(Object.entries(KNOBS).map(([name, { preset }]) => [name, preset])));
  expect(knobsForm.parse(usual)).toEqual(usual);
  expect(parseImperfections('lost=0.02, statistics=60')).toEqual({ ...usual, lost: 0.02, statistics: 60 });
});

it.each([
  ['losst=1', /no knob "losst"; there are lost, late, /],
  ['lost=1.5', /lost is a number from 0 to 1, not "1.5"/],
  ['lost', /lost is a number from 0 to 1, not ""/],
  ['page=0', /page is a whole number from 1 to 10000, not "0"/],
  ['wait=1.5', /wait is a whole number/],
  ['clocks=-1', /clocks is a whole number/],
  ['constructor=1', /no knob "constructor"/],
])('refuses %s with the knob and what it takes', (text, says) => {
  expect(() => parseImperfections(text)).toThrow(says);
});

it('is told in docs/simulator.md with the same words', () => {
  const rows = Object.entries(KNOBS).map(([name, { preset, says }]) => `| \`${name}\` | ${preset} | ${says} |`);
  expect(readFileSync('docs/simulator.md', 'utf8')).toContain(rows.join('\n'));
});

it('lets clocks be as wrong as was asked for, and no more', () => {
  const topology = acmeTopology(4);
  const offsets = (network: ReturnType<typeof startNetwork>): readonly number[] =>
    topology.devices.map(({ device }) => Math.abs(readPlain(network, device).system.clockOffsetMs));
  const usual = offsets(startNetwork(topology));
  const wide = offsets(createNetwork({ topology, seed: 7, startAt: START, clockSpreadMs: 5_000 }));
  expect(Math.max(...usual)).toBeLessThanOrEqual(10);
  expect(Math.max(...wide)).toBeGreaterThan(10);
  expect(Math.max(...wide)).toBeLessThanOrEqual(5_000);
  expect(offsets(createNetwork({ topology, seed: 7, startAt: START, clockSpreadMs: 0 }))).toEqual(usual.map(() => 0));
});
