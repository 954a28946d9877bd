/** Takes out of a probe's answer what the probe itself said: its reply names what was probed, and that is no text of others. */
import type { Evidence, Json } from '../contract.ts';

/**
 * The records, without the words that are made of whole parameters of `input`, as `10.1.1.1:443` and `large` are. A
 * parameter that text of others flowed into was found when the probe was asked for, and the record in which that text
 * stands is remembered as it was.
 */
export function withoutOwnWords(
  evidence: readonly Evidence[],
  input: { readonly [key: string]: Json },
): readonly Evidence[] {
  const own = new Set(leavesOf(input).filter((leaf) => leaf !== ''));
  const strip = (value: string): string =>
    value
      .split(/(\s+)/u)
      .filter((word) => !word.split(':').every((part) => own.has(part)))
      .join('');
  return evidence.map((one) => (typeof one.value === 'string' ? { ...one, value: strip(one.value) } : one));
}

function leavesOf(value: Json): readonly string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.values(value).flatMap((one: Json) => leavesOf(one));
}
