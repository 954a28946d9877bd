/**
 * A recording: what a broker saw of a network at one or several moments. One JSON value a line: what it is, then the
 * answer of each read with the moment that it belongs to, then how many there were, so that a file that was cut shows.
 */
import { z } from 'zod';
import type { Json } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { readRecordingFile } from '../story-file.ts';

const scalar = z.union([z.string().max(20_000), z.number(), z.boolean()]);

const evidence = z.strictObject({
  id: z.string().max(100),
  resource: z.string().max(400),
  signal: z.string().max(100),
  value: scalar,
  observedAt: z.iso.datetime(),
  collectedAt: z.iso.datetime(),
  source: z.string().max(200),
});
export type RecordedEvidence = Readonly<z.infer<typeof evidence>>;

const head = z.strictObject({ wayleave: z.literal('recording'), version: z.literal(1), at: z.iso.datetime() });

const read = z.strictObject({
  /** Place of the moment, counted from 0. */
  moment: z.int().min(0).max(10_000),
  tool: z.string().max(100),
  devices: z.array(z.string().max(100)).max(10_000),
  input: z.custom<{ readonly [name: string]: Json }>(
    (value) => z.record(z.string(), z.json()).safeParse(value).success,
  ),
  /** What came; or why nothing did. */
  evidence: z.array(evidence).max(100_000).exactOptional(),
  refused: z.strictObject({ code: z.string().max(100), message: z.string().max(1_000) }).exactOptional(),
});
export type RecordedRead = Readonly<z.infer<typeof read>>;

const tail = z.strictObject({ reads: z.int().min(0) });

/** Reads in the order in which they were made, by moment. */
export interface Recording {
  readonly at: string;
  readonly moments: readonly (readonly RecordedRead[])[];
}

export function writeRecording(at: string, reads: readonly RecordedRead[]): string {
  const lines = [{ wayleave: 'recording', version: 1, at }, ...reads, { reads: reads.length }];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Throws `REPLAY_UNREADABLE` with the line. */
export function readRecording(file: string): Recording {
  const lines = readLines(file);
  const parse = <T>(form: z.ZodType<T>, at: number, what: string): T => {
    let value: unknown;
    try {
      value = JSON.parse(lines[at] ?? '');
    } catch {
      throw refuse(file, at, `not JSON: ${what}`);
    }
    const parsed = form.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw refuse(file, at, `${issue?.path.join('.') || what}: ${issue?.message ?? 'invalid'}`);
  };
  const { at } = parse(head, 0, 'the first line must say that it is a recording');
  const last = lines.length - 1;
  if (last === 0 || !lines[last]?.startsWith('{"reads":'))
    throw refuse(file, last, 'it was cut off: the line that counts the reads is missing');
  const reads = lines.slice(1, last).map((_, index) => parse(read, index + 1, 'a read'));
  const { reads: count } = parse(tail, last, 'the number of reads');
  if (count !== reads.length) throw refuse(file, last, `it counts ${count} reads, and there are ${reads.length}`);
  if (reads.length === 0) throw refuse(file, last, 'nothing was recorded');
  const moments: RecordedRead[][] = [];
  for (const one of reads) {
    const known = moments[one.moment] ?? [];
    known.push(one);
    moments[one.moment] = known;
  }
  return { at, moments: moments.filter((one) => one !== undefined) };
}

function readLines(file: string): readonly string[] {
  const text = readRecordingFile(file);
  if (text === undefined) throw new WayleaveError('REPLAY_UNREADABLE', `${file}: cannot be read.`);
  return text.replace(/\n$/, '').split('\n');
}

const refuse = (file: string, at: number, why: string): WayleaveError =>
  new WayleaveError('REPLAY_UNREADABLE', `${file}:${at + 1}: ${why}.`);
