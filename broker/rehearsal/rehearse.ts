/**
 * Rehearses a change: predicts the network twice from what was observed, with and without the change, and compares.
 *
 * The model knows nothing but the observations: it is as right or wrong about a simulated device as about a real one.
 */
import type { BlastRadius, Rehearsal } from '../contract.ts';
import { checkInvariants } from './invariants.ts';
import type { DeclaredInvariant } from './load-invariants.ts';
import { predict, type RehearsalInput, type View } from './predict.ts';
import { type Expectation, expectOf } from './prediction.ts';

/** What the change would do, and what to expect of the touched devices when it is done. */
export function rehearseChange(
  input: RehearsalInput,
  declared: readonly DeclaredInvariant[],
): { readonly rehearsal: Rehearsal; readonly expected: Expectation } {
  const before = predict(input, new Map());
  const after = predict(input, input.changed);
  const names = new Set([...before.lines.keys(), ...after.lines.keys()]);
  const changed = [...names].filter((name) => before.lines.get(name) !== after.lines.get(name));
  const say = (view: View, name: string): string => view.lines.get(name) ?? 'absent';
  const invariants = checkInvariants(declared, input, before, after);
  const radius = blastRadius(input, before, after, changed);
  const rehearsal: Rehearsal = {
    predicted: changed.map((name) => `${name}: ${say(before, name)} → ${say(after, name)}`),
    invariants,
    blastRadius: radius,
    verdict: invariants.every((one) => one.holds || one.breaks !== 'deny') ? 'pass' : 'fail',
  };
  return { rehearsal, expected: expectOf(input, before, after, radius.devices) };
}

function blastRadius(input: RehearsalInput, before: View, after: View, changedLines: readonly string[]): BlastRadius {
  const touched = new Set(input.changed.keys());
  for (const { name } of input.observed) {
    if (changedLines.some((line) => line.startsWith(`node/${name} `) || line.startsWith(`interface/${name}/`)))
      touched.add(name);
  }
  const sites = new Set(input.observed.filter((one) => touched.has(one.name)).map((one) => one.site));
  const flips = [...after.served, ...before.served].filter((one) => before.served.has(one) !== after.served.has(one));
  return {
    devices: [...touched].sort(),
    sites: [...sites].sort(),
    users: input.topology.hosts.filter((host) => sites.has(host.site)).reduce((sum, host) => sum + host.users, 0),
    applications: [...new Set([...flips.map((one) => one.split(' → ')[1] ?? ''), ...resteered(before, after)])].sort(),
  };
}

/** Applications that would take another path somewhere. */
const resteered = (before: View, after: View): readonly string[] =>
  [...after.steered].flatMap(([name, { application, tunnel }]) =>
    before.steered.get(name)?.tunnel === tunnel ? [] : [application],
  );
