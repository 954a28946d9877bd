/** Flow records to IPFIX and back, and a reader that nothing can hang or throw anything else out of. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlowRecord } from '../../../protocols/device/flow.ts';
import { createIpfixDecoder, IpfixError } from '../../../protocols/ipfix/decode.ts';
import { encodeFlows } from '../../../protocols/ipfix/encode.ts';
import { toFlowRecord } from '../../../protocols/ipfix/flow-record.ts';

const port = fc.integer({ min: 0, max: 65_535 });
const name = fc.stringMatching(/^[a-z0-9-]{0,40}$/);
const flowArbitrary: fc.Arbitrary<FlowRecord> = fc
  .record({
    start: fc.integer({ min: 0, max: 2_000_000_000_000 }),
    lasts: fc.integer({ min: 0, max: 1_000_000 }),
    vrf: fc.integer({ min: 0, max: 65_535 }),
    source: fc.ipV4(),
    destination: fc.ipV4(),
    sourcePort: port,
    destinationPort: port,
    protocol: fc.constantFrom(1, 6, 17),
    octets: fc.maxSafeNat(),
    packets: fc.maxSafeNat(),
    tcpFlags: fc.integer({ min: 0, max: 255 }),
    dscpIn: fc.integer({ min: 0, max: 63 }),
    dscpOut: fc.integer({ min: 0, max: 63 }),
    application: name,
    egress: name,
    color: fc.option(fc.constantFrom('mpls' as const, 'biz-internet' as const, 'lte' as const), { nil: undefined }),
    dnsName: fc.option(fc.stringMatching(/^[a-z0-9.]{1,60}$/), { nil: undefined }),
  })
  .map(({ lasts, color, dnsName, ...flow }) => ({
    ...{ device: 'br1_edge', ...flow, end: flow.start + lasts },
    ...(color === undefined ? {} : { color }),
    ...(dnsName === undefined ? {} : { dnsName }),
  }));
const STATE = { domain: 7, sequence: 0xffff_fffe, exportTime: 1_767_600_000 };

describe('IPFIX', () => {
  it('gives every flow back, in order, over as many messages as it takes, and numbers them', () => {
    fc.assert(
      fc.property(fc.array(flowArbitrary, { maxLength: 60 }), (flows) => {
        const { messages, sequence } = encodeFlows(flows, STATE);
        const decoder = createIpfixDecoder();
        const read = messages.map((bytes) => decoder.decode(bytes));
        expect(Math.max(0, ...messages.map((bytes) => bytes.length))).toBeLessThanOrEqual(1_400);
        expect(read.flatMap(({ records }) => records.map((one) => toFlowRecord(one, 'br1_edge')))).toEqual(flows);
        expect(sequence).toBe((STATE.sequence + flows.length) % 2 ** 32);
      }),
    );
  });

  it('skips data whose template never came, and forgets one that is withdrawn', () => {
    const message = (...sets: readonly Buffer[]): Buffer => {
      const body = Buffer.concat(sets);
      const head = Buffer.from('000a00000000000000000000000000ff', 'hex');
      head.writeUInt16BE(16 + body.length, 2);
      return Buffer.concat([head, body]);
    };
    const data = Buffer.from('0100000511', 'hex');
    const decoder = createIpfixDecoder();
    expect(decoder.decode(message(data))).toMatchObject({ records: [], withoutTemplate: 1 });
    const template = Buffer.from('0002000c0100000100040001', 'hex');
    expect(decoder.decode(message(template, data)).records).toEqual([new Map([['0/4', Buffer.of(0x11)]])]);
    expect(decoder.decode(message(Buffer.from('0002000801000000', 'hex'), data)).withoutTemplate).toBe(1);
    // A template of fields without length would describe endless records.
    expect(() => decoder.decode(message(Buffer.from('0002000c0100000100040000', 'hex'), data))).toThrow(IpfixError);
  });

  it('throws IpfixError or reads, whatever the bytes', () => {
    const [seed = Buffer.alloc(0)] = encodeFlows(fc.sample(flowArbitrary, { numRuns: 4, seed: 1 }), STATE).messages;
    const damaged = fc
      .array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
      .map((changes) => {
        const bytes = Buffer.from(seed);
        for (const [at, octet] of changes) bytes[at] = octet;
        return bytes;
      });
    const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(damaged, noise), (bytes) => {
        try {
          for (const record of createIpfixDecoder().decode(bytes).records) toFlowRecord(record, 'br1_edge');
        } catch (error) {
          expect(error).toBeInstanceOf(IpfixError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
