/** The latest decisions of the audit log, as far back as anybody looks at on a screen; the log itself has them all. */
import { useEffect, useState } from 'react';
import { type Problem, toProblem } from '../../api/problem.ts';
import type { StoredAuditEntry } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { fill } from '../../api/use-answer.ts';
import type { Session } from '../../login/session.ts';

/** Entries to a request, and requests. */
const PAGE = 1_000;
const PAGES = 5;

export interface Decided {
  readonly index: number;
  readonly at: string;
  readonly tool: string;
  readonly human: string;
  readonly agent: string | undefined;
  readonly roles: readonly string[];
  readonly verdict: 'permit' | 'deny';
  readonly obligations: readonly string[];
  readonly policies: readonly string[];
  /** What rules that are only watched would have made of it. */
  readonly observed: readonly { readonly policy: string; readonly would: string }[];
}

/** `problem` as the API gave it: not everybody may read the log. */
export function useDecisions(): { readonly decisions?: readonly Decided[]; readonly problem?: Problem } {
  const session = useSession();
  const [found, setFound] = useState<{ readonly decisions?: readonly Decided[]; readonly problem?: Problem }>({});
  useEffect(() => {
    let gone = false;
    readLatest(session)
      .then((decisions) => !gone && setFound({ decisions }))
      .catch((error: unknown) => !gone && setFound({ problem: toProblem(error) }));
    return () => {
      gone = true;
    };
  }, [session]);
  return found;
}

/** The newest first. */
async function readLatest(session: Session): Promise<readonly Decided[]> {
  // The second line of a checkpoint is the size of the tree (C2SP tlog-checkpoint).
  const size = Number((await (await session.broker('/api/audit/checkpoint')).text()).split('\n')[1]);
  const decisions: Decided[] = [];
  for (let page = 1, end = size; page <= PAGES && end > 0; page += 1, end -= PAGE) {
    const from = Math.max(0, end - PAGE);
    const answer = await session.broker(fill('/api/audit', { from, limit: PAGE }));
    const { entries }: { readonly entries: readonly StoredAuditEntry[] } = await answer.json();
    const here = entries.filter(({ index }) => index < end).flatMap((entry) => readDecision(entry) ?? []);
    decisions.push(...here.toReversed());
  }
  return decisions;
}

/** Undefined for an entry that has none, or was too long to be kept whole. */
function readDecision({ index, at, tool, human, agent, content }: StoredAuditEntry): Decided | undefined {
  const asked = content['asked'];
  const verdict = content['decision'];
  if (!isFields(asked) || (verdict !== 'permit' && verdict !== 'deny')) return undefined;
  if (tool === undefined || human === undefined) return undefined;
  const observed = Array.isArray(content['observed']) ? content['observed'].filter(isFields) : [];
  return {
    ...{ index, at, tool, human, agent, verdict },
    roles: words(asked['roles']),
    obligations: words(asked['obligations']),
    policies: words(content['policies']),
    observed: observed.map((one) => ({
      policy: String(one['policy']),
      would: [String(one['effect']), ...words(one['obligations'])].join(', '),
    })),
  };
}

const isFields = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const words = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
