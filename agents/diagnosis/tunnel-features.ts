/** Features of tunnels: is the suspect's overlay up, in one colour or in all, and do other sites miss the same colour. */
import type { Feature, Sighting } from './feature.ts';
import { feature, share } from './feature.ts';
import type { Scope } from './scope.ts';

interface TunnelEnd {
  readonly device: string;
  readonly color: string;
}

/** The two ends of `tunnel/br2_edge:mpls--hub1_edge:mpls`. */
export function readTunnelEnds(resource: string): readonly [TunnelEnd, TunnelEnd] | undefined {
  const match = /^tunnel\/([^:]+):([^:]+)--([^:]+):([^:]+)$/.exec(resource);
  const [, a, aColor, b, bColor] = match ?? [];
  if (!a || !aColor || !b || !bColor) return undefined;
  return [
    { device: a, color: aColor },
    { device: b, color: bColor },
  ];
}

/** The device's own end of a tunnel, or undefined. LTE tunnels are last resort, down by design. */
function endOf(resource: string, device: string): TunnelEnd | undefined {
  const ends = readTunnelEnds(resource);
  if (!ends || ends.some(({ color }) => color === 'lte')) return undefined;
  return ends.find((end) => end.device === device);
}

const isDown = ({ value }: Sighting): boolean => value !== 'up' && value !== 'established';

/** Colours of which the device has tunnels and all of them are down. */
export function lostColors(states: readonly Sighting[], device: string): readonly string[] {
  const byColor = new Map<string, Sighting[]>();
  for (const state of states) {
    const color = endOf(state.resource, device)?.color;
    if (color) byColor.set(color, [...(byColor.get(color) ?? []), state]);
  }
  return [...byColor].filter(([, group]) => group.every(isDown)).map(([color]) => color);
}

/** `up`, `one-colour-down`, `partial` or `down`, plus whether others lost the same colours. */
export function readTunnelFeatures(seen: readonly Sighting[], { suspect, peers, hubs }: Scope): readonly Feature[] {
  const found: Feature[] = [];
  for (const signal of ['bfd.state', 'ipsec.sa']) {
    const all = seen.filter((sighting) => sighting.signal === signal);
    const ours = all.filter(({ resource }) => endOf(resource, suspect) !== undefined);
    if (ours.length === 0) continue;
    const lost = lostColors(ours, suspect);
    const extent = share(ours, isDown);
    const value =
      extent === 'none' ? 'up' : extent === 'all' ? 'down' : lost.length > 0 ? 'one-colour-down' : 'partial';
    found.push(feature(`${signal}@suspect`, value, ours, isDown));
    if (signal !== 'bfd.state') continue;
    const others = all.filter(({ resource }) => {
      const ends = readTunnelEnds(resource);
      return ends?.every(({ device }) => device !== suspect && !peers.includes(device)) === true;
    });
    // Without a lost colour the question is whether other sites are well at all.
    const same = others.filter(({ resource }) => {
      const ends = readTunnelEnds(resource);
      const branch = ends?.find(({ device }) => !hubs.includes(device));
      if (!branch || branch.color === 'lte') return false;
      return lost.length === 0 || lost.includes(branch.color);
    });
    if (same.length > 0) {
      const downShare = same.filter(isDown).length / same.length;
      const words = downShare === 0 ? 'up' : downShare > 0.5 ? 'down' : 'partial';
      found.push(feature('bfd.same-colour@others', words, same, words === 'up' ? () => false : isDown));
    }
  }
  return found;
}
