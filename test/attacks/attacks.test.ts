/** Every attack of the catalogue is tried and refused, and every defence stands where its removal expects it. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { closeLaboratories } from './attack.ts';
import { CATALOGUE, loadAttacks } from './attacks.ts';
import { DEFENCES } from './defences.ts';

afterAll(closeLaboratories);

const ATTACKS = await loadAttacks();

describe('the list', () => {
  it('tries each case of the catalogue, once', () => {
    expect(ATTACKS.map(({ id }) => id).sort()).toEqual(CATALOGUE.map(({ id }) => id).sort());
  });

  it('names only defences that are listed, and all of them', () => {
    expect([...new Set(ATTACKS.map(({ guard }) => guard))].sort()).toEqual(Object.keys(DEFENCES).sort());
  });
});

describe('each attack is refused', () => {
  it.each(ATTACKS.map((attack) => [attack.id, attack] as const))(
    '%s',
    { timeout: 120_000 },
    async (_id, { attempt }) => {
      const outcome = await attempt();
      expect(outcome, outcome.how).toMatchObject({ refused: true });
    },
  );
});

describe('each defence can be taken out', () => {
  it.each(Object.entries(DEFENCES))('%s', (_name, { without }) => {
    for (const { file, find } of without) {
      const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
      expect(text.split(find).length - 1, `${file}: ${find}`).toBe(1);
    }
  });
});
