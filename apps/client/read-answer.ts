/** Turns HTTP answers of the broker into values or into its typed errors; the wire is parsed, not trusted. */
import { z } from 'zod';
import { ERRORS, type ErrorCode, WayleaveError } from '../../broker/errors.ts';

const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

/** The error that an error body carries; anything else is `UNAVAILABLE`. */
export function toWayleaveError(body: unknown, status: number): WayleaveError {
  const parsed = refusal.safeParse(body);
  if (parsed.success && isErrorCode(parsed.data.error.code)) {
    return new WayleaveError(parsed.data.error.code, parsed.data.error.message);
  }
  return new WayleaveError('UNAVAILABLE', `The broker answered with status ${status}.`);
}

/** The JSON of a successful answer. */
export async function readAnswer<T>(response: Response, schema: z.ZodType<T>): Promise<T> {
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw toWayleaveError(body, response.status);
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new WayleaveError('UNAVAILABLE', 'The broker answered in an unknown form.');
  return parsed.data;
}

/** Whether a value has these keys: enough to take it for what the broker, whose types it has, sends. */
export const hasKeys = (value: unknown, ...keys: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && keys.every((key) => key in value);
