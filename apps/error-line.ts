/** Turns whatever was thrown into the one form people and programs get: code, message, hint; never a stack trace. */
import { ERRORS, type ErrorCode, WayleaveError } from '../broker/errors.ts';

export interface ErrorLine {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}

export function toErrorLine(error: unknown): ErrorLine {
  if (error instanceof WayleaveError) return error.toJSON();
  const detail = error instanceof Error ? error.message : String(error);
  return {
    error: {
      code: 'INTERNAL',
      message: `${ERRORS.INTERNAL.message} (${detail.slice(0, 300)})`,
      hint: ERRORS.INTERNAL.hint,
    },
  };
}

/** The error that a line of another process stands for. */
export function fromErrorLine(line: ErrorLine): WayleaveError {
  const code = (line.error.code in ERRORS ? line.error.code : 'INTERNAL') as ErrorCode;
  return new WayleaveError(code, line.error.message);
}
