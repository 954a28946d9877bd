/** The compliance report of a tenant over a period, drawn from audit entries alone: who did what, when, under which policy, approved by whom, with what outcome. Pure. */
import type { StoredAuditEntry } from '../../../broker/ports.ts';

export interface Period {
  readonly tenant: string;
  /** ISO 8601, inclusive. */
  readonly from: string;
  /** ISO 8601, exclusive. */
  readonly to: string;
}

export interface Vote {
  readonly human: string;
  readonly verdict: string;
  readonly reason: string;
  readonly at: string;
}

/** One intent from its first to its last entry. */
export interface Action {
  readonly intent: string;
  readonly at: string;
  readonly human: string;
  readonly session: string;
  /** Empty when the person called directly. */
  readonly agent: string;
  readonly tool: string;
  readonly effect: string;
  readonly target: readonly string[];
  readonly purpose: string;
  readonly decision: string;
  readonly policies: readonly string[];
  readonly policyRevision: string;
  readonly votes: readonly Vote[];
  /** The emergency (`bgl_…`) under which nobody was asked first; empty for all others. */
  readonly breakGlass: string;
  readonly operations: readonly string[];
  /** `succeeded`, `failed`, `reverted`, `unknown`, a code of a refusal, or `open` where no entry says how it ended. */
  readonly outcome: string;
  readonly detail: string;
  /** Numbers of its entries: `wayleave audit prove` proves each. */
  readonly entries: readonly number[];
}

/** Reads of one kind, counted. */
export interface ReadCount {
  readonly human: string;
  readonly agent: string;
  readonly tool: string;
  readonly outcome: string;
  readonly count: number;
}

/** What belongs to no intent: logins, keys, policies, sessions, devices. */
export interface Event {
  readonly index: number;
  readonly at: string;
  readonly kind: string;
  readonly human: string;
  readonly content: string;
}

export interface ComplianceReport extends Period {
  /** Whatever may alter something: probe, change and contain. */
  readonly changes: readonly Action[];
  /** Calls that were refused, whatever their effect. */
  readonly refusals: readonly Action[];
  readonly reads: readonly ReadCount[];
  readonly events: readonly Event[];
  readonly people: readonly {
    readonly human: string;
    readonly changes: number;
    readonly reads: number;
    readonly refused: number;
    readonly votes: number;
  }[];
}

/** `entries` are those of the tenant, oldest first. An intent counts when one of its entries lies in the period, and is shown whole. */
export function buildReport(entries: Iterable<StoredAuditEntry>, period: Period): ComplianceReport {
  const byIntent = new Map<string, StoredAuditEntry[]>();
  const events: Event[] = [];
  for (const entry of entries) {
    if (entry.tenant !== period.tenant) continue;
    if (entry.intent === undefined) {
      if (isWithin(entry, period)) events.push(toEvent(entry));
      continue;
    }
    const known = byIntent.get(entry.intent);
    if (known === undefined) byIntent.set(entry.intent, [entry]);
    else known.push(entry);
  }
  const actions = [...byIntent.values()].filter((own) => own.some((entry) => isWithin(entry, period))).map(toAction);
  const refused = (action: Action): boolean => /^[A-Z_]+$/.test(action.outcome) && action.operations.length === 0;
  const refusals = actions.filter(refused);
  const others = actions.filter((action) => !refused(action));
  const changes = others.filter(({ effect }) => effect !== 'read' && effect !== '');
  const reads = countReads(others.filter(({ effect }) => effect === 'read' || effect === ''));
  return { ...period, changes, refusals, reads, events, people: countPeople(changes, refusals, reads) };
}

const isWithin = ({ at }: StoredAuditEntry, { from, to }: Period): boolean => at >= from && at < to;

function toAction(entries: readonly StoredAuditEntry[]): Action {
  // Votes are entries of the approvers: who called, and on what, stands in the others.
  const own = entries.filter(({ kind }) => !kind.startsWith('approval.'));
  const first = own[0] ?? entries[0];
  const newest = own.toReversed();
  const text = (name: string): string => {
    const found = newest.map(({ content }) => content[name]).find((value) => typeof value === 'string');
    return typeof found === 'string' ? found : '';
  };
  const list = (name: string): readonly string[] => {
    const found = newest.map(({ content }) => content[name]).find((value) => Array.isArray(value));
    return Array.isArray(found)
      ? found.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
      : [];
  };
  const last = newest[0];
  return {
    intent: first?.intent ?? '',
    at: first?.at ?? '',
    human: first?.human ?? '',
    session: first?.session ?? '',
    agent: first?.agent ?? '',
    tool: first?.tool ?? '',
    effect: text('effect'),
    target: list('target'),
    purpose: text('purpose'),
    decision: text('decision'),
    policies: list('policies'),
    policyRevision: text('policyRevision'),
    votes: entries.filter(({ kind }) => kind === 'approval.vote').map(toVote),
    breakGlass: text('breakGlass'),
    operations: list('operations'),
    outcome: text('outcome') || (last?.kind === 'refused' ? text('error') : '') || howItEnded(entries, last) || 'open',
    detail: text('detail') || text('reason'),
    entries: entries.map(({ index }) => index),
  };
}

/** What became of a change that was asked for and never came again: its approval says so behind the last call. */
function howItEnded(entries: readonly StoredAuditEntry[], last: StoredAuditEntry | undefined): string {
  const behind = entries.filter(({ index }) => index > (last?.index ?? -1));
  if (behind.some(({ kind }) => kind === 'approval.expired')) return 'expired';
  const rejected = behind.some(({ kind, content }) => kind === 'approval.vote' && content['status'] === 'rejected');
  return rejected ? 'rejected' : '';
}

function toVote({ human = '', at, content }: StoredAuditEntry): Vote {
  const text = (name: string): string => {
    const value = content[name];
    return typeof value === 'string' ? value : '';
  };
  return { human, at, verdict: text('verdict'), reason: text('reason') };
}

const toEvent = ({ index, at, kind, human = '', content }: StoredAuditEntry): Event => ({
  index,
  at,
  kind,
  human,
  content: Object.entries(content)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' · '),
});

function countReads(actions: readonly Action[]): readonly ReadCount[] {
  const counts = new Map<string, ReadCount>();
  for (const { human, agent, tool, outcome } of actions) {
    const key = JSON.stringify([human, agent, tool, outcome]);
    counts.set(key, { human, agent, tool, outcome, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

function countPeople(
  changes: readonly Action[],
  refusals: readonly Action[],
  reads: readonly ReadCount[],
): ComplianceReport['people'] {
  const votes = [...changes, ...refusals].flatMap((action) => action.votes);
  const names = new Set([...changes, ...refusals, ...reads, ...votes].map(({ human }) => human));
  return [...names].sort().map((human) => ({
    human,
    changes: changes.filter((one) => one.human === human).length,
    reads: reads.reduce((sum, one) => sum + (one.human === human ? one.count : 0), 0),
    refused: refusals.filter((one) => one.human === human).length,
    votes: votes.filter((one) => one.human === human).length,
  }));
}
