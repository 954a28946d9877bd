/** Protocol data units and their values (RFC 3416 §3), and the scoped PDU that carries one in version 3 (RFC 3412 §6). */
import { isIPv4 } from 'node:net';
import {
  BerError,
  BerReader,
  decodeInteger,
  decodeOid,
  encodeInteger,
  encodeOid,
  encodeTlv,
  type Oid,
  TAG,
} from './ber.ts';
import type { MibValue } from './mib.ts';

const KINDS = ['get', 'get-next', 'response', 'set', 'get-bulk', 'inform', 'trap', 'report'] as const;
export type PduKind = (typeof KINDS)[number];
const PDU_TAGS: Readonly<Record<PduKind, number>> = {
  ...{ get: 0xa0, 'get-next': 0xa1, response: 0xa2, set: 0xa3 },
  ...{ 'get-bulk': 0xa5, inform: 0xa6, trap: 0xa7, report: 0xa8 },
};
const PDU_KINDS: ReadonlyMap<number, PduKind> = new Map(KINDS.map((kind) => [PDU_TAGS[kind], kind]));

/** Application types of RFC 2578 and the exceptions of RFC 3416 §3. */
const VALUE_TAGS = { ip: 0x40, counter32: 0x41, gauge32: 0x42, timeticks: 0x43, counter64: 0x46 } as const;
const EXCEPTION_TAGS = { null: TAG.null, noSuchObject: 0x80, noSuchInstance: 0x81, endOfMibView: 0x82 } as const;
const MAX_VARBINDS = 1_000;

/** RFC 3416 §3 error-status, by number. */
export const ERROR_STATUS = [
  ...['noError', 'tooBig', 'noSuchName', 'badValue', 'readOnly', 'genErr', 'noAccess', 'wrongType', 'wrongLength'],
  ...['wrongEncoding', 'wrongValue', 'noCreation', 'inconsistentValue', 'resourceUnavailable', 'commitFailed'],
  ...['undoFailed', 'authorizationError', 'notWritable', 'inconsistentName'],
] as const;

/** What stands in the place of a value when there is none; `null` is for requests. */
export interface NoValue {
  readonly type: keyof typeof EXCEPTION_TAGS;
}
export interface PduVarbind {
  readonly oid: Oid;
  readonly value: MibValue | NoValue;
}

export interface Pdu {
  readonly kind: PduKind;
  readonly requestId: number;
  /** error-status; non-repeaters in a GETBULK. */
  readonly status: number;
  /** error-index; max-repetitions in a GETBULK. */
  readonly index: number;
  readonly varbinds: readonly PduVarbind[];
}

export interface ScopedPdu {
  readonly contextEngineId: Buffer;
  readonly contextName: string;
  readonly pdu: Pdu;
}

export function encodeScopedPdu({ contextEngineId, contextName, pdu }: ScopedPdu): Buffer {
  return encodeTlv(
    TAG.sequence,
    encodeTlv(TAG.octets, contextEngineId),
    encodeTlv(TAG.octets, Buffer.from(contextName)),
    encodePdu(pdu),
  );
}

export function encodePdu(pdu: Pdu): Buffer {
  return encodeTlv(
    PDU_TAGS[pdu.kind],
    encodeInteger(pdu.requestId),
    encodeInteger(pdu.status),
    encodeInteger(pdu.index),
    encodeTlv(TAG.sequence, ...pdu.varbinds.map(encodeVarbind)),
  );
}

/** Throws `BerError` unless `bytes` are exactly one scoped PDU with values in the ranges of their types. */
export function decodeScopedPdu(bytes: Buffer): ScopedPdu {
  const whole = new BerReader(bytes);
  const scope = whole.enter();
  whole.end();
  const contextEngineId = Buffer.from(scope.take(TAG.octets));
  const contextName = scope.take(TAG.octets).toString('utf8');
  const { tag, content } = scope.next();
  scope.end();
  return { contextEngineId, contextName, pdu: decodePdu(tag, content) };
}

/** A PDU from its tag and content; throws `BerError`. */
export function decodePdu(tag: number, content: Buffer): Pdu {
  const kind = PDU_KINDS.get(tag);
  if (kind === undefined) throw new BerError('unknown kind of PDU');
  const reader = new BerReader(content);
  const requestId = reader.takeInteger(-0x8000_0000, 0x7fff_ffff);
  const status = reader.takeCount();
  const index = reader.takeCount();
  const list = reader.enter();
  reader.end();
  const varbinds: PduVarbind[] = [];
  while (list.more) {
    if (varbinds.length === MAX_VARBINDS) throw new BerError('too many varbinds');
    varbinds.push(decodeVarbind(list.enter()));
  }
  return { kind, requestId, status, index, varbinds };
}

export function encodeVarbind({ oid, value }: PduVarbind): Buffer {
  return encodeTlv(TAG.sequence, encodeOid(oid), encodeValue(value));
}

function decodeVarbind(reader: BerReader): PduVarbind {
  const oid = decodeOid(reader.take(TAG.oid));
  const { tag, content } = reader.next();
  reader.end();
  return { oid, value: decodeValue(tag, content) };
}

function encodeValue(value: PduVarbind['value']): Buffer {
  switch (value.type) {
    case 'integer':
      return encodeInteger(clamp(value.value, -0x8000_0000, 0x7fff_ffff));
    case 'counter32':
      return encodeInteger(modulo(BigInt(Math.trunc(value.value)), 32), VALUE_TAGS.counter32);
    case 'timeticks':
      return encodeInteger(modulo(BigInt(Math.trunc(value.value)), 32), VALUE_TAGS.timeticks);
    case 'counter64':
      return encodeInteger(modulo(value.value, 64), VALUE_TAGS.counter64);
    case 'gauge32':
      return encodeInteger(clamp(value.value, 0, 0xffff_ffff), VALUE_TAGS.gauge32);
    case 'string':
      return encodeTlv(TAG.octets, typeof value.value === 'string' ? Buffer.from(value.value) : value.value);
    case 'oid':
      return encodeOid(value.value);
    case 'ip':
      if (!isIPv4(value.value)) throw new BerError('not an IPv4 address');
      return encodeTlv(VALUE_TAGS.ip, Buffer.from(value.value.split('.').map(Number)));
    default:
      return encodeTlv(EXCEPTION_TAGS[value.type]);
  }
}

/** Counters and ticks wrap, gauges latch at their ends (RFC 2578 §7.1.6–7.1.8). */
const modulo = (value: bigint, bits: number): bigint => BigInt.asUintN(bits, value);
const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, Math.trunc(value)));

function decodeValue(tag: number, content: Buffer): PduVarbind['value'] {
  switch (tag) {
    case TAG.integer:
      return { type: 'integer', value: decodeInteger(content, -0x8000_0000, 0x7fff_ffff) };
    case TAG.octets:
      return { type: 'string', value: Buffer.from(content) };
    case TAG.oid:
      return { type: 'oid', value: decodeOid(content) };
    case VALUE_TAGS.ip:
      if (content.length !== 4) throw new BerError('address of a wrong size');
      return { type: 'ip', value: content.join('.') };
    case VALUE_TAGS.counter32:
      return { type: 'counter32', value: decodeInteger(content, 0, 0xffff_ffff) };
    case VALUE_TAGS.gauge32:
      return { type: 'gauge32', value: decodeInteger(content, 0, 0xffff_ffff) };
    case VALUE_TAGS.timeticks:
      return { type: 'timeticks', value: decodeInteger(content, 0, 0xffff_ffff) };
    case VALUE_TAGS.counter64:
      return { type: 'counter64', value: decodeCounter64(content) };
  }
  if (content.length !== 0) throw new BerError('unknown type of value');
  switch (tag) {
    case EXCEPTION_TAGS.null:
      return { type: 'null' };
    case EXCEPTION_TAGS.noSuchObject:
      return { type: 'noSuchObject' };
    case EXCEPTION_TAGS.noSuchInstance:
      return { type: 'noSuchInstance' };
    case EXCEPTION_TAGS.endOfMibView:
      return { type: 'endOfMibView' };
    default:
      throw new BerError('unknown type of value');
  }
}

function decodeCounter64(content: Buffer): bigint {
  const size = content.length;
  if (size < 1 || size > 9 || (size === 9 && content[0] !== 0)) throw new BerError('counter of a wrong size');
  if ((content[0] ?? 0) >= 0x80) throw new BerError('negative counter');
  return BigInt(`0x${content.toString('hex')}`);
}
