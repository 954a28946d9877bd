/** Holds what a rehearsal predicted against what then was: how wrong the model is about this network is recorded with every change. */
import type { Prediction } from '../contract.ts';
import { type ObserveDeps, type ObservedDevice, observeDevices } from './observe.ts';
import type { RehearsalInput, View } from './predict.ts';

/** Lines that are told when they came otherwise. */
const MAX_TOLD = 20;
/** Devices that are read again at most: a change touches few. */
const MAX_DEVICES = 50;

/** What is expected of a device afterwards: resource and signal → value, of tunnels, sessions and ports. */
export type Expectation = ReadonlyMap<string, string>;

/**
 * What can be held against the devices later. A line about which the model is wrong already, before the change, says
 * nothing about the change and is left out, unless the change is predicted to alter it.
 */
export function expectOf(input: RehearsalInput, before: View, after: View, devices: readonly string[]): Expectation {
  const now = linesOf(
    input.observed.filter(({ name }) => devices.includes(name)),
    after,
  );
  const expected = new Map<string, string>();
  for (const [line, value] of now) {
    const [was, will] = [simple(before.lines.get(line)), simple(after.lines.get(line))];
    if (will !== undefined && (was === value || was !== will)) expected.set(line, will);
  }
  return expected;
}

/** Reads the devices again. A device that does not answer is not compared; nothing here can fail a change that stands. */
export async function comparePrediction(
  deps: ObserveDeps,
  tenant: string,
  devices: readonly string[],
  expected: Expectation,
): Promise<Prediction> {
  const observed = await observeDevices(deps, tenant, devices.slice(0, MAX_DEVICES)).catch(() => []);
  const now = linesOf(observed, { lines: expected });
  const compared = [...expected].filter(([line]) => now.has(line));
  const wrong = compared.filter(([line, value]) => now.get(line) !== value);
  return {
    compared: compared.length,
    wrong: wrong.length,
    lines: wrong.slice(0, MAX_TOLD).map(([line, value]) => `${line}: predicted ${value}, is ${now.get(line)}`),
  };
}

/** A session is established or not: which of the other states it is in is a matter of seconds. */
const simple = (value: string | undefined): string | undefined =>
  value === undefined || ['up', 'down', 'established'].includes(value) ? value : 'not established';

/** The lines of `known` that these devices say something about, with what they say. */
function linesOf(
  observed: readonly ObservedDevice[],
  { lines: known }: Pick<View, 'lines'>,
): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  for (const line of known.keys()) {
    const [resource = '', ...rest] = line.split(' ');
    for (const device of observed) {
      if (device.running === undefined) continue;
      const value = valueAt(device, resource, rest);
      if (value !== undefined) lines.set(line, value);
    }
  }
  return lines;
}

function valueAt(
  { name, running, working, portsDown }: ObservedDevice,
  resource: string,
  rest: readonly string[],
): string | undefined {
  const [kind = '', ...parts] = resource.split('/');
  const about = parts.join('/');
  if (kind === 'interface' && about.startsWith(`${name}/`)) {
    const port = running?.config.interfaces.find((one) => one.name === about.slice(name.length + 1));
    if (port === undefined) return undefined;
    return port.enabled && !portsDown.includes(port.name) ? 'up' : 'down';
  }
  if (kind === 'tunnel' && about.split('--').some((end) => end.startsWith(`${name}:`)))
    return working.tunnels.has(about) ? 'up' : 'down';
  const [neighbor = ''] = rest;
  if (kind === 'session' && running?.config.bgp?.neighbors.some((one) => one.address === neighbor) === true)
    return working.sessions.has(neighbor) ? 'established' : 'not established';
  return undefined;
}
