/** A change on devices that turn bad: the short form of `npm run faults`, the cells in which a careless transaction would lie. */
import { describe, expect, it } from 'vitest';
import { type Case, runCase } from '../../faults/lab.ts';

const CASES: readonly (readonly [Case['persona'], Case['step'], Case['line'], string])[] = [
  ['none', 'confirm', 'kept', 'succeeded'],
  ['none', 'confirm', 'lost before', 'reverted'],
  ['none', 'confirm', 'lost after', 'succeeded'],
  ['none', 'commit-confirmed', 'lost after', 'reverted'],
  // The confirmation is taken with an ok, and lapses all the same.
  ['ok-and-nothing', 'confirm', 'kept', 'reverted'],
  // Cancel and inverse are taken with an ok, and the change stays.
  ['ok-and-nothing', 'read-back', 'lost before', 'unknown'],
  ['loses-candidate', 'commit-confirmed', 'kept', 'reverted'],
  ['reboots-during-commit', 'commit-confirmed', 'kept', 'reverted'],
  ['no-rollback-while-locked', 'verify', 'kept, checks fail', 'reverted'],
  ['wrong-host-key', 'read-back', 'kept', 'unknown'],
  ['hung', 'commit-confirmed', 'kept', 'unknown'],
  ['truncated-chunk', 'edit', 'kept', 'failed'],
  ['warns', 'edit', 'kept', 'succeeded'],
];

describe('a change on a device that turns bad', () => {
  it.each(CASES)('%s at %s, connection %s: %s, and so it is', async (persona, step, line, outcome) => {
    const cell = await runCase({ persona, step, line });
    expect(cell.lies, cell.detail).toEqual([]);
    expect(cell.outcome).toBe(outcome);
  });

  it.each([
    ['none', 'confirm', 'kept', 'last', 'succeeded'],
    // The other device holds the change by then, and gives it back.
    ['truncated-chunk', 'edit', 'kept', 'last', 'failed'],
    ['loses-candidate', 'commit-confirmed', 'kept', 'last', 'reverted'],
    // The canary is the only device that was touched.
    ['loses-candidate', 'commit-confirmed', 'kept', 'canary', 'reverted'],
    // Both took the change, and one lets it lapse though it said ok to the confirmation.
    ['ok-and-nothing', 'confirm', 'kept', 'last', 'reverted'],
  ] as const)(
    '%s at %s, connection %s, the %s of two: %s, and both are so',
    async (persona, step, line, part, outcome) => {
      const cell = await runCase({ persona, step, line, part });
      expect(cell.lies, cell.detail).toEqual([]);
      expect(cell.outcome).toBe(outcome);
    },
  );

  it.each([
    ['candidate', 'none', 'verify', 'kept', 'succeeded'],
    // Nothing goes away by itself there: the inverse edit takes back what has no verdict.
    ['candidate', 'none', 'commit-confirmed', 'lost after', 'reverted'],
    ['candidate', 'loses-candidate', 'commit-confirmed', 'kept', 'reverted'],
    ['candidate', 'reboots-during-commit', 'commit-confirmed', 'kept', 'reverted'],
    ['candidate', 'ok-and-nothing', 'read-back', 'lost after', 'unknown'],
    ['running', 'none', 'verify', 'kept', 'succeeded'],
    ['running', 'none', 'edit', 'lost after', 'reverted'],
    ['running', 'none', 'verify', 'kept, checks fail', 'reverted'],
    ['running', 'reboots-during-commit', 'edit', 'kept', 'reverted'],
    ['running', 'hung', 'edit', 'kept', 'unknown'],
  ] as const)('on the rung %s: %s at %s, connection %s: %s', async (ladder, persona, step, line, outcome) => {
    const cell = await runCase({ ladder, persona, step, line });
    expect(cell.lies, cell.detail).toEqual([]);
    expect(cell.outcome).toBe(outcome);
    if (outcome === 'unknown') expect(cell.resolved).toBe('reverted');
  });

  it('says ROLLBACK_FAILED when neither the device nor the inverse edit takes the change back', async () => {
    expect(await runCase({ persona: 'ok-and-nothing', step: 'read-back', line: 'lost before' })).toMatchObject({
      code: 'ROLLBACK_FAILED',
      resolved: 'reverted',
    });
  });
});
