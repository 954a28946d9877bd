/** Shows audit entries: one as a row, one in full, and all of an intent as the chain from the human to the outcome. */
import type { Receipt } from '../../../broker/contract.ts';
import type { StoredAuditEntry } from '../../../broker/ports.ts';
import { oneLine, type Style } from '../terminal.ts';

/** What an entry is about, as far as one row can say it. */
const TELLING = ['error', 'outcome', 'verdict', 'status', 'approval', 'decision', 'reason', 'detail', 'ended'] as const;
const LONGEST = 160;

export function showRow(entry: StoredAuditEntry, style: Style): string {
  const who = [entry.human ?? entry.tenant, ...(entry.agent === undefined ? [] : [`through ${entry.agent}`])].join(' ');
  const facts = TELLING.flatMap((name) => {
    const value = entry.content[name];
    return typeof value === 'string' && value !== '' ? [`${name} ${value}`] : [];
  });
  const about = [entry.tool, entry.intent, ...facts].filter((part) => part !== undefined).join(' · ');
  const kind =
    entry.kind === 'refused' || entry.kind.endsWith('.refused')
      ? style.red(entry.kind)
      : style.bold(oneLine(entry.kind));
  return `${style.dim(`#${entry.index} ${oneLine(entry.at)}`)} ${kind} ${oneLine(who)}${about === '' ? '' : ` · ${cut(oneLine(about))}`}`;
}

export function showEntry(entry: StoredAuditEntry, style: Style): readonly string[] {
  const { content, ...head } = entry;
  const rows = [...Object.entries(head), ...Object.entries(content)];
  return rows.map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${style.dim(oneLine(name).padEnd(16))} ${oneLine(text)}`;
  });
}

export interface Trace {
  readonly intent: string;
  readonly human: string;
  readonly session: string;
  readonly agent: string;
  readonly tool: string;
  readonly purpose: string;
  readonly policies: readonly string[];
  readonly policyRevision: string;
  readonly approvedBy: readonly string[];
  readonly operations: readonly string[];
  readonly outcome: string;
  readonly entries: readonly StoredAuditEntry[];
  /** Only of changes: each step of the transaction. */
  readonly receipt?: Receipt;
}

/** Draws the chain out of the entries of one intent, oldest first; a later entry knows more. */
export function traceIntent(intent: string, entries: readonly StoredAuditEntry[], receipt?: Receipt): Trace {
  const reversed = entries.toReversed();
  const latest = (name: string): string => {
    const value = reversed.map((entry) => entry.content[name]).find((one) => typeof one === 'string');
    return typeof value === 'string' ? value : '';
  };
  const list = (name: string): readonly string[] => {
    const value = reversed.map((entry) => entry.content[name]).find((one) => Array.isArray(one));
    return Array.isArray(value) ? value.map(String) : [];
  };
  // Votes are entries of the approvers: the chain is that of the caller.
  const own = entries.find((entry) => !entry.kind.startsWith('approval.'));
  const voters = entries.flatMap(({ kind, human, content }) =>
    kind === 'approval.vote' && content['verdict'] === 'approve' && human !== undefined ? [human] : [],
  );
  return {
    intent,
    human: own?.human ?? '',
    session: own?.session ?? '',
    agent: own?.agent ?? '',
    tool: own?.tool ?? '',
    purpose: latest('purpose'),
    policies: list('policies'),
    policyRevision: latest('policyRevision'),
    approvedBy: [...new Set(voters)],
    operations: list('operations'),
    outcome: latest('outcome') || latest('error') || entries.at(-1)?.kind || '',
    entries,
    ...(receipt === undefined ? {} : { receipt }),
  };
}

export function showTrace(trace: Trace, style: Style): readonly string[] {
  const said = (text: string, otherwise: string): string => (text === '' ? otherwise : oneLine(text));
  const revision =
    trace.policyRevision === '' ? '' : style.dim(` of revision ${oneLine(trace.policyRevision).slice(0, 16)}`);
  const links: readonly (readonly [string, string])[] = [
    ['human', said(trace.human, 'unknown')],
    ['session', said(trace.session, 'unknown')],
    ['agent', said(trace.agent, 'none: the person called directly')],
    ['tool', `${said(trace.tool, 'unknown')} ${style.dim(`for ${said(trace.purpose, 'no purpose')}`)}`],
    ['policies', `${said(trace.policies.join(', '), 'none recorded')}${revision}`],
    ['approved by', said(trace.approvedBy.join(', '), 'nobody')],
    ['operations', said(cut(trace.operations[0] ?? ''), 'none')],
    ...trace.operations.slice(1).map((operation) => ['', cut(oneLine(operation))] as const),
    ...(trace.receipt?.steps ?? []).map(
      ({ device, step, ok, detail }, index) =>
        [
          index === 0 ? 'steps' : '',
          `${ok ? style.green('✓') : style.red('✗')} ${oneLine(device)} ${step} ${oneLine(detail)}`.trimEnd(),
        ] as const,
    ),
    ...showPrediction(trace.receipt),
    ['outcome', trace.outcome === 'succeeded' ? style.green('succeeded') : style.red(oneLine(trace.outcome))],
  ];
  return [
    ...links.map(([name, text]) => `${style.dim(name.padEnd(12))}${text}`),
    '',
    ...trace.entries.map((entry) => showRow(entry, style)),
  ];
}

/** How right the rehearsal was, of a change that stands. */
function showPrediction(receipt: Receipt | undefined): readonly (readonly [string, string])[] {
  if (receipt?.prediction === undefined) return [];
  const { compared, wrong, lines } = receipt.prediction;
  const right = `right about ${compared - wrong} of ${compared} tunnels, sessions and ports`;
  return [['rehearsal', right], ...lines.map((line) => ['', oneLine(line)] as const)];
}

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
