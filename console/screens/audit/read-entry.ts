/** What an audit entry says of who, on what and how it was decided; and the search that goes by it. Pure. */
import type { StoredAuditEntry } from '../../api/schema.ts';

/** What is searched for, as it stands in the address; empty fields ask for nothing. Times as `2026-03-01T14:00`, UTC. */
export interface Search {
  readonly human: string;
  readonly agent: string;
  readonly device: string;
  readonly decision: string;
  readonly from: string;
  readonly to: string;
  readonly intent: string;
}

export const FIELDS = ['human', 'agent', 'device', 'decision', 'from', 'to', 'intent'] as const;

export function readSearch(query: URLSearchParams): Search {
  const of = (name: (typeof FIELDS)[number]): string => query.get(name) ?? '';
  return {
    ...{ human: of('human'), agent: of('agent'), device: of('device'), decision: of('decision') },
    ...{ from: of('from'), to: of('to'), intent: of('intent') },
  };
}

/** Devices that an entry names: the target of a call, or the one that a step or a warning is about. */
export function devicesOf({ content }: StoredAuditEntry): readonly string[] {
  const named = ['target', 'device', 'devices'].flatMap((name) => content[name] ?? []);
  return named.filter((one) => typeof one === 'string');
}

/** The last word that an entry has: outcome, vote, refusal, or the decision of the policies. */
export function decisionOf({ content, kind }: StoredAuditEntry): string {
  if (kind === 'refused') return kind;
  for (const name of ['outcome', 'verdict', 'decision']) {
    const value = content[name];
    if (typeof value === 'string') return value;
  }
  return '';
}

/** Names fit where they contain what is searched for; `of` in the content counts as a human, too. */
export function fits(entry: StoredAuditEntry, search: Search): boolean {
  const has = (texts: readonly unknown[], wanted: string): boolean =>
    wanted === '' ||
    texts.some((text) => typeof text === 'string' && text.toLowerCase().includes(wanted.toLowerCase()));
  return (
    has([entry.human, entry.content['of']], search.human) &&
    has([entry.agent], search.agent) &&
    has(devicesOf(entry), search.device) &&
    (search.decision === '' || decisionOf(entry) === search.decision) &&
    (search.intent === '' || entry.intent === search.intent) &&
    (search.from === '' || entry.at >= search.from) &&
    (search.to === '' || entry.at.slice(0, search.to.length) <= search.to)
  );
}
