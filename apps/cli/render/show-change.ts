/** Shows a change that waits for people: what was decided and why, the exact diff, and what the rehearsal predicts. */
import type { Approval, ChangeSummary, Obligation, Rehearsal, Taint } from '../../../broker/contract.ts';
import { oneLine, printable, type Style } from '../terminal.ts';

const LABEL = 11;
/** A row with its name in front; further lines stand below the first. */
function row(label: string, lines: readonly string[], style: Style): readonly string[] {
  return lines.map((line, index) => `${style.dim((index === 0 ? label : '').padEnd(LABEL))}${line}`);
}

/** Decision, policies with reasons, obligations, diff, rehearsal, who must approve, until when. */
export function showChange(change: ChangeSummary, style: Style): readonly string[] {
  const { decision, needed } = change;
  const paired = decision.policies.length === decision.reasons.length;
  const because = paired
    ? decision.policies.map((policy, index) => `${oneLine(policy)}: ${oneLine(decision.reasons[index])}`)
    : [decision.policies.map(oneLine).join(', '), ...decision.reasons.map(oneLine)];
  const verdict = decision.effect === 'permit' ? style.green('permit') : style.red('deny');
  return [
    ...row(
      'decision',
      [`${verdict} ${style.dim(`${oneLine(decision.id)}, policies ${short(decision.revision)}`)}`],
      style,
    ),
    ...row('because', because, style),
    ...row('must', decision.obligations.map(describeObligation), style),
    ...row('advice', decision.advice.map(oneLine), style),
    ...row(
      'taint',
      (change.taint ?? []).map((one) => style.red(describeTaint(one))),
      style,
    ),
    ...row('reversal', showReversal(change), style),
    ...row('diff', showDiff(change.diff, style), style),
    ...(change.rehearsal === undefined ? row('rehearsal', ['none'], style) : showRehearsal(change.rehearsal, style)),
    ...row('needs', [`approval by ${needed.count} × ${needed.role}, not by who asked`], style),
    ...row('until', [oneLine(change.expiresAt)], style),
  ];
}

/** The whole approval, for the person who decides on it. */
export function showApproval(approval: Approval, style: Style): readonly string[] {
  const { intent, requester } = approval;
  const input = JSON.stringify(intent.input);
  return [
    `${style.bold(oneLine(approval.id))}  ${paintStatus(approval.status, style)}`,
    ...row(
      'change',
      [`${oneLine(intent.tool)}(${intent.target.devices.map(oneLine).join(', ')}) ${oneLine(input)}`],
      style,
    ),
    ...row('purpose', [oneLine(intent.purpose)], style),
    ...row('evidence', [listIds(intent.evidence)], style),
    ...row('intent', [`${oneLine(intent.id)} ${style.dim(`digest ${short(intent.digest)}`)}`], style),
    ...row('asked by', [`${oneLine(requester.human)} (${requester.roles.join(', ')})`], style),
    ...row('through', [requester.chain.map(oneLine).join(' ← ')], style),
    ...showChange(approval, style),
    ...row(
      'votes',
      approval.votes.length === 0
        ? ['none yet']
        : approval.votes.map(
            (vote) =>
              `${vote.verdict === 'approve' ? style.green('approve') : style.red('reject')} by ${oneLine(vote.human)} at ${oneLine(vote.at)}: ${oneLine(vote.reason)}`,
          ),
      style,
    ),
  ];
}

const describeTaint = ({ parameter, evidence }: Taint): string =>
  `${oneLine(parameter)} holds text that a device, a log or a ticket said: ${listIds(evidence)}`;

const showReversal = ({ reversal }: ChangeSummary): readonly string[] =>
  reversal === undefined
    ? []
    : [
        `by itself ${reversal.afterSeconds} s after it is in place (${sayTime(reversal.afterSeconds)}):`,
        ...reversal.does.map(oneLine),
      ];

/** `4 h`, `90 min`, `30 s`. */
export function sayTime(seconds: number): string {
  if (seconds >= 3600 && seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds >= 120 ? `${Math.round(seconds / 60)} min` : `${seconds} s`;
}

export function showDiff(diff: string, style: Style): readonly string[] {
  return printable(diff)
    .trimEnd()
    .split('\n')
    .map((line) => {
      if (line.startsWith('+')) return style.green(line);
      if (line.startsWith('-')) return style.red(line);
      return line.startsWith('@@') ? style.cyan(line) : line;
    });
}

function showRehearsal(rehearsal: Rehearsal, style: Style): readonly string[] {
  const { devices, sites, users, applications } = rehearsal.blastRadius;
  const verdict = rehearsal.verdict === 'pass' ? style.green('pass') : style.red('fail');
  const invariants = rehearsal.invariants.map(({ name, holds, detail }) => {
    const words = `${oneLine(name)}${detail === '' ? '' : style.dim(` (${oneLine(detail)})`)}`;
    return `${holds ? style.green('✓') : style.red('✗')} ${words}`;
  });
  return [
    ...row('rehearsal', [verdict, ...invariants], style),
    ...row('predicted', rehearsal.predicted.map(oneLine), style),
    ...row(
      'touches',
      [
        `${count(devices.length, 'device')} (${devices.map(oneLine).join(', ')}), ${count(sites.length, 'site')} (${sites.map(oneLine).join(', ')}), ${count(users, 'user')}${applications.length === 0 ? '' : `, applications ${applications.map(oneLine).join(', ')}`}`,
      ],
      style,
    ),
  ];
}

function describeObligation(obligation: Obligation): string {
  switch (obligation.kind) {
    case 'require-approval':
      return `be approved by ${obligation.count} × ${obligation.role}`;
    case 'rehearse':
      return 'be rehearsed on the model of the network';
    case 'confirmed-commit':
      return `be committed on trial: it rolls back unless confirmed within ${obligation.seconds} s`;
    case 'change-window':
      return `happen in the change window ${oneLine(obligation.name)}`;
    case 'limit':
      return `touch at most ${count(obligation.devices, 'device')}`;
    case 'step-up':
      return 'be confirmed by a fresh login';
    case 'redact':
      return `hide ${obligation.fields.map(oneLine).join(', ')}`;
    case 'notify':
      return `notify ${oneLine(obligation.channel)}`;
  }
}

export function paintStatus(status: Approval['status'], style: Style): string {
  if (status === 'pending') return style.yellow(status);
  return status === 'approved' || status === 'consumed' ? style.green(status) : style.red(status);
}

/** Ids that a statement cites: the first few, and how many more. */
export function listIds(ids: readonly string[], most = 4): string {
  if (ids.length === 0) return 'none';
  const more = ids.length > most ? ` and ${ids.length - most} more` : '';
  return ids.slice(0, most).map(oneLine).join(', ') + more;
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
const short = (digest: string): string => oneLine(digest.replace(/^sha256:/, '')).slice(0, 16);
