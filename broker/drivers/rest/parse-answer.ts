/**
 * The JSON of a controller's answer, checked before anybody reads it: depth, form, and numbers that JSON can carry. It is read
 * row by row, and other calls are decided in between: a controller that answers at length must not hold up the broker.
 */
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { parseStrictJson } from '../../../protocols/oauth/strict-json.ts';
import type { Json } from '../../contract.ts';
import { DriverError } from '../driver.ts';
import type { HttpsAnswer } from './https-request.ts';

const MAX_DEPTH = 16;
/** Characters of one turn of the event loop: some milliseconds. */
export const TURN = 32_768;
/** Texts, brackets and commas of one row; a whole configuration as text is one. */
const MAX_ROW_TOKENS = 20_000;

const envelope = z.object({
  header: z.object({ generatedOn: z.number().int().nonnegative() }),
  data: z.array(z.never()), // the rows were taken out
  pageInfo: z
    .object({ hasMoreData: z.boolean().optional(), scrollId: z.string().min(1).max(512).optional() })
    .optional(),
});

export interface RestAnswer {
  /** `generatedOn`: when the controller says it made the answer, epoch milliseconds of its clock. */
  readonly header: { readonly generatedOn: number };
  readonly data: readonly Json[];
  /** Where to go on, when there is more. */
  readonly scrollId?: string;
}

/** Throws `DriverError` PROTOCOL, and what `signal` was aborted with. */
export async function parseAnswer({ contentType, body }: HttpsAnswer, signal?: AbortSignal): Promise<RestAnswer> {
  if (!/^application\/json\s*(;|$)/i.test(contentType)) throw new DriverError('PROTOCOL', 'the answer is not JSON');
  const data: Json[] = [];
  let rest = body;
  let turn = TURN;
  for (const part of takeRows(body)) {
    if (part.kind === 'rest') rest = part.text;
    if (part.kind === 'row') data.push(parseRow(part.text));
    if (part.at < turn) continue;
    turn = part.at + TURN;
    await setImmediate();
    signal?.throwIfAborted();
  }
  const parsed = envelope.safeParse(parseJson(rest, MAX_DEPTH));
  if (!parsed.success) throw new DriverError('PROTOCOL', 'the answer has another form than {header, data}');
  const { header, pageInfo } = parsed.data;
  if (pageInfo?.hasMoreData !== true) return { header, data };
  if (pageInfo.scrollId === undefined) throw new DriverError('PROTOCOL', 'more is promised, but not where');
  return { header, data, scrollId: pageInfo.scrollId };
}

/** How far the text was looked at, a row of `data`, or at the end what stands around the rows. */
type Part =
  | { readonly kind: 'progress'; readonly at: number }
  | { readonly kind: 'row'; readonly at: number; readonly text: string }
  | { readonly kind: 'rest'; readonly at: number; readonly text: string };

/** Texts and what gives a text its form; everything between them is for `parseStrictJson` to judge. */
const TOKEN = /"(?:[^"\\]+|\\.)*"|[{}[\],]/gs;
const ROWS = /"data"\s*:\s*\[$/;

/** Finds the rows of the first `data` of the envelope. What it cuts is parsed strictly afterwards, so that it need not be strict itself. */
function* takeRows(body: string): Generator<Part> {
  let depth = 0;
  let tokens = 0;
  let told = 0;
  /** Where `data` begins and ends, and the row at hand begins. */
  let [first, last, row] = [-1, -1, -1];
  for (const { 0: token, index } of body.matchAll(TOKEN)) {
    tokens += 1;
    const inRows = first >= 0 && last < 0;
    if (inRows && tokens > MAX_ROW_TOKENS) throw new DriverError('PROTOCOL', 'a row of the answer is too large');
    const ends = inRows && depth === 2 && (token === ',' || token === ']');
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    if (first < 0 && token === '[' && depth === 2 && ROWS.test(body.slice(Math.max(0, index - 40), index + 1))) {
      [first, row, tokens] = [index + 1, index + 1, 0];
    } else if (ends) {
      const text = body.slice(row, index);
      const none = token === ']' && row === first && text.trim() === '';
      if (token === ']') last = index;
      [row, tokens] = [index + 1, 0];
      if (!none) yield { kind: 'row', at: index, text };
    }
    if (index - told < TURN) continue;
    told = index;
    yield { kind: 'progress', at: index };
  }
  const rest = first < 0 || last < 0 ? body : body.slice(0, first) + body.slice(last);
  if (rest.length > TURN) throw new DriverError('PROTOCOL', 'the answer has another form than {header, data}');
  yield { kind: 'rest', at: body.length, text: rest };
}

function parseRow(text: string): Json {
  const value = parseJson(text, MAX_DEPTH - 2);
  if (!isFiniteJson(value)) throw new DriverError('PROTOCOL', 'the answer has a number that JSON cannot carry');
  return value;
}

function parseJson(text: string, depth: number): unknown {
  try {
    return parseStrictJson(text, depth);
  } catch {
    throw new DriverError('PROTOCOL', 'the answer is not JSON, or nested too deeply');
  }
}

/** What `JSON.parse` made is JSON, but for `1e999`. */
function isFiniteJson(value: unknown): value is Json {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isFiniteJson);
}
