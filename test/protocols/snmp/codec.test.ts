/** BER, PDUs and MIB tables: what is accepted, what is not, and that every value survives the wire. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BerError,
  BerReader,
  decodeInteger,
  decodeOid,
  encodeInteger,
  encodeOid,
  encodeTlv,
} from '../../../protocols/snmp/ber.ts';
import { decodeMessage } from '../../../protocols/snmp/message.ts';
import { createMibTable, type MibValue } from '../../../protocols/snmp/mib.ts';
import { compareOids, formatOid, isBelow, parseOid } from '../../../protocols/snmp/oid.ts';
import { decodeScopedPdu, encodeScopedPdu } from '../../../protocols/snmp/pdu.ts';

fc.configureGlobal({ seed: 3414 });

const oid = fc
  .tuple(
    fc.constantFrom(0, 1, 2),
    fc.integer({ min: 0, max: 39 }),
    fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { maxLength: 20 }),
  )
  .map(([first, second, rest]) => [first, second, ...rest]);
const value: fc.Arbitrary<MibValue> = fc.oneof(
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }).map((value) => ({ type: 'integer' as const, value })),
  fc
    .tuple(
      fc.constantFrom('counter32' as const, 'gauge32' as const, 'timeticks' as const),
      fc.integer({ min: 0, max: 0xffff_ffff }),
    )
    .map(([type, value]) => ({ type, value })),
  fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }).map((value) => ({ type: 'counter64' as const, value })),
  fc.uint8Array({ maxLength: 300 }).map((octets) => ({ type: 'string' as const, value: Buffer.from(octets) })),
  oid.map((value) => ({ type: 'oid' as const, value })),
  fc.ipV4().map((value) => ({ type: 'ip' as const, value })),
);

describe('BER', () => {
  it('encodes integers in as few octets as possible', () => {
    const hex = (number: number): string => encodeInteger(number).toString('hex');
    expect([0, 127, 128, -128, -129, 65_536].map(hex)).toEqual([
      '020100',
      '02017f',
      '02020080',
      '020180',
      '0202ff7f',
      '0203010000',
    ]);
  });

  it.each([
    ['element of indefinite length', '3080020101'],
    ['element with a length beyond the end', '3005020101'],
    ['element with a length of five octets', '308500000000010201'],
    ['element with a tag of several octets', '1f810100'],
    ['element cut after its tag', '30'],
  ])('refuses an %s', (_, hex) => {
    expect(() => new BerReader(Buffer.from(hex, 'hex')).next()).toThrow(BerError);
  });

  it('refuses integers and names that are too long, padded or cut', () => {
    expect(() => decodeInteger(Buffer.alloc(6), 0, 9)).toThrow(BerError);
    expect(() => decodeInteger(Buffer.alloc(0), 0, 9)).toThrow(BerError);
    for (const hex of ['', '2b86', '2b8001', '2b9080808000']) {
      expect(() => decodeOid(Buffer.from(hex, 'hex')), hex).toThrow(BerError);
    }
    expect(() => decodeOid(Buffer.alloc(200, 1))).toThrow(BerError);
  });

  it('carries every object identifier', () => {
    fc.assert(
      fc.property(oid, (name) => {
        expect(decodeOid(new BerReader(encodeOid(name)).next().content)).toEqual(name);
      }),
    );
  });
});

describe('a PDU', () => {
  const wrap = (varbinds: readonly { readonly oid: readonly number[]; readonly value: MibValue }[]) => ({
    contextEngineId: Buffer.from('8000000001', 'hex'),
    contextName: '',
    pdu: { kind: 'response' as const, requestId: -5, status: 0, index: 0, varbinds },
  });

  it('survives the wire with every value', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ oid, value }), { maxLength: 8 }), (varbinds) => {
        expect(decodeScopedPdu(encodeScopedPdu(wrap(varbinds)))).toEqual(wrap(varbinds));
      }),
    );
  });

  it('is refused when cut at any byte, or followed by one', () => {
    const bytes = encodeScopedPdu(wrap([{ oid: [1, 3, 6], value: { type: 'integer', value: 5 } }]));
    for (let size = 0; size < bytes.length; size += 1) {
      expect(() => decodeScopedPdu(bytes.subarray(0, size)), `${size} bytes`).toThrow(BerError);
    }
    expect(() => decodeScopedPdu(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow(BerError);
  });

  it.each([
    ['a counter of six octets', '4106000000000001'],
    ['a counter above 32 bits', '41050100000000'],
    ['a negative gauge', '4201ff'],
    ['an address of three octets', '40030a0000'],
    ['a counter64 of nine full octets', '4609010000000000000000'],
    ['a null with content', '050100'],
    ['an opaque value', '440100'],
  ])('is refused with %s', (_, hex) => {
    const plain = encodeScopedPdu(
      wrap([{ oid: [1, 3], value: { type: 'string', value: 'X'.repeat(hex.length / 2 - 2) } }]),
    );
    const at = plain.length - hex.length / 2;
    expect(() => decodeScopedPdu(plain)).not.toThrow();
    Buffer.from(hex, 'hex').copy(plain, at);
    expect(() => decodeScopedPdu(plain)).toThrow(BerError);
  });

  it('wraps counters and latches gauges', () => {
    const send = (sent: MibValue) =>
      decodeScopedPdu(encodeScopedPdu(wrap([{ oid: [1, 3], value: sent }]))).pdu.varbinds[0]?.value;
    expect(send({ type: 'counter32', value: 2 ** 32 + 7 })).toEqual({ type: 'counter32', value: 7 });
    expect(send({ type: 'gauge32', value: 2 ** 33 })).toEqual({ type: 'gauge32', value: 2 ** 32 - 1 });
  });
});

it('never throws anything but BerError on noise', () => {
  const decodes = (decode: (bytes: Buffer) => unknown) => (noise: Uint8Array) => {
    try {
      decode(Buffer.from(noise));
    } catch (error) {
      expect(error).toBeInstanceOf(BerError);
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), decodes(decodeMessage)), { numRuns: 500 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), decodes(decodeScopedPdu)), { numRuns: 500 });
});

describe('object identifiers', () => {
  it('are read strictly and written back', () => {
    for (const text of ['1.3.6.1', '0.0', '2.999.1']) expect(formatOid(parseOid(text) ?? [])).toBe(text);
    for (const text of ['', '1', '.1.3', '1.3.', '3.1', '1.40', '1.03', '1.3.4294967296', '1.3 ']) {
      expect(parseOid(text), text).toBeUndefined();
    }
  });

  it('come before what lies below them', () => {
    expect(compareOids([1, 3], [1, 3, 0])).toBeLessThan(0);
    expect(compareOids([1, 3, 10], [1, 3, 9, 1])).toBeGreaterThan(0);
    expect([isBelow([1, 3, 1], [1, 3]), isBelow([1, 3], [1, 3]), isBelow([1, 4, 1], [1, 3])]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

it('a MIB table walks its rows in order, whatever order they came in', () => {
  fc.assert(
    fc.property(fc.uniqueArray(oid, { selector: formatOid, maxLength: 30 }), (names) => {
      const table = createMibTable(names.map((name) => ({ oid: name, value: { type: 'oid', value: name } })));
      const walked: (readonly number[])[] = [];
      for (let row = table.next([0, 0].slice(0, 1)); row !== undefined; row = table.next(row.oid)) walked.push(row.oid);
      expect(walked).toEqual([...names].sort(compareOids));
      for (const name of names) expect(table.get(name)).toEqual({ type: 'oid', value: name });
    }),
  );
});

describe('the caps of a PDU', () => {
  const scoped = (values: readonly Buffer[]): Buffer => {
    const list = encodeTlv(0x30, ...values.map((each) => encodeTlv(0x30, encodeOid([1, 3, 6]), each)));
    const pdu = encodeTlv(0xa2, encodeInteger(1), encodeInteger(0), encodeInteger(0), list);
    return encodeTlv(0x30, encodeTlv(0x04), encodeTlv(0x04), pdu);
  };
  const refusal = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return error;
    }
  };

  it('are a thousand varbinds and the size of a UDP payload', () => {
    const nulls = Array.from({ length: 1_000 }, () => encodeTlv(0x05));
    expect(decodeScopedPdu(scoped(nulls)).pdu.varbinds).toHaveLength(1_000);
    expect(refusal(() => decodeScopedPdu(scoped([...nulls, encodeTlv(0x05)])))).toBeInstanceOf(BerError);
    expect(new BerReader(Buffer.alloc(65_507)).more).toBe(true);
    expect(refusal(() => new BerReader(Buffer.alloc(65_508)))).toBeInstanceOf(BerError);
  });

  it.each([
    ['a 64-bit counter of no octets', encodeTlv(0x46)],
    ['an empty value of a type that nobody defined', encodeTlv(0x47)],
  ])('leave no room for %s', (_, bytes) => {
    expect(refusal(() => decodeScopedPdu(scoped([bytes])))).toBeInstanceOf(BerError);
  });
});
