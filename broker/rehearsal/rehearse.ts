/**
 * Rehearses a change: predicts the network twice from what was observed, with and without the change, and compares.
 *
 * The model knows nothing but the observations: it is as right or wrong about a simulated device as about a real one.
 */
import type { BlastRadius, Rehearsal } from '../contract.ts';
import { checkInvariants } from './invariants.ts';
import { predict, type RehearsalInput, type View } from './predict.ts';

export function rehearseChange(input: RehearsalInput): Rehearsal {
  const before = predict(input, new Map());
  const after = predict(input, input.changed);
  const names = new Set([...before.lines.keys(), ...after.lines.keys()]);
  const changed = [...names].filter((name) => before.lines.get(name) !== after.lines.get(name));
  const say = (view: View, name: string): string => view.lines.get(name) ?? 'absent';
  const invariants = checkInvariants(input, before, after);
  return {
    predicted: changed.map((name) => `${name}: ${say(before, name)} → ${say(after, name)}`),
    invariants,
    blastRadius: blastRadius(input, before, after, changed),
    verdict: invariants.every((one) => one.holds) ? 'pass' : 'fail',
  };
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
    applications: [...new Set(flips.map((one) => one.split(' → ')[1] ?? ''))].sort(),
  };
}
