/** Variables as an SNMP manager shows them. */
import type { MibRow, MibValue } from './mib.ts';

export interface Varbind {
  readonly oid: string;
  readonly type: MibValue['type'];
  /** Octet strings are text, or `0x…` when not printable; 64-bit counters are decimal text. */
  readonly value: number | string;
}

/** The text of an octet string; `0x…` when it is not printable UTF-8, or could be taken for such hexadecimal. */
export function showOctets(value: string | Uint8Array): string {
  const octets =
    typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.length);
  const text = octets.toString('utf8');
  if (/^(?!0x)[ -~]*$/.test(text)) return text; // most are, and this looks at them once
  const printable = /^(?!0x)[^\p{Cc}\p{Cs}\ufffd]*$/u.test(text.replace(/[\t\r\n]/g, ''));
  return printable ? text : `0x${octets.toString('hex')}`;
}

export function toVarbind({ oid: name, value: { type, value } }: MibRow): Varbind {
  const oid = name.join('.');
  if (type === 'oid') return { oid, type, value: value.join('.') };
  if (type === 'counter64') return { oid, type, value: String(value) };
  return type === 'string' ? { oid, type, value: showOctets(value) } : { oid, type, value };
}
