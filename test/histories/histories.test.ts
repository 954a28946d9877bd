/** Some histories, other ones every day, as CI plays ten thousand: a seed that breaks a rule is printed, and plays the same again. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { KNOWN_SEEDS } from './known-seeds.ts';
import { PLANTED } from './planted.ts';
import { violationsOf } from './run.ts';

const SEEDS = 60;
const DAY_MS = 86_400_000;
const first = Number(process.env['WAYLEAVE_TEST_SEED'] ?? 1 + (Math.floor(Date.now() / DAY_MS) % (1_000 - SEEDS)));

it(`breaks no rule in ${SEEDS} histories from WAYLEAVE_TEST_SEED=${first}`, { timeout: 300_000 }, async () => {
  console.log(`WAYLEAVE_TEST_SEED=${first}`);
  for (let seed = first; seed < first + SEEDS; seed += 1)
    expect({ seed, violations: (await violationsOf(seed)).violations }).toEqual({ seed, violations: [] });
});

it('breaks none in the histories that broke one before', { timeout: 300_000 }, async () => {
  for (const { seed, was } of KNOWN_SEEDS)
    expect({ seed, was, violations: (await violationsOf(seed)).violations }).toEqual({ seed, was, violations: [] });
});

it('plays a seed the same way again', async () => {
  const [one, again] = [await violationsOf(first), await violationsOf(first)];
  expect(one.story().length).toBeGreaterThan(0);
  expect(again.story()).toEqual(one.story());
});

it.each(Object.entries(PLANTED))('can plant: %s', (_name, texts) => {
  for (const { file, find } of texts) {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    expect(text.split(find).length - 1, `${file}: ${find}`).toBe(1);
  }
});
