/** The JSON of a controller's answer, checked before anybody reads it: depth, form, and numbers that JSON can carry. */
import { z } from 'zod';
import { parseStrictJson } from '../../../protocols/oauth/strict-json.ts';
import type { Json } from '../../contract.ts';
import { DriverError } from '../driver.ts';
import type { HttpsAnswer } from './https-request.ts';

const MAX_DEPTH = 16;

const json: z.ZodType<Json> = z.json();
const envelope = z.object({
  header: z.object({ generatedOn: z.number().int().nonnegative() }),
  data: z.array(json),
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

/** Throws `DriverError` PROTOCOL. */
export function parseAnswer({ contentType, body }: HttpsAnswer): RestAnswer {
  if (!/^application\/json\s*(;|$)/i.test(contentType)) throw new DriverError('PROTOCOL', 'the answer is not JSON');
  let value: unknown;
  try {
    value = parseStrictJson(body, MAX_DEPTH);
  } catch {
    throw new DriverError('PROTOCOL', 'the answer is not JSON, or nested too deeply');
  }
  const parsed = envelope.safeParse(value);
  if (!parsed.success) throw new DriverError('PROTOCOL', 'the answer has another form than {header, data}');
  const { header, data, pageInfo } = parsed.data;
  if (pageInfo?.hasMoreData !== true) return { header, data };
  if (pageInfo.scrollId === undefined) throw new DriverError('PROTOCOL', 'more is promised, but not where');
  return { header, data, scrollId: pageInfo.scrollId };
}
