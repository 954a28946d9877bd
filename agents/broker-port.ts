/** The one door of the agents: how a run speaks to the broker, bound to one human's token, and what it does with a refusal. */
import type { AgentName, Answer, CallArguments, Domain } from '../broker/contract.ts';
import { ERRORS, WayleaveError } from '../broker/errors.ts';
import { isServerAway } from '../storage/server-away.ts';

/** A broker bound to one human. Rejects with an error that carries `code`, `message` and `hint`. */
export interface BrokerPort {
  call(agent: AgentName, domain: Domain, tool: string, args: CallArguments): Promise<Answer>;
}

/** An error as people see it: never a stack, never a secret. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Longest error text that is repeated to a person. */
const MAX_TEXT = 400;

const textOf = (value: unknown, fallback: string): string =>
  typeof value === 'string' && value.length > 0 ? value.slice(0, MAX_TEXT) : fallback;

/** Reads whatever was thrown as a problem; anything without a known code becomes `INTERNAL` and keeps its text to itself. */
export function toProblem(error: unknown): Problem {
  if (error instanceof WayleaveError) return { code: error.code, message: error.message, hint: error.hint };
  if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error) {
    const { code, message } = error;
    if (typeof code === 'string' && Object.hasOwn(ERRORS, code)) {
      const row = Object.entries(ERRORS).find(([name]) => name === code)?.[1] ?? ERRORS.INTERNAL;
      const hint = 'hint' in error ? error.hint : undefined;
      return { code, message: textOf(message, row.message), hint: textOf(hint, row.hint) };
    }
  }
  // The agents' own database, most of all.
  if (isServerAway(error))
    return {
      code: 'UNAVAILABLE',
      message: 'The database of the agents does not answer.',
      hint: ERRORS.UNAVAILABLE.hint,
    };
  return { code: 'INTERNAL', message: ERRORS.INTERNAL.message, hint: ERRORS.INTERNAL.hint };
}
