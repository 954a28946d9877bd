/** What every reader of observations gets: the sightings by signal, the dependency graph, and the time of the newest of them. */
import type { NetworkMap } from '../network-map.ts';
import type { Sighting } from '../observation.ts';

export interface Context {
  readonly map: NetworkMap;
  /** Epoch milliseconds of the newest sighting: what "now" means to this diagnosis. */
  readonly now: number;
  of(...signals: readonly string[]): readonly Sighting[];
  /** Devices that each tool was asked for; what did not answer is silent. */
  asked(tool: string): readonly string[];
}

/** `node/x` → `x`. */
export const nameOf = (resource: string): string => resource.slice(resource.indexOf('/') + 1);

/** The device that a sighting comes from or was told of by the director: `netconf:br1_edge`. */
export const sourceOf = ({ source }: Sighting): string => source.slice(source.indexOf(':') + 1);

/** `interface/br1_edge/ge0/0` → device and port. */
export function portOf(resource: string): { readonly device: string; readonly port: string } | undefined {
  const [, device, port] = /^interface\/([^/]+)\/(.+)$/.exec(resource) ?? [];
  return device === undefined || port === undefined ? undefined : { device, port };
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
};
