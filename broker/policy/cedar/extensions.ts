/** The functions and methods of Cedar's extension types: how many arguments each takes and what it does with them. */
import { IpAddress, isInRange, isLoopback, isMulticast, readIpAddress } from './ip-address.ts';
import { add, divide, type Long, subtract } from './long.ts';
import {
  DAY,
  DateTime,
  Decimal,
  Duration,
  HOUR,
  MINUTE,
  readDateTime,
  readDecimal,
  readDuration,
  toDate,
  toTime,
} from './scalars.ts';
import { asString, EvaluationError, typeOf, type Value } from './value.ts';

/** The second argument is unused by functions of one. @throws EvaluationError */
export type Call = (first: Value, second: Value) => Value;

const needs = (wanted: string, value: Value): never => {
  throw new EvaluationError(`a ${wanted} is needed, not a ${typeOf(value)}`);
};
const asIp = (value: Value): IpAddress => (value instanceof IpAddress ? value : needs('ipaddr', value));
const asDecimal = (value: Value): Decimal => (value instanceof Decimal ? value : needs('decimal', value));
const asDateTime = (value: Value): DateTime => (value instanceof DateTime ? value : needs('datetime', value));
const asDuration = (value: Value): Duration => (value instanceof Duration ? value : needs('duration', value));

const onDecimals =
  (run: (left: Long, right: Long) => boolean): Call =>
  (left, right) => {
    const first = asDecimal(left);
    return run(first.amount, asDecimal(right).amount);
  };
const inUnits =
  (unit: number): Call =>
  (value) =>
    divide(asDuration(value).amount, unit);

export const EXTENSIONS: { readonly [name: string]: readonly [arity: 1 | 2, call: Call] } = {
  ip: [1, (text) => readIpAddress(asString(text))],
  isIpv4: [1, (value) => asIp(value).version === 4],
  isIpv6: [1, (value) => asIp(value).version === 6],
  isLoopback: [1, (value) => isLoopback(asIp(value))],
  isMulticast: [1, (value) => isMulticast(asIp(value))],
  isInRange: [2, (value, range) => isInRange(asIp(value), asIp(range))],
  decimal: [1, (text) => readDecimal(asString(text))],
  lessThan: [2, onDecimals((left, right) => left < right)],
  lessThanOrEqual: [2, onDecimals((left, right) => left <= right)],
  greaterThan: [2, onDecimals((left, right) => left > right)],
  greaterThanOrEqual: [2, onDecimals((left, right) => left >= right)],
  datetime: [1, (text) => readDateTime(asString(text))],
  duration: [1, (text) => readDuration(asString(text))],
  offset: [2, (time, by) => new DateTime(add(asDateTime(time).amount, asDuration(by).amount))],
  durationSince: [2, (time, since) => new Duration(subtract(asDateTime(time).amount, asDateTime(since).amount))],
  toDate: [1, (time) => toDate(asDateTime(time))],
  toTime: [1, (time) => toTime(asDateTime(time))],
  toMilliseconds: [1, (value) => asDuration(value).amount],
  toSeconds: [1, inUnits(1000)],
  toMinutes: [1, inUnits(MINUTE)],
  toHours: [1, inUnits(HOUR)],
  toDays: [1, inUnits(DAY)],
};
