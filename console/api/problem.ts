/** What went wrong with a request: the server's own code, message and hint (docs/errors.md), or one of this page. */
import { TEXT } from '../text.ts';

/** `UNREACHABLE` is this page's own: no answer came at all. */
export class Problem extends Error {
  readonly code: string;
  readonly hint: string;
  readonly status: number;

  constructor(code: string, message?: string, hint?: string, status = 0) {
    const own = Object.entries(TEXT.problems).find(([name]) => name === code)?.[1];
    super(message ?? own?.message ?? TEXT.problems.UNKNOWN.message);
    this.name = 'Problem';
    this.code = code;
    this.hint = hint ?? own?.hint ?? '';
    this.status = status;
  }
}

/** The problem that an answer carries. */
export async function readProblem(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => undefined);
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  if (typeof error !== 'object' || error === null) return new Problem('UNKNOWN', undefined, undefined, response.status);
  const field = (name: string): string | undefined => {
    const value = Object.entries(error).find(([key]) => key === name)?.[1];
    return typeof value === 'string' ? value : undefined;
  };
  return new Problem(field('code') ?? 'UNKNOWN', field('message'), field('hint'), response.status);
}

/** Anything that was thrown, as a problem. */
export const toProblem = (error: unknown): Problem => (error instanceof Problem ? error : new Problem('UNKNOWN'));
