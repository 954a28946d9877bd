/** `wayleave scenarios`: the catalogue as a table, and refusals with a way out. */
import { describe, expect, it } from 'vitest';
import { wayleave } from './fake-io.ts';

describe('wayleave scenarios', () => {
  it('lists the incidents of the catalogue and says which have a story', async () => {
    const { exit, out } = await wayleave(['scenarios', 'list', '--json']);
    expect(exit).toBe(0);
    const { incidents } = JSON.parse(out) as {
      readonly incidents: readonly { readonly id: string; readonly demo: boolean }[];
    };
    expect(incidents).toHaveLength(35);
    expect(
      incidents
        .filter((one) => one.demo)
        .map((one) => one.id)
        .sort(),
    ).toEqual(['D03', 'O01', 'P03', 'P04', 'R01', 'R02', 'T01', 'X02']);
  });
  it('says how to get a catalogue that is missing', async () => {
    const { exit, err } = await wayleave(['scenarios', 'list', '--catalogue', '/nonexistent.json']);
    expect(exit).toBe(2);
    expect(err).toContain('CATALOGUE_MISSING');
    expect(err).toContain('--catalogue');
  });
  it('checks a story', async () => {
    expect((await wayleave(['scenarios', 'check', 'R01'])).exit).toBe(0);
    const refused = await wayleave(['scenarios', 'check', '/nonexistent.yaml']);
    expect(refused.exit).toBe(2);
    expect(refused.err).toContain('SCENARIO_INVALID');
  });
});
