/** Judges what agents and people did, from the audit log: denials, approvals without review, break-glass, and clients of people's own. */
import type { Evidence } from '../../broker/contract.ts';
import { type AuditedEntry, auditedEntry } from '../../tools/audit-read.ts';
import type { Statement } from '../events.ts';
import { quote } from '../events.ts';
import { parseJson } from '../inventory.ts';
import { citeTenet } from './tenets.ts';

type Entry = AuditedEntry & { readonly id: string; readonly at: string };

/** A reason shorter than this tells nobody why. */
const SHORTEST_REASON = 8;
/** An approval sooner than this after the request was not read: a diff and a rehearsal are a page. Milliseconds. */
const SHORTEST_REVIEW = 10_000;

function readEntries(evidence: readonly Evidence[]): readonly Entry[] {
  return evidence.flatMap((one) => {
    if (one.signal !== 'audit.entry') return [];
    const parsed = auditedEntry.safeParse(parseJson(one.value));
    return parsed.success ? [{ ...parsed.data, id: one.id, at: one.observedAt }] : [];
  });
}

function groupBy(entries: readonly Entry[], key: (entry: Entry) => string): ReadonlyMap<string, readonly Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) groups.set(key(entry), [...(groups.get(key(entry)) ?? []), entry]);
  return groups;
}

const who = ({ agent, human }: Entry): string =>
  agent === undefined ? (human ?? 'somebody') : `${agent} for ${human}`;
const ids = (entries: readonly Entry[]): string[] => entries.map(({ id }) => id);

/** Everything in the log that somebody should look at, the gravest first. */
export function reviewActions(evidence: readonly Evidence[]): readonly Statement[] {
  const entries = readEntries(evidence);
  const of = (kind: string): readonly Entry[] => entries.filter((entry) => entry.kind === kind);

  const reviewed = new Set(of('break-glass.reviewed').map(({ facts }) => facts['id']));
  const glasses = of('break-glass.opened').map((entry): Statement => {
    const isReviewed = reviewed.has(entry.facts['id']);
    const state = isReviewed ? 'and was reviewed afterwards' : 'and nobody has reviewed it';
    return {
      text: `${entry.human} broke the glass at ${entry.at} ("${quote(String(entry.facts['reason'] ?? ''))}") ${state} ${citeTenet(4)}`,
      evidence: [entry.id],
    };
  });

  const asked = new Map(of('pending').map((entry) => [entry.intent, entry]));
  const hasty = of('approval.vote').flatMap((entry): readonly Statement[] => {
    if (entry.facts['verdict'] !== 'approve') return [];
    const reason = String(entry.facts['reason'] ?? '').trim();
    const request = entry.intent === undefined ? undefined : asked.get(entry.intent);
    const took = request === undefined ? undefined : Date.parse(entry.at) - Date.parse(request.at);
    const faults = [
      ...(reason.length < SHORTEST_REASON ? [`without a reason worth the name ("${quote(reason)}")`] : []),
      ...(took !== undefined && took < SHORTEST_REVIEW ? [`${Math.round(took / 1000)} s after it was asked for`] : []),
    ];
    if (faults.length === 0) return [];
    return [
      {
        text: `${entry.human} approved ${entry.intent ?? 'a change'} ${faults.join(' and ')} ${citeTenet(3)}`,
        evidence: [entry.id, ...(request ? [request.id] : [])],
      },
    ];
  });

  const refused = groupBy(of('refused'), (entry) => `${who(entry)}|${entry.tool ?? ''}|${entry.facts['error'] ?? ''}`);
  const denials = [...refused.values()].flatMap((some): readonly Statement[] => {
    const last = some.at(-1);
    if (last === undefined) return [];
    const times = some.length === 1 ? 'once' : `${some.length} times`;
    return [
      {
        text: `${who(last)} was refused ${last.tool ?? 'a call'} ${times}: ${last.facts['error'] ?? ''}, "${quote(String(last.facts['reason'] ?? ''))}" ${citeTenet(4)}`,
        evidence: ids(some).slice(0, 20),
      },
    ];
  });

  // A policy on trial decides nothing: what it would have refused went through.
  const trials = entries.flatMap((entry) => {
    const text = entry.facts['observed'];
    return typeof text === 'string' ? text.split(', ').map((verdict) => ({ entry, verdict })) : [];
  });
  const gaps = [...new Set(trials.map(({ verdict }) => verdict))].flatMap((verdict): readonly Statement[] => {
    const some = trials.filter((one) => one.verdict === verdict).map(({ entry }) => entry);
    const [policy, effect] = verdict.split(': ');
    const tools = [...new Set(some.map(({ tool }) => tool ?? 'a call'))].slice(0, 5).join(', ');
    return [
      {
        text: `the policy ${quote(policy ?? '')} is only observed: it would have said ${quote(effect ?? '')} to ${tools}, ${some.length} ${some.length === 1 ? 'time' : 'times'} ${citeTenet(4)}`,
        evidence: ids(some).slice(0, 20),
      },
    ];
  });

  const bands = of('risk.band').map(
    (entry): Statement => ({
      text: `${who(entry)} came into the risk band ${entry.facts['band'] ?? ''} at ${entry.at} ${citeTenet(4)}`,
      evidence: [entry.id],
    }),
  );
  return [...glasses, ...hasty, ...gaps, ...denials, ...bands];
}

/** Programs that speak MCP to the broker for a person without being one of its agents. */
export function findOwnClients(evidence: readonly Evidence[]): readonly Statement[] {
  const own = readEntries(evidence).filter(
    ({ agent, human, tool }) => agent === undefined && human !== undefined && tool !== undefined,
  );
  return [...groupBy(own, ({ human }) => human ?? '')].map(([human, some]) => ({
    text: `${human} uses an MCP client of their own: ${[...new Set(some.map(({ tool }) => tool))].slice(0, 5).join(', ')} ${citeTenet(6)}`,
    evidence: ids(some).slice(0, 20),
  }));
}
