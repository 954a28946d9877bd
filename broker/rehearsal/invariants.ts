/** Holds a change to what was declared: the broker's own checks, and lines of the prediction that must stay as they are. */
import type { Invariant } from '../contract.ts';
import type { Facts } from './check.ts';
import { CHECKS } from './checks/checks.ts';
import type { DeclaredInvariant } from './load-invariants.ts';
import type { RehearsalInput, View } from './predict.ts';

/** Findings that are told of one invariant. */
const MAX_TOLD = 20;

/** One for each that is declared, in their order. */
export function checkInvariants(
  declared: readonly DeclaredInvariant[],
  input: RehearsalInput,
  before: View,
  after: View,
): readonly Invariant[] {
  const all: Facts[] = [];
  for (const [device, changed] of input.changed) {
    const old = input.observed.find((one) => one.name === device)?.running?.config;
    if (old === undefined)
      return [{ name: 'ground-observed', holds: false, detail: `${device} could not be read`, breaks: 'deny' }];
    all.push({ input, device, old, changed, before, after });
  }
  return declared.map((one) => {
    const found =
      'check' in one
        ? [...new Set(all.flatMap((facts) => CHECKS[one.check](facts, { percent: one.percent })))]
        : changedLines(one.keep, before, after);
    const detail = found.length === 0 ? one.says : found.slice(0, MAX_TOLD).join(', ');
    return { name: one.name, holds: found.length === 0, detail, breaks: one.breaks };
  });
}

function changedLines(patterns: readonly string[], before: View, after: View): readonly string[] {
  const wanted = patterns.map(matcher);
  const names = [...new Set([...before.lines.keys(), ...after.lines.keys()])];
  const say = (view: View, name: string): string => view.lines.get(name) ?? 'absent';
  return names
    .filter((name) => say(before, name) !== say(after, name) && wanted.some((matches) => matches(name)))
    .map((name) => `${name} would be ${say(after, name)}`);
}

/** Parts between the stars, found one after the other: no pattern costs more than its length times the name's. */
function matcher(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*');
  const [head = '', ...rest] = parts;
  return (name) => {
    if (!name.startsWith(head)) return false;
    let at = head.length;
    for (const [index, part] of rest.entries()) {
      const last = index === rest.length - 1;
      const found = last ? Math.max(at, name.length - part.length) : name.indexOf(part, at);
      if (found < 0 || !name.startsWith(part, found)) return false;
      at = found + part.length;
    }
    return rest.length > 0 || name.length === head.length;
  };
}
