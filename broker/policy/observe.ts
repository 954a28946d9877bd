/** Policies that are only observed: each is added to those that decide, alone, and what it would have changed is told. */
import type { ObservedVerdict } from '../contract.ts';
import type { DecisionRequest } from '../ports.ts';
import { createJudge, type Verdict } from './judge.ts';
import { nameObligations } from './obligations.ts';
import type { ActivePolicy, PolicyBundle } from './referee/messages.ts';

export type Observer = (request: DecisionRequest) => readonly ObservedVerdict[];

const NOTHING: readonly ObservedVerdict[] = [];

/** @throws WayleaveError `CONFIG_INVALID` for what could not decide either. */
export function createObserver(
  policies: readonly ActivePolicy[],
  observe: readonly string[],
  schema: PolicyBundle['schema'],
  leastApprovals: number,
): Observer {
  if (observe.length === 0) return () => NOTHING;
  const deciding = policies.filter(({ id }) => !observe.includes(id));
  const now = createJudge(deciding, schema, leastApprovals);
  const others = policies
    .filter(({ id }) => observe.includes(id))
    .map((policy) => ({ id: policy.id, judge: createJudge([...deciding, policy], schema, leastApprovals) }));
  return (request) => {
    const is = describeVerdict(now(request));
    return others.flatMap(({ id, judge }) => {
      const would = describeVerdict(judge(request));
      return sameVerdict(is, would) ? [] : [{ policy: id, ...would }];
    });
  };
}

/** What of a verdict counts when two are compared: the effect, and what it obliges to. */
export interface ShortVerdict {
  readonly effect: Verdict['effect'];
  readonly obligations: readonly string[];
}

export const describeVerdict = ({ effect, obligations }: Verdict): ShortVerdict => ({
  effect,
  obligations: nameObligations(obligations),
});

export const sameVerdict = (a: ShortVerdict, b: ShortVerdict): boolean =>
  a.effect === b.effect && a.obligations.join() === b.obligations.join();
