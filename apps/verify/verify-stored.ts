/**
 * Verifies a log where it is kept, while nothing runs: the segment files of an embedded installation, or rows of
 * PostgreSQL. Reads them with code of its own; what stands behind the last checkpoint of the last file was never
 * acknowledged and is left out, as the log itself does when it starts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LogVerification, type Verification, type VerifyOptions } from './verification.ts';

/** What was made durable at once: entry lines, and the checkpoint behind them. */
export interface StoredBatch {
  readonly from: number;
  readonly lines: readonly string[];
  readonly checkpoint: string;
}

export async function verifyBatches(
  batches: AsyncIterable<StoredBatch> | Iterable<StoredBatch>,
  options: VerifyOptions,
): Promise<Verification> {
  const log = new LogVerification(options);
  for await (const { from, lines, checkpoint } of batches) {
    if (from !== log.size) log.report(`entry ${log.size} is missing or out of order`, Math.min(from, log.size));
    for (const line of lines) log.entry(line);
    log.checkpoint(checkpoint);
  }
  return log.end();
}

/** `log-<first index>.ndjson` one after the other; throws what the file system throws. */
export function* readSegments(folder: string): Generator<StoredBatch> {
  const names = readdirSync(folder).filter((name) => /^log-\d{15}\.ndjson$/.test(name));
  for (const name of names.sort()) {
    let from = Number(name.slice(4, 19));
    let lines: string[] = [];
    // Bytes that are no UTF-8 become replacement characters, whose hash is another one.
    const text = readFileSync(path.join(folder, name), 'utf8');
    for (let start = 0, end = text.indexOf('\n'); end >= 0; start = end + 1, end = text.indexOf('\n', start)) {
      const line = text.slice(start, end);
      if (!line.startsWith('"')) {
        lines.push(line);
        continue;
      }
      yield { from, lines, checkpoint: readString(line) };
      from += lines.length;
      lines = [];
    }
    // Only the last file may end without a checkpoint.
    if (lines.length > 0 && name !== names.at(-1)) yield { from, lines, checkpoint: '' };
  }
}

function readString(line: string): string {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'string' ? value : '';
  } catch {
    return '';
  }
}
