/** A cron line is refused when it is written, not when its time should have come. */
import { describe, expect, it } from 'vitest';
import { wantedSchedule } from '../../../broker/identity/schedules.ts';
import { whyNeverDue } from '../../../broker/schedules/cron-line.ts';

describe('a cron line', () => {
  it.each([
    '0 3 * * *',
    '*/15 * * * *',
    '5,10,50-59 0-23/2 1,15 1-12 1-5',
    '10/20 4 * * 7',
    '0 0 29 2 *',
    '0 0 31 2 1',
    '0 0 31 2,3 *',
  ])('%s comes due', (line) => {
    expect(whyNeverDue(line)).toBeUndefined();
  });

  it.each([
    ['61 * * * *', '61 is no minute: give 0 to 59'],
    ['0 24 * * *', '24 is no hour'],
    ['0 0 0 * *', '0 is no day of the month'],
    ['0 0 * 13 *', '13 is no month'],
    ['0 0 * * 8', '8 is no day of the week'],
    ['30-10 * * * *', '30-10 is no minute'],
    ['*/0 * * * *', '*/0 is no minute'],
    ['*/90 * * * *', '*/90 is no minute'],
    ['1,,2 * * * *', '1,,2 is no minute'],
    ['1-2-3 * * * *', '1-2-3 is no minute'],
    ['10,* * * * *', '10,* is no minute'],
    ['0 0 31 2 *', 'no month of 2 has a day 31'],
    ['0 0 31 4,6,9 *', 'no month of 4,6,9 has a day 31'],
    ['0 3 * *', 'five fields'],
  ])('%s is refused: %s', (line, why) => {
    expect(whyNeverDue(line)).toContain(why);
    const wanted = { agent: 'health-monitor', title: 'sweep', when: { cron: line } };
    expect(wantedSchedule.safeParse(wanted).success).toBe(false);
  });
});
