/** Verifies an export of the audit log (NDJSON), offline and streaming: what an auditor has in hand. */
import { LogVerification, type Verification, type VerifyOptions } from './verification.ts';

export type { Problem, Verification, VerifyOptions } from './verification.ts';

/** An entry of 64 KiB with its JSON escapes and hash. */
const MAX_LINE = 512 * 1024;

/** Reads the lines of an export and reports everything that does not fit. Never throws on content. */
export async function verifyExport(lines: AsyncIterable<string>, options: VerifyOptions = {}): Promise<Verification> {
  const verification = new LogVerification(options);
  /** Note of line 1, judged when the keys have been followed to it. */
  let latest: string | undefined;
  for await (const line of lines) {
    if (line === '') continue;
    const record = parseLine(line);
    if (latest === undefined) {
      if (record?.['type'] !== 'checkpoint' || typeof record['note'] !== 'string')
        return { ok: false, size: 0, problems: [{ what: 'the export does not begin with a checkpoint' }] };
      latest = record['note'];
      continue;
    }
    readRecord(record, verification, options.publicKeys === undefined);
  }
  if (latest === undefined) return { ok: false, size: 0, problems: [{ what: 'the export is empty' }] };
  return verification.end(latest);
}

function readRecord(record: Record<string, unknown> | undefined, log: LogVerification, trusting: boolean): void {
  switch (record?.['type']) {
    case 'key':
      if (trusting) log.trust(record['verifier']);
      return;
    case 'checkpoint':
      log.checkpoint(record['note']);
      return;
    case 'entry': {
      const { index, hash, entry } = record;
      if (index !== log.size) log.report(`entry ${log.size} is missing or out of order`, log.size);
      if (entry === undefined) log.withheld(hash);
      else log.entry(typeof entry === 'string' ? entry : '', typeof hash === 'string' ? hash : '');
      return;
    }
    default:
      log.report('a line is not understood', log.size);
  }
}

function parseLine(line: string): Record<string, unknown> | undefined {
  if (line.length > MAX_LINE) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
