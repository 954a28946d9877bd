/** What one question may cost: calls, tokens and time. Once something goes wrong nothing more is asked. */

export interface BudgetLimits {
  readonly calls: number;
  /** Prompts and answers together. */
  readonly tokens: number;
  readonly seconds: number;
}

export interface Budget {
  /** Why there may be no further call; undefined when there may. */
  readonly closed: () => string | undefined;
  /** Starts a call of about so many tokens; false when it would be over the budget, which is then closed. */
  readonly open: (tokens: number) => boolean;
  /** Counts what a call really cost. */
  readonly spend: (tokens: number) => void;
  readonly close: (why: string) => void;
  readonly tokensLeft: () => number;
  readonly msLeft: () => number;
}

/** `now` in epoch milliseconds. Time runs from the first call. */
export function createBudget(limits: BudgetLimits, now: () => number): Budget {
  let calls = 0;
  let tokens = 0;
  let startedAt: number | undefined;
  let closed: string | undefined;
  const msLeft = (): number => limits.seconds * 1000 - (startedAt === undefined ? 0 : now() - startedAt);
  const why = (more: number): string | undefined => {
    if (calls >= limits.calls) return `it was asked ${limits.calls} times for this question, which is the limit`;
    if (tokens + more > limits.tokens) return `the limit of ${limits.tokens} tokens for one question is reached`;
    if (msLeft() <= 0) return `the limit of ${limits.seconds} s for one question is reached`;
    return undefined;
  };
  return {
    closed: () => closed,
    open(more) {
      startedAt ??= now();
      closed ??= why(more);
      if (closed !== undefined) return false;
      calls += 1;
      return true;
    },
    spend: (more) => {
      tokens += more;
    },
    close: (reason) => {
      closed ??= reason;
    },
    tokensLeft: () => Math.max(0, limits.tokens - tokens),
    msLeft,
  };
}
