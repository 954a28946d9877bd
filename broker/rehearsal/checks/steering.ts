/** Checks of application-aware routing and of queues: nobody is moved to a path that is worse for him, or that has no room. */
import type { Check } from '../check.ts';
import type { View } from '../predict.ts';
import type { SteeredPath } from '../steer.ts';

/** Applications that would take another path, with the one before. */
const moves = (before: View, after: View): readonly (readonly [SteeredPath | undefined, SteeredPath])[] =>
  [...after.steered].flatMap(([name, path]) => {
    const was = before.steered.get(name);
    return was?.tunnel === path.tunnel ? [] : [[was, path] as const];
  });

/** No application leaves a path that meets its class for one that does not, and none is left without a path. */
export const classesKept: Check = ({ before, after }) => [
  ...moves(before, after)
    .filter(([was, path]) => path.misses && was?.misses === false)
    .map(
      ([, { device, application, color, slaClass }]) =>
        `${application} of ${device} would go to ${color}, which misses ${slaClass}`,
    ),
  ...[...before.steered]
    .filter(([name]) => !after.steered.has(name))
    .map(([, { device, application }]) => `${application} of ${device} would have no path`),
];

/** What an application moves to is not full already, at the rates that were read just now. */
export const roomOnPaths: Check = ({ input, before, after }, { percent }) =>
  moves(before, after).flatMap(([was, { device, application, color }]) => {
    if (was === undefined || was.color === color) return [];
    const port = input.observed.find(({ name }) => name === device)?.ports.find((one) => one.color === color);
    const circuit = input.topology.circuits.find((one) => one.device === device && one.color === color);
    if (port === undefined || circuit === undefined) return [];
    const load = Math.max(port.inBps, port.outBps);
    return load > (circuit.capacityBps * percent) / 100
      ? [
          `${application} of ${device} would go to ${color}, which is ${Math.round((100 * load) / circuit.capacityBps)} % full`,
        ]
      : [];
  });

/** The shares of a queueing policy are shares of one port. */
export const sharesAddUp: Check = ({ old, changed }) =>
  changed.qos.flatMap(({ name, classes }) => {
    const sum = (all: typeof classes | undefined): number =>
      (all ?? []).reduce((total, one) => total + one.bandwidthPct, 0);
    const was = sum(old.qos.find((one) => one.name === name)?.classes);
    return sum(classes) > Math.max(100, was) ? [`the shares of ${name} would add up to ${sum(classes)} %`] : [];
  });
