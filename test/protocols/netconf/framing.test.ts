/** Framing: the same messages come out however the bytes arrive, and nothing else does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createUnframer, FramingError, frameMessage } from '../../../protocols/netconf/framing.ts';

function readAll(bytes: Buffer, cuts: readonly number[], maxBytes = 1_000_000): string[] {
  const messages: string[] = [];
  const unframer = createUnframer({
    maxBytes,
    onMessage: (message) => {
      messages.push(message);
      if (messages.length === 1) unframer.useChunks();
    },
  });
  const points = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...points, bytes.length]) {
    unframer.push(bytes.subarray(from, to));
    from = to;
  }
  return messages;
}

function codeOf(text: string, maxBytes = 64): string {
  try {
    readAll(Buffer.concat([Buffer.from(']]>]]>'), Buffer.from(text, 'latin1')]), [], maxBytes);
  } catch (error) {
    return error instanceof FramingError ? error.code : 'another error';
  }
  return 'accepted';
}

describe('framing', () => {
  it('gives the same messages however the stream is cut', () => {
    const message = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((text) => !text.includes(']]>]]>') && !text.startsWith('\ufeff'));
    fc.assert(
      fc.property(message, fc.array(message), fc.array(fc.nat(), { maxLength: 30 }), (hello, rest, cuts) => {
        const bytes = [frameMessage(hello, 'end-of-message'), ...rest.map((each) => frameMessage(each, 'chunked'))];
        expect(readAll(Buffer.concat(bytes), cuts)).toEqual([hello, ...rest]);
      }),
      { seed: 2 },
    );
  });

  it('reads byte by byte, and large messages in several chunks', () => {
    const large = 'ü'.repeat(100_000);
    const bytes = Buffer.concat([frameMessage('<hello/>', 'end-of-message'), frameMessage(large, 'chunked')]);
    expect(
      readAll(
        bytes,
        Array.from({ length: 40 }, (_, i) => i),
      ),
    ).toEqual(['<hello/>', large]);
    expect(bytes.toString().match(/\n#65536\n/g)).toHaveLength(3);
  });

  it.each([
    ['#4\nabcd', 'FRAMING'], // no line feed first
    ['\n4\nabcd', 'FRAMING'],
    ['\n#0\n', 'FRAMING'],
    ['\n#04\nabcd', 'FRAMING'],
    ['\n#+4\nabcd', 'FRAMING'],
    ['\n#4\r\nabcd', 'FRAMING'],
    ['\n#4\nabcdX', 'FRAMING'], // a chunk that is longer than its header says
    ['\n##\n', 'FRAMING'], // no message without a chunk
    ['\n#4\nabcd\n##X', 'FRAMING'],
    ['\n#4294967296\n', 'FRAMING'],
    ['\n#4294967295\n', 'TOO_LARGE'],
    ['\n#40\n'.concat('x'.repeat(40), '\n#25\n'), 'TOO_LARGE'],
    ['\n#1\n\xff\n##\n', 'ENCODING'],
    ['\n#4\nabcd\n##\n', 'accepted'],
  ])('judges chunk stream %j: %s', (text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it('bounds a hello without end and stays dead after a failure', () => {
    const unframer = createUnframer({ maxBytes: 100, onMessage: () => undefined });
    unframer.push(Buffer.alloc(99, 'x'));
    expect(() => unframer.push(Buffer.alloc(10, 'x'))).toThrow(FramingError);
    expect(() => unframer.push(Buffer.from(']]>]]>'))).toThrow(FramingError);
  });

  it('does not write a message that ends itself', () => {
    expect(() => frameMessage('a]]>]]>b', 'end-of-message')).toThrow(FramingError);
  });
});
