/** Types of leaves: how a value is written as text, and which texts are values (RFC 7950 §9). */

/** `parse` answers undefined for a text that is no value of the type. */
export interface LeafType<T> {
  print(value: T): string;
  parse(text: string): T | undefined;
}

/** Text as it is, without control characters; blanks count. */
export const printable: LeafType<string> = {
  print: (value) => value,
  parse: (text) => (/^[^\p{Cc}]{0,255}$/u.test(text) ? text : undefined),
};

/** Text of a form; blanks around it do not count. */
export function matching(form: RegExp): LeafType<string> {
  return {
    print: (value) => value,
    parse: (text) => (form.test(text.trim()) ? text.trim() : undefined),
  };
}

/** Names of devices, lists, entries and ports: one word, so that it can stand in a line of text. */
export const word = matching(/^[\w.:/+-]{1,128}$/);
const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const DOTTED = `${OCTET}(?:\\.${OCTET}){3}`;
export const ipv4Address = matching(new RegExp(`^${DOTTED}$`));
export const ipv4Prefix = matching(new RegExp(`^${DOTTED}/(?:3[0-2]|[12]?\\d)$`));
export const addressOrPrefix = matching(new RegExp(`^${DOTTED}(?:/(?:3[0-2]|[12]?\\d))?$`));
/** Curve25519 public key: 32 bytes in base64 (RFC 7748). */
export const publicKey = matching(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/);

/** Whole number of the range in canonical form (RFC 7950 §9.2). */
export function integer(least: number, most: number): LeafType<number> {
  return {
    print: String,
    parse: (text) => {
      const value = /^(?:0|-?[1-9]\d{0,15})$/.test(text.trim()) ? Number(text.trim()) : Number.NaN;
      return value >= least && value <= most ? value : undefined;
    },
  };
}

export const uint8 = integer(0, 0xff);
export const uint16 = integer(0, 0xffff);
export const uint32 = integer(0, 0xffff_ffff);
/** Counters are kept within what a double counts exactly. */
export const counter = integer(0, Number.MAX_SAFE_INTEGER);

/** Decimal number (RFC 7950 §9.3): written with as many of nine digits after the point as it needs. */
export const decimal: LeafType<number> = {
  print: (value) => value.toFixed(9).replace(/\.?0+$/, ''),
  parse: (text) => (/^-?\d{1,15}(?:\.\d{1,18})?$/.test(text.trim()) ? Number(text.trim()) : undefined),
};

/** Decimal number of the range. */
export const decimalWithin = (least: number, most: number): LeafType<number> => ({
  ...decimal,
  parse: (text) => {
    const value = decimal.parse(text);
    return value !== undefined && value >= least && value <= most ? value : undefined;
  },
});

export const boolean: LeafType<boolean> = {
  print: String,
  parse: (text) => ({ true: true, false: false })[text.trim()],
};

/** One of a closed set of words. */
export function oneOf<const Words extends readonly string[]>(...words: Words): LeafType<Words[number]> {
  return { print: (value) => value, parse: (text) => words.find((each) => each === text.trim()) };
}

/** `yang:date-and-time` (RFC 9911), as epoch milliseconds in the value. */
export const dateTime: LeafType<number> = {
  print: (value) => new Date(value).toISOString(),
  parse: (text) => {
    const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
    const value = form.test(text.trim()) ? Date.parse(text.trim()) : Number.NaN;
    return Number.isFinite(value) ? value : undefined;
  },
};
