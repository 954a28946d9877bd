/**
 * Reads the `@obligations("…")` annotation of a policy and unites the obligations of several policies into the
 * strictest set. One readable form: `@obligations("1 approval by tenant-admin, rehearse, confirmed-commit 120, limit 1 device")`.
 */
import { type Obligation, ROLES } from '../contract.ts';

/** An obligation nobody can fulfil: the policy that carries it must not be activated. */
export class ObligationError extends Error {
  override readonly name = 'ObligationError';
}

/** Parses the comma-separated list; throws `ObligationError` for any phrase that is not known exactly. */
export function parseObligations(text: string): readonly Obligation[] {
  return text.split(',').map((phrase) => parsePhrase(phrase.trim()));
}

function parsePhrase(phrase: string): Obligation {
  const approval = /^([1-9]) approvals? by ([a-z-]+)$/.exec(phrase);
  const role = ROLES.find((name) => name === approval?.[2]);
  if (approval !== null && role !== undefined) return { kind: 'require-approval', count: Number(approval[1]), role };
  if (phrase === 'rehearse') return { kind: 'rehearse' };
  if (phrase === 'step-up') return { kind: 'step-up' };
  const commit = /^confirmed-commit ([1-9]\d{0,3})$/.exec(phrase);
  if (commit !== null) return { kind: 'confirmed-commit', seconds: Number(commit[1]) };
  const limit = /^limit ([1-9]\d{0,4}) devices?$/.exec(phrase);
  if (limit !== null) return { kind: 'limit', devices: Number(limit[1]) };
  const named = /^(change-window|redact|notify) ([a-z0-9][a-z0-9._-]*)$/.exec(phrase);
  const name = named?.[2] ?? '';
  if (named?.[1] === 'change-window') return { kind: 'change-window', name };
  if (named?.[1] === 'redact') return { kind: 'redact', fields: [name] };
  if (named?.[1] === 'notify') return { kind: 'notify', channel: name };
  throw new ObligationError(`unknown obligation: ${phrase.slice(0, 60)}`);
}

/**
 * Unites obligations: the most approvals, the shortest confirm timeout, the smallest limit, everything else once.
 * @throws ObligationError when two policies name different approvers: an approval has one role, and dropping one is no answer.
 */
export function uniteObligations(all: readonly Obligation[]): readonly Obligation[] {
  const united = new Map<string, Obligation>();
  for (const next of all) {
    const key = keyOf(next);
    const known = united.get(key);
    united.set(key, known === undefined ? next : stricter(known, next));
  }
  return [...united.keys()].sort().flatMap((key) => united.get(key) ?? []);
}

/** Obligations with the same key are merged to one; names and fields stand side by side. */
function keyOf(obligation: Obligation): string {
  switch (obligation.kind) {
    case 'change-window':
      return `${obligation.kind} ${obligation.name}`;
    case 'notify':
      return `${obligation.kind} ${obligation.channel}`;
    case 'redact':
      return `${obligation.kind} ${obligation.fields.join(' ')}`;
    default:
      return obligation.kind;
  }
}

function stricter(a: Obligation, b: Obligation): Obligation {
  if (a.kind === 'require-approval' && b.kind === 'require-approval') {
    if (a.role !== b.role) throw new ObligationError(`two approvers are named: ${a.role} and ${b.role}`);
    return a.count >= b.count ? a : b;
  }
  if (a.kind === 'confirmed-commit' && b.kind === 'confirmed-commit') return a.seconds <= b.seconds ? a : b;
  if (a.kind === 'limit' && b.kind === 'limit') return a.devices <= b.devices ? a : b;
  return a;
}

/** Obligations in the words of `@obligations`, in alphabetical order. */
export function nameObligations(obligations: readonly Obligation[]): readonly string[] {
  const words = obligations.map((one) => {
    switch (one.kind) {
      case 'require-approval':
        return `${one.count} ${one.count === 1 ? 'approval' : 'approvals'} by ${one.role}`;
      case 'confirmed-commit':
        return `confirmed-commit ${one.seconds}`;
      case 'limit':
        return `limit ${one.devices} ${one.devices === 1 ? 'device' : 'devices'}`;
      case 'change-window':
        return `change-window ${one.name}`;
      case 'notify':
        return `notify ${one.channel}`;
      case 'redact':
        return `redact ${one.fields.join(' ')}`;
      default:
        return one.kind;
    }
  });
  return words.sort();
}

/** No change is approved by fewer people than this; what needs nobody's approval stays as it is. */
export const raiseApprovals = (obligations: readonly Obligation[], least: number): readonly Obligation[] =>
  least <= 1
    ? obligations
    : obligations.map((one) => (one.kind === 'require-approval' && one.count < least ? { ...one, count: least } : one));
