/**
 * Audit store in segmented append-only files: one write and one fdatasync a batch.
 *
 * A segment `log-<first index>.ndjson` holds entry lines (JSON objects) and, after each batch, its checkpoint as a
 * JSON string; a batch never spans segments. What follows the last whole checkpoint line **of the last segment** was
 * never acknowledged, because an acknowledgement waits for the sync of exactly that line; at `claim` it is copied to
 * `torn-<segment>-<offset>` and cut off. A final batch with a NUL byte in it is a torn one too: entries never contain
 * NUL, and a power cut can leave unwritten pages, which read as zeros, in front of a page that was written. Everything
 * else that does not fit is damage, not a crash: it is left as it is and the log above refuses to serve. That a cut
 * tail had not been acknowledged after all (a lying disk) is what the witness notices.
 *
 * The caller holds the lock of the folder; the file `epoch` fences a writer that lost it.
 */
import type { AppendFile, FilePort } from './file-port.ts';
import { type AuditBatch, type AuditStore, FencedError } from './store.ts';

/** A segment is closed at the first batch boundary behind this size. */
export const SEGMENT_BYTES = 64 * 1024 * 1024;
const SEGMENT = /^log-(\d{15})\.ndjson$/;
const NEWLINE = 0x0a;
const QUOTE = 0x22;

export function createFileAuditStore(files: FilePort, segmentBytes: number = SEGMENT_BYTES): AuditStore {
  let current: { readonly file: AppendFile; bytes: number } | undefined;
  /** What was claimed here, and how the file that says so looked then. */
  let claimed: { readonly epoch: number; readonly stamp: string } | undefined;

  const segments = async (): Promise<readonly string[]> => (await files.list()).filter((name) => SEGMENT.test(name));

  const rotate = async (from: number): Promise<{ readonly file: AppendFile; bytes: number }> => {
    await current?.file.close();
    const file = await files.open(`log-${String(from).padStart(15, '0')}.ndjson`);
    return { file, bytes: await file.size() };
  };

  return {
    async claim(floor) {
      await current?.file.close();
      current = undefined;
      const last = (await segments()).at(-1);
      if (last !== undefined) current = await recoverSegment(files, last);
      const epoch = Math.max((await readEpoch(files)) + 1, floor);
      await files.replace('epoch', Buffer.from(String(epoch)));
      const stamp = files.stamp('epoch');
      // Somebody may have claimed in between, and then the stamp is of theirs.
      if ((await readEpoch(files)) !== epoch) throw new FencedError();
      claimed = { epoch, stamp };
      return epoch;
    },
    async append(batch, epoch) {
      if (claimed?.epoch !== epoch || files.stamp('epoch') !== claimed.stamp) throw new FencedError();
      if (current === undefined || current.bytes >= segmentBytes) current = await rotate(batch.from);
      const bytes = Buffer.from(
        `${batch.lines.map((line) => `${line}\n`).join('')}${JSON.stringify(batch.checkpoint)}\n`,
      );
      await current.file.append(bytes);
      await current.file.sync();
      current.bytes += bytes.length;
    },
    async *batches(from) {
      const names = await segments();
      for (const [position, name] of names.entries()) {
        const next = names[position + 1];
        if (next !== undefined && firstIndex(next) <= from) continue;
        const bytes = await files.read(name);
        if (bytes === undefined) continue;
        yield* readBatches(bytes, firstIndex(name), from);
      }
    },
    milestone: async () => (await files.read('milestone'))?.toString(),
    keepMilestone: (text) => files.replace('milestone', Buffer.from(text)),
    async close() {
      await current?.file.close();
      current = undefined;
    },
  };
}

const firstIndex = (name: string): number => Number(SEGMENT.exec(name)?.[1]);

const readEpoch = async (files: FilePort): Promise<number> => Number((await files.read('epoch'))?.toString() ?? '0');

/** Cuts what was never acknowledged and opens the segment for appending. */
async function recoverSegment(files: FilePort, name: string): Promise<{ readonly file: AppendFile; bytes: number }> {
  const bytes = (await files.read(name)) ?? Buffer.alloc(0);
  const whole = wholeBytes(bytes);
  const file = await files.open(name);
  if (whole < bytes.length) {
    await files.replace(`torn-${firstIndex(name)}-${whole}`, bytes.subarray(whole));
    await file.truncate(whole);
    await file.sync();
  }
  return { file, bytes: whole };
}

/** Offset behind the last checkpoint line that is whole and whose batch has no unwritten page. */
function wholeBytes(bytes: Buffer): number {
  const ends: number[] = [0];
  for (const { start, end } of readLines(bytes)) if (isCheckpointLine(bytes.subarray(start, end))) ends.push(end + 1);
  const last = ends.at(-1) ?? 0;
  const before = ends.at(-2) ?? 0;
  return bytes.subarray(before, last).includes(0) ? before : last;
}

function isCheckpointLine(line: Buffer): boolean {
  if (line[0] !== QUOTE) return false;
  try {
    return typeof JSON.parse(line.toString()) === 'string';
  } catch {
    return false;
  }
}

function* readLines(bytes: Buffer): Iterable<{ readonly start: number; readonly end: number }> {
  for (let start = 0; ; ) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) return;
    yield { start, end };
    start = end + 1;
  }
}

/**
 * Batches of a segment up to its last checkpoint, without those that end before `wanted`. A line that is neither entry
 * nor checkpoint counts as an entry, so that its hash betrays it.
 */
function* readBatches(bytes: Buffer, first: number, wanted: number): Iterable<AuditBatch> {
  let from = first;
  let spans: { readonly start: number; readonly end: number }[] = [];
  for (const { start, end } of readLines(bytes)) {
    if (!isCheckpointLine(bytes.subarray(start, end))) {
      spans.push({ start, end });
      continue;
    }
    // A checkpoint without entries was never written here: whoever verifies must see it.
    if (spans.length === 0 || from + spans.length > wanted) {
      const checkpoint: string = JSON.parse(bytes.toString('utf8', start, end));
      yield { from, lines: spans.map((span) => bytes.toString('utf8', span.start, span.end)), checkpoint };
    }
    from += spans.length;
    spans = [];
  }
}
