/** Whether a cron line of five fields has times at all: each number in its range, and a day that some month has. Pure. */

const FIELDS = [
  ['minute', 0, 59],
  ['hour', 0, 23],
  ['day of the month', 1, 31],
  ['month', 1, 12],
  ['day of the week', 0, 7],
] as const;
/** Most days of each month, February of a leap year. */
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** What is wrong with the line, in words for who wrote it; undefined when it comes due at some time. */
export function whyNeverDue(line: string): string | undefined {
  const texts = line.split(' ');
  if (texts.length !== FIELDS.length) return 'a cron line has five fields: minute, hour, day, month, day of the week';
  const values: (readonly number[])[] = [];
  for (const [at, [name, least, most]] of FIELDS.entries()) {
    const text = texts[at] ?? '';
    const found = valuesOf(text, least, most);
    if (found === undefined) return `${text} is no ${name}: give ${least} to ${most}, as 5, 1-5, 1,3,5, * or */5`;
    values.push(found);
  }
  const [, , days = [], months = []] = values;
  // With a day of the week as well, either of the two is enough.
  const someDay = texts[4] !== '*' || months.some((month) => Math.min(...days) <= (MONTH_DAYS[month - 1] ?? 0));
  return someDay ? undefined : `no month of ${texts[3]} has a day ${texts[2]}`;
}

/** The numbers that a field stands for; undefined when it is malformed or leaves its range. */
function valuesOf(text: string, least: number, most: number): readonly number[] | undefined {
  const values: number[] = [];
  const parts = text.split(',');
  // All of them and some of them again: the queue takes that for a slip.
  if (parts.length > 1 && parts.includes('*')) return undefined;
  for (const part of parts) {
    const [, from, to, step] = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part) ?? [undefined, 'none'];
    if (from === 'none') return undefined;
    const first = from === undefined ? least : Number(from);
    // A single number with a step goes on to the end of the range.
    const last = from === undefined || (to === undefined && step !== undefined) ? most : Number(to ?? from);
    const pace = Number(step ?? 1);
    if (first < least || last > most || first > last || pace < 1 || pace > most) return undefined;
    for (let value = first; value <= last; value += pace) values.push(value);
  }
  return values;
}
