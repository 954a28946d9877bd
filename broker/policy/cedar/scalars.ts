/**
 * Cedar's extension types that are one 64-bit integer: `decimal`, `datetime`, `duration`, and how their texts are read.
 * Source: https://docs.cedarpolicy.com/policies/syntax-datatypes.html
 */
import { type Long, subtract, toLong } from './long.ts';
import { EvaluationError } from './value.ts';

abstract class Scalar {
  abstract readonly kind: 'decimal' | 'datetime' | 'duration';
  readonly amount: Long;
  constructor(amount: Long) {
    this.amount = amount;
  }
  get key(): string {
    return `x${this.kind}:${this.amount}`;
  }
}

/** Four digits after the point: `amount` counts ten-thousandths. */
export class Decimal extends Scalar {
  readonly kind = 'decimal';
}
/** `amount` counts milliseconds since 1970-01-01T00:00:00Z. */
export class DateTime extends Scalar {
  readonly kind = 'datetime';
}
/** `amount` counts milliseconds. */
export class Duration extends Scalar {
  readonly kind = 'duration';
}

const malformed = (kind: string, text: string): never => {
  throw new EvaluationError(`${JSON.stringify(text.slice(0, 40))} is not a ${kind}`);
};

/** `-?digits.digits` with one to four digits after the point. */
export function readDecimal(text: string): Decimal {
  const [, sign, whole = '', part = ''] = /^(-?)([0-9]+)\.([0-9]{1,4})$/.exec(text) ?? malformed('decimal', text);
  const size = BigInt(whole) * 10_000n + BigInt(part.padEnd(4, '0'));
  return new Decimal(toLong(sign === '-' ? -size : size));
}

const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const UNITS = [DAY, HOUR, MINUTE, SECOND, 1];

/** `1d2h3m4s5ms` with any of its parts, in this order, at least one; a `-` before all of it. */
export function readDuration(text: string): Duration {
  const pattern = /^(-?)(?=[0-9])(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?$/;
  const [, sign, ...parts] = pattern.exec(text) ?? malformed('duration', text);
  const size = UNITS.reduce((sum, unit, n) => sum + BigInt(unit) * BigInt(parts[n] ?? '0'), 0n);
  return new Duration(toLong(sign === '-' ? -size : size));
}

/** `YYYY-MM-DD`, or that with `THH:MM:SS`, optionally `.mmm`, and `Z` or an offset of `+hhmm` below 24 hours. */
export function readDateTime(text: string): DateTime {
  const pattern = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(?:Z|([+-])(\d\d)(\d\d)))?$/;
  const match = pattern.exec(text) ?? malformed('datetime', text);
  const at = (n: number): number => Number(match[n] ?? '0');
  const date = new Date(0);
  date.setUTCFullYear(at(1), at(2) - 1, at(3));
  const exists = date.getUTCMonth() === at(2) - 1 && date.getUTCDate() === at(3) && date.getUTCFullYear() === at(1);
  if (!exists || at(4) > 23 || at(5) > 59 || at(6) > 59 || at(9) > 23 || at(10) > 59) malformed('datetime', text);
  const offset = (at(9) * HOUR + at(10) * MINUTE) * (match[8] === '-' ? -1 : 1);
  return new DateTime(date.getTime() + at(4) * HOUR + at(5) * MINUTE + at(6) * SECOND + at(7) - offset);
}

/** The midnight before. @throws EvaluationError when that is out of range. */
export function toDate(time: DateTime): DateTime {
  return new DateTime(subtract(time.amount, sinceMidnight(time.amount)));
}
export const toTime = (time: DateTime): Duration => new Duration(sinceMidnight(time.amount));
function sinceMidnight(amount: Long): Long {
  const days = BigInt(amount) / BigInt(DAY) - (BigInt(amount) % BigInt(DAY) < 0n ? 1n : 0n);
  return toLong(BigInt(amount) - days * BigInt(DAY));
}
