/** Verifies an export of the audit log (NDJSON) in the browser: streaming, with bounded memory whatever the file is, and nothing asked of any server. */
import { VERIFY } from '../text/verify.ts';
import { LogVerification, type Verification, type VerifyOptions } from './log-verification.ts';
import { hashEntry } from './tree-hash.ts';

export type { Fault, Verification, VerifyOptions } from './log-verification.ts';

/** An entry of 64 KiB with its JSON escapes and hash. */
const MAX_LINE = 512 * 1024;

export interface Watch {
  /** Told after each piece how many bytes have been read, and of how many entries. */
  readonly progress?: (bytes: number, entries: number) => void;
  readonly signal?: AbortSignal;
}

/** Never throws on content; rejects when the bytes cannot be read, or with the reason of `signal`. */
export async function verifyExport(
  bytes: ReadableStream<Uint8Array>,
  options: VerifyOptions = {},
  { progress, signal }: Watch = {},
): Promise<Verification> {
  const log = await LogVerification.begin(options);
  /** Note of line 1, judged when the keys have been followed to it. */
  let latest: string | undefined;
  for await (const { lines, read } of readLines(bytes)) {
    signal?.throwIfAborted();
    const records = lines.filter((line) => line !== '').map(parseLine);
    if (latest === undefined && records.length > 0) {
      const first = records.shift();
      if (first?.['type'] !== 'checkpoint' || typeof first['note'] !== 'string') return nothing(VERIFY.head);
      latest = first['note'];
    }
    // The leaves of a piece are hashed at once; the tree takes them one by one.
    const leaves = await Promise.all(
      records.map(async (record) => (record?.['entry'] === undefined ? undefined : hashEntry(textOf(record['entry'])))),
    );
    for (const [position, record] of records.entries())
      await readRecord(record, leaves[position], log, options.publicKeys === undefined);
    progress?.(read, log.size);
  }
  return latest === undefined ? nothing(VERIFY.empty) : log.end(latest);
}

const nothing = (what: string): Verification => ({ ok: false, size: 0, problems: [{ what }] });
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

async function readRecord(
  record: { readonly [name: string]: unknown } | undefined,
  leaf: Awaited<ReturnType<typeof hashEntry>> | undefined,
  log: LogVerification,
  trusting: boolean,
): Promise<void> {
  switch (record?.['type']) {
    case 'key':
      if (trusting) await log.trust(record['verifier']);
      return;
    case 'checkpoint':
      return log.checkpoint(record['note']);
    case 'entry': {
      const { index, hash, entry } = record;
      if (index !== log.size) log.report(VERIFY.missing(log.size), log.size);
      return leaf === undefined ? log.withheld(hash) : log.entry(textOf(entry), leaf, textOf(hash));
    }
    default:
      log.report(VERIFY.line, log.size);
  }
}

function parseLine(line: string): { readonly [name: string]: unknown } | undefined {
  if (line.length > MAX_LINE) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Whole lines piece by piece. Of a line that is too long only its beginning is kept: it is refused for its length. */
async function* readLines(
  bytes: ReadableStream<Uint8Array>,
): AsyncGenerator<{ readonly lines: readonly string[]; readonly read: number }> {
  // Bytes that are no UTF-8 become replacement characters, whose hash is another one; so does what a BOM would hide.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const reader = bytes.getReader();
  let [rest, read] = ['', 0];
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      read += piece.value.length;
      const lines = (rest + decoder.decode(piece.value, { stream: true })).split('\n');
      rest = (lines.pop() ?? '').slice(0, MAX_LINE + 1);
      yield { lines, read };
    }
    yield { lines: [rest + decoder.decode()], read };
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
