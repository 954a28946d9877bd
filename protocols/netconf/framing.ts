/** Message boundaries on the byte stream: end-of-message framing for hello and base:1.0, chunked framing for base:1.1 (RFC 6242 §4). */
import { isUtf8 } from 'node:buffer';

export type FramingErrorCode = 'FRAMING' | 'TOO_LARGE' | 'ENCODING';

/** The stream can no longer be understood; the session must be closed (RFC 6242 §4.2). */
export class FramingError extends Error {
  override readonly name = 'FramingError';
  readonly code: FramingErrorCode;
  constructor(code: FramingErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** RFC 6242 §4.3. */
const TERMINATOR = ']]>]]>';
const END_OF_MESSAGE = Buffer.from(TERMINATOR);
/** Largest chunk written; readers accept up to RFC 6242's 4294967295 as long as the message stays under its limit. */
const CHUNK_BYTES = 65_536;
const CHUNK_SIZE_MAX = 4_294_967_295;

const NOTHING = Buffer.alloc(0);
const LF = 0x0a;
const HASH = 0x23;
const ZERO = 0x30;
const NINE = 0x39;

export type Framing = 'end-of-message' | 'chunked';

/** Frames one message for the wire. */
export function frameMessage(message: string, framing: Framing): Buffer {
  if (framing === 'end-of-message') {
    if (message.includes(TERMINATOR)) throw new FramingError('FRAMING', 'the message contains its own terminator');
    return Buffer.from(message + TERMINATOR);
  }
  const size = Buffer.byteLength(message);
  if (size > 0 && size <= CHUNK_BYTES) return Buffer.from(`\n#${size}\n${message}\n##\n`);
  const body = Buffer.from(message);
  const parts: Buffer[] = [];
  for (let start = 0; start < body.length; start += CHUNK_BYTES) {
    const chunk = body.subarray(start, start + CHUNK_BYTES);
    parts.push(Buffer.from(`\n#${chunk.length}\n`), chunk);
  }
  parts.push(Buffer.from('\n##\n'));
  return Buffer.concat(parts);
}

export interface Unframer {
  /**
   * Takes the next bytes, in pieces of any size, and calls `onMessage` for each message that they complete.
   * @throws {FramingError} at the first violation, and on every call after it.
   */
  push(bytes: Uint8Array): void;
  /** Switches to chunked framing; called from within `onMessage` of the hello, since the next byte may already be a chunk. */
  useChunks(): void;
}

type ChunkState = 'lf' | 'hash' | 'first-digit' | 'digits' | 'data' | 'end';

/** Reads messages of at most `maxBytes` from a stream; holds no more than one of them in memory. */
export function createUnframer(options: {
  readonly maxBytes: number;
  readonly onMessage: (message: string) => void;
}): Unframer {
  const { maxBytes, onMessage } = options;
  let framing: Framing = 'end-of-message';
  let failure: FramingError | undefined;
  let body: Buffer = NOTHING;
  let length = 0;
  /** The body is a part of what came last, which most messages fit into: it is copied only when more must follow. */
  let borrowed = false;
  let state: ChunkState = 'lf';
  let chunkSize = 0;
  let chunks = 0;

  function fail(code: FramingErrorCode, message: string): never {
    failure = new FramingError(code, message);
    throw failure;
  }

  function append(bytes: Uint8Array): void {
    if (length + bytes.length > maxBytes) fail('TOO_LARGE', `a message of more than ${maxBytes} bytes`);
    if (length === 0) {
      body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      length = bytes.length;
      borrowed = true;
      return;
    }
    if (borrowed || length + bytes.length > body.length) {
      const grown = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(4096, body.length * 2, length + bytes.length)));
      body.copy(grown, 0, 0, length);
      body = grown;
      borrowed = false;
    }
    body.set(bytes, length);
    length += bytes.length;
  }

  function emit(bytes: Buffer): void {
    if (!isUtf8(bytes)) fail('ENCODING', 'not UTF-8');
    const message = bytes.toString('utf8');
    body = NOTHING;
    length = 0;
    onMessage(message);
  }

  /** Takes bytes up to the end of one message and returns how many it took. */
  function pushUntilTerminator(bytes: Uint8Array): number {
    const before = length;
    const from = Math.max(0, before - END_OF_MESSAGE.length + 1); // the terminator may have begun in the last piece
    const room = Math.min(bytes.length, maxBytes - before);
    append(bytes.subarray(0, room));
    const at = body.subarray(0, length).indexOf(END_OF_MESSAGE, from);
    if (at < 0) {
      if (room < bytes.length) fail('TOO_LARGE', `a message of more than ${maxBytes} bytes`);
      return room;
    }
    emit(body.subarray(0, at));
    return at + END_OF_MESSAGE.length - before;
  }

  /** Takes one piece of a chunked message (RFC 6242 §4.2) that begins at `at`, and returns how many bytes it took. */
  function pushChunked(bytes: Uint8Array, at: number): number {
    const byte = bytes[at] ?? 0;
    switch (state) {
      case 'lf':
        if (byte !== LF) fail('FRAMING', 'a chunk must begin with a line feed');
        state = 'hash';
        return 1;
      case 'hash':
        if (byte !== HASH) fail('FRAMING', 'a chunk header must have #');
        state = 'first-digit';
        return 1;
      case 'first-digit':
        if (byte === HASH && chunks > 0) {
          state = 'end';
        } else {
          if (byte <= ZERO || byte > NINE) fail('FRAMING', 'a chunk size must begin with 1 to 9');
          chunkSize = byte - ZERO;
          state = 'digits';
        }
        return 1;
      case 'digits':
        if (byte === LF) {
          if (length + chunkSize > maxBytes) fail('TOO_LARGE', `a message of more than ${maxBytes} bytes`);
          state = 'data';
          return 1;
        }
        if (byte < ZERO || byte > NINE) fail('FRAMING', 'a chunk size must be decimal');
        chunkSize = chunkSize * 10 + byte - ZERO;
        if (chunkSize > CHUNK_SIZE_MAX) fail('FRAMING', 'a chunk size is too large');
        return 1;
      case 'data': {
        const piece = bytes.subarray(at, at + chunkSize);
        append(piece);
        chunkSize -= piece.length;
        if (chunkSize === 0) {
          chunks += 1;
          state = 'lf';
        }
        return piece.length;
      }
      case 'end':
        if (byte !== LF) fail('FRAMING', 'the end of chunks must have a line feed');
        state = 'lf';
        chunks = 0;
        emit(body.subarray(0, length));
        return 1;
    }
  }

  return {
    push(bytes) {
      if (failure !== undefined) throw failure;
      for (let at = 0; at < bytes.length; ) {
        at += framing === 'chunked' ? pushChunked(bytes, at) : pushUntilTerminator(bytes.subarray(at));
      }
      // What was given is the caller's again.
      if (borrowed && length > 0) {
        body = Buffer.from(body.subarray(0, length));
        borrowed = false;
      }
    },
    useChunks() {
      framing = 'chunked';
    },
  };
}
