/**
 * The part of BER that SNMP uses (RFC 3417 §8, X.690): definite lengths, one-octet tags, primitive strings.
 * Nothing here recurses: every grammar is read element by element, so nesting cannot be deeper than the grammar.
 */

/** Largest UDP payload over IPv4; nothing longer is decoded. */
export const MAX_BYTES = 65_507;
/** RFC 3416 §4.1 note, RFC 2578 §3.5: at most 128 sub-identifiers. */
const MAX_SUB_IDENTIFIERS = 128;
const MAX_SUB_IDENTIFIER = 0xffff_ffff;

export const TAG = { integer: 0x02, octets: 0x04, null: 0x05, oid: 0x06, sequence: 0x30 } as const;

/** The bytes are not what the grammar says; the message never repeats them. */
export class BerError extends Error {
  override readonly name = 'BerError';
}

/** An object identifier; every sub-identifier is an unsigned 32-bit number. */
export type Oid = readonly number[];

export function encodeTlv(tag: number, ...contents: readonly ArrayLike<number>[]): Buffer {
  let size = 0;
  for (const each of contents) size += each.length;
  if (size > MAX_BYTES) throw new BerError('too long');
  let at = headBytes(size);
  const bytes = Buffer.allocUnsafe(at + size);
  bytes[0] = tag;
  if (at === 2) bytes[1] = size;
  else if (at === 3) bytes.writeUInt16BE(0x8100 | size, 1);
  else bytes.writeUIntBE(0x82_0000 | size, 1, 3);
  for (const each of contents) {
    bytes.set(each, at);
    at += each.length;
  }
  return bytes;
}

/** Octets of tag and length before so much content. */
export const headBytes = (size: number): number => (size < 0x80 ? 2 : size < 0x100 ? 3 : 4);

/** Two's complement in as few octets as possible (X.690 §8.3). */
export function encodeInteger(value: number | bigint, tag: number = TAG.integer): Buffer {
  if (typeof value === 'number' && value >= 0 && value <= 0x7fff_ffff) return encodeCount(value, tag);
  const octets: number[] = [];
  for (let rest = BigInt(value), first = 0; ; ) {
    first = Number(rest & 0xffn);
    octets.unshift(first);
    rest >>= 8n;
    if (rest === (first < 0x80 ? 0n : -1n)) return encodeTlv(tag, Buffer.from(octets));
  }
}

/** Most integers are such: no need of large ones to write them. */
function encodeCount(value: number, tag: number): Buffer {
  const size = value < 0x80 ? 1 : value < 0x8000 ? 2 : value < 0x80_0000 ? 3 : 4;
  const bytes = Buffer.allocUnsafe(2 + size);
  bytes[0] = tag;
  bytes[1] = size;
  bytes.writeUIntBE(value, 2, size);
  return bytes;
}

export function encodeOid(oid: Oid): Buffer {
  const [first, second, ...others] = oid;
  if (first === undefined || second === undefined || first > 2 || (first < 2 && second > 39)) {
    throw new BerError('not an object identifier');
  }
  const octets: number[] = [];
  pushSeptets(octets, first * 40 + second);
  for (const part of others) pushSeptets(octets, part);
  return encodeTlv(TAG.oid, octets);
}

/** Seven bits an octet, the high ones first; all but the last are marked (X.690 §8.19.2). */
function pushSeptets(octets: number[], part: number): void {
  let unit = 1;
  while (part >= unit * 0x80) unit *= 0x80;
  for (; unit > 1; unit /= 0x80) octets.push(0x80 | (Math.floor(part / unit) % 0x80));
  octets.push(part % 0x80);
}

export function decodeOid(content: Uint8Array): Oid {
  const parts: number[] = [];
  let part = 0;
  let open = false;
  for (const octet of content) {
    if (!open && octet === 0x80) throw new BerError('padded sub-identifier'); // X.690 §8.19.2
    part = part * 0x80 + (octet & 0x7f);
    if (part > MAX_SUB_IDENTIFIER) throw new BerError('sub-identifier above 32 bits');
    open = octet >= 0x80;
    if (open) continue;
    if (parts.length === 0) {
      const first = Math.min(2, Math.floor(part / 40));
      parts.push(first, part - first * 40);
    } else parts.push(part);
    if (parts.length > MAX_SUB_IDENTIFIERS) throw new BerError('object identifier too long');
    part = 0;
  }
  if (open || parts.length === 0) throw new BerError('object identifier is cut');
  return parts;
}

/** The content as a number between `min` and `max`, both safe integers. */
export const decodeInteger = (content: Buffer, min: number, max: number): number =>
  readInteger(content, 0, content.length, min, max);

function readInteger(bytes: Buffer, from: number, to: number, min: number, max: number): number {
  if (to - from < 1 || to - from > 5) throw new BerError('integer of a wrong size');
  const value = bytes.readIntBE(from, to - from);
  if (value < min || value > max) throw new BerError('integer out of range');
  return value;
}

/** Reads one constructed value, or a whole message, front to back; what is inside is read where it lies, not copied. */
export class BerReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  /** Where the content of the last element begins and ends. */
  #from = 0;
  #to = 0;

  constructor(bytes: Buffer, from = 0, to = bytes.length) {
    if (to - from > MAX_BYTES) throw new BerError('too long');
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
  }

  get more(): boolean {
    return this.#at < this.#end;
  }

  /** The next element. `content` is a view on the bytes, not a copy. */
  next(): { readonly tag: number; readonly content: Buffer } {
    const tag = this.#step();
    return { tag, content: this.#bytes.subarray(this.#from, this.#to) };
  }

  take(tag: number): Buffer {
    this.#demand(tag);
    return this.#bytes.subarray(this.#from, this.#to);
  }

  /** A non-negative 31-bit integer, as all numbers in message headers are (RFC 3412 §6). */
  takeCount(max = 0x7fff_ffff): number {
    return this.takeInteger(0, max);
  }

  /** An integer between `min` and `max`, both safe integers. */
  takeInteger(min: number, max: number): number {
    this.#demand(TAG.integer);
    return readInteger(this.#bytes, this.#from, this.#to, min, max);
  }

  /** A reader of the SEQUENCE that comes next. */
  enter(tag: number = TAG.sequence): BerReader {
    this.#demand(tag);
    return new BerReader(this.#bytes, this.#from, this.#to);
  }

  end(): void {
    if (this.more) throw new BerError('bytes after the end');
  }

  #demand(tag: number): void {
    if (this.#step() !== tag) throw new BerError('unexpected tag');
  }

  /** Goes over the next element and gives its tag. */
  #step(): number {
    const tag = this.#octet();
    if ((tag & 0x1f) === 0x1f) throw new BerError('tag of several octets');
    const first = this.#octet();
    let size = first;
    if (first >= 0x80) {
      const octets = first & 0x7f;
      if (octets === 0 || octets > 4) throw new BerError('indefinite or oversized length');
      size = 0;
      for (let i = 0; i < octets; i += 1) size = size * 0x100 + this.#octet();
    }
    if (size > this.#end - this.#at) throw new BerError('element is cut');
    this.#from = this.#at;
    this.#to = this.#at + size;
    this.#at = this.#to;
    return tag;
  }

  #octet(): number {
    const octet = this.#at < this.#end ? this.#bytes[this.#at] : undefined;
    if (octet === undefined) throw new BerError('element is cut');
    this.#at += 1;
    return octet;
  }
}
