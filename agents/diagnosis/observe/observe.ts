/** Turns what the broker's tools returned into uniform observations: one vocabulary for the codebook and for every diagnosis. */
import type { NetworkMap } from '../network-map.ts';
import type { Observation, Sighting } from '../observation.ts';
import { readAccessLists } from './access-lists.ts';
import { readConfiguration } from './configuration.ts';
import type { Context } from './context.ts';
import { readDevices } from './devices.ts';
import { readHappenings } from './events.ts';
import { readFlows } from './flows.ts';
import { readPorts } from './ports.ts';
import { readSessions } from './sessions.ts';
import { readSite } from './site.ts';
import { readTunnels } from './tunnels.ts';

/** A read that was made, with what it brought. */
export interface Made {
  readonly tool: string;
  readonly devices: readonly string[];
  readonly sightings: readonly Sighting[];
}

const READERS = [
  readDevices,
  readPorts,
  readTunnels,
  readSessions,
  readConfiguration,
  readAccessLists,
  readSite,
  readFlows,
  readHappenings,
];

/** All observations of what was read. Pure. */
export function observe(map: NetworkMap, made: readonly Made[]): readonly Observation[] {
  const bySignal = new Map<string, Sighting[]>();
  let now = 0;
  for (const { sightings } of made) {
    for (const one of sightings) {
      const group = bySignal.get(one.signal);
      if (group === undefined) bySignal.set(one.signal, [one]);
      else group.push(one);
      const at = Date.parse(one.observedAt);
      if (at > now) now = at;
    }
  }
  const context: Context = {
    map,
    now,
    of: (...signals) => signals.flatMap((signal) => bySignal.get(signal) ?? []),
    asked: (tool) => [...new Set(made.filter((one) => one.tool === tool).flatMap(({ devices }) => devices))],
  };
  return READERS.flatMap((read) => read(context));
}
