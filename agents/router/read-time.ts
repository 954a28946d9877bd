/** Reads which time a question speaks of: "since monday", "in the past 24h", "yesterday", "at 09:40". */

export interface TimeRange {
  /** ISO-8601 UTC. */
  readonly from: string;
  readonly to: string;
  /** The words it was read from. */
  readonly said: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS: { readonly [unit: string]: number } = {
  m: MINUTE,
  min: MINUTE,
  mins: MINUTE,
  minute: MINUTE,
  minutes: MINUTE,
  h: HOUR,
  hr: HOUR,
  hrs: HOUR,
  hour: HOUR,
  hours: HOUR,
  d: DAY,
  day: DAY,
  days: DAY,
  w: 7 * DAY,
  wk: 7 * DAY,
  week: 7 * DAY,
  weeks: 7 * DAY,
  month: 30 * DAY,
  months: 30 * DAY,
};
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const BACK = new Set(['last', 'past', 'previous']);
/** Hours of the day, UTC, from when to when. */
const PARTS: { readonly [word: string]: readonly [number, number] } = {
  morning: [6, 12],
  afternoon: [12, 18],
  evening: [18, 22],
  night: [20, 30],
};

interface Span {
  readonly from: number;
  readonly to: number;
  readonly words: number;
}

/** `24h` or `24 h`: how many units, how long one is, how many words that took. */
function readAmount(
  words: readonly string[],
  at: number,
): { readonly length: number; readonly words: number } | undefined {
  const glued = /^(\d{1,4})([a-z]+)$/.exec(words[at] ?? '');
  const unit = glued?.[2] === undefined ? undefined : UNITS[glued[2]];
  if (glued && unit !== undefined) return { length: Number(glued[1]) * unit, words: 1 };
  const first = words[at] ?? '';
  const count = /^\d{1,4}$/.test(first) ? Number(first) : first === 'few' ? 3 : first === 'couple' ? 2 : undefined;
  const next = UNITS[words[at + 1] ?? ''];
  if (count !== undefined && next !== undefined) return { length: count * next, words: 2 };
  const alone = UNITS[first];
  return alone === undefined || first.length < 3 ? undefined : { length: alone, words: 1 };
}

function readClock(word: string, day: number, now: number): number | undefined {
  const match = /^(\d{1,2}):(\d{2})$/.exec(word);
  if (!match) return undefined;
  const at = day + Number(match[1]) * HOUR + Number(match[2]) * MINUTE;
  return at > now ? at - DAY : at;
}

function readSpan(words: readonly string[], at: number, now: number): Span | undefined {
  const word = words[at] ?? '';
  const today = Math.floor(now / DAY) * DAY;
  const next = words[at + 1] ?? '';
  const part = PARTS[next];
  if (word === 'today') return { from: today, to: now, words: 1 };
  if (word === 'yesterday') return { from: today - DAY, to: today, words: 1 };
  if (word === 'tonight') return { from: today + 18 * HOUR, to: now, words: 1 };
  if (word === 'last' && next === 'night') return { from: today - 4 * HOUR, to: today + 6 * HOUR, words: 2 };
  if (word === 'this' && part)
    return { from: today + part[0] * HOUR, to: Math.min(now, today + part[1] * HOUR), words: 2 };
  if (word === 'this' && next === 'week') {
    const monday = today - ((new Date(now).getUTCDay() + 6) % 7) * DAY;
    return { from: monday, to: now, words: 2 };
  }
  if (word === 'this' && next === 'month')
    return { from: today - (new Date(now).getUTCDate() - 1) * DAY, to: now, words: 2 };
  if (BACK.has(word)) {
    const amount = readAmount(words, at + 1);
    return amount && { from: now - amount.length, to: now, words: 1 + amount.words };
  }
  if (word === 'since' || word === 'after' || word === 'at' || word === 'around') {
    const weekday = WEEKDAYS.indexOf(next);
    if (weekday >= 0) return { from: today - ((new Date(now).getUTCDay() - weekday + 7) % 7) * DAY, to: now, words: 2 };
    const clock = readClock(next, today, now);
    if (clock !== undefined)
      return word === 'since' || word === 'after'
        ? { from: clock, to: now, words: 2 }
        : { from: clock - HOUR / 4, to: Math.min(now, clock + HOUR / 4), words: 2 };
    return undefined;
  }
  const amount = /\d/.test(word) ? readAmount(words, at) : undefined;
  if (amount && words[at + amount.words] === 'ago')
    return { from: now - amount.length, to: now, words: amount.words + 1 };
  return undefined;
}

/** The first time named; `now` is epoch milliseconds. The words are as `toWords` cut them. */
export function readTime(
  words: readonly string[],
  now: number,
): { readonly range: TimeRange; readonly at: number; readonly words: number } | undefined {
  for (let at = 0; at < words.length; at += 1) {
    const span = readSpan(words, at, now);
    if (span === undefined) continue;
    const range = {
      from: new Date(Math.min(span.from, span.to)).toISOString(),
      to: new Date(span.to).toISOString(),
      said: words.slice(at, at + span.words).join(' '),
    };
    return { range, at, words: span.words };
  }
  return undefined;
}
