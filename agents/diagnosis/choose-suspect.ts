/** Which of several devices to look at first: the one with the most trouble in what was read so far. */
import type { Sighting } from './feature.ts';
import { readTunnelEnds } from './tunnel-features.ts';

/** Share of a device's sightings that are bad; 0 without any. */
function badShare(sightings: readonly Sighting[], normal: string): number {
  return sightings.length === 0 ? 0 : sightings.filter(({ value }) => value !== normal).length / sightings.length;
}

/** How much is wrong at a device, by overlay tunnels, routing sessions, reachability and configuration drift. */
export function scoreTrouble(seen: readonly Sighting[], device: string): number {
  const tunnels = seen.filter(({ resource, signal }) => {
    const ends = signal === 'bfd.state' ? readTunnelEnds(resource) : undefined;
    return ends?.some((end) => end.device === device) === true && ends.every(({ color }) => color !== 'lte');
  });
  const sessions = seen.filter(
    ({ resource, signal }) =>
      signal === 'bgp.state' && resource.slice('session/bgp/'.length).split('--').includes(device),
  );
  const own = seen.filter(({ resource }) => resource === `node/${device}`);
  const isDark = own.some(({ signal, value }) => signal === 'dev.reach' && value !== 'reachable');
  const drifted = own.some(({ signal, value }) => signal === 'cfg.sync' && value !== 'in-sync');
  return 4 * badShare(tunnels, 'up') + 2 * badShare(sessions, 'established') + (isDark ? 2 : 0) + (drifted ? 1 : 0);
}

/** The most troubled device; the first of equals. Throws on an empty list. */
export function chooseSuspect(seen: readonly Sighting[], devices: readonly string[]): string {
  const [first, ...rest] = devices;
  if (first === undefined) throw new RangeError('no device to choose from');
  let best = { device: first, score: scoreTrouble(seen, first) };
  for (const device of rest) {
    const score = scoreTrouble(seen, device);
    if (score > best.score) best = { device, score };
  }
  return best.device;
}
