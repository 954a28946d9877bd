/** Which lines are drawn between two sites: their tunnels by transport, and where none was heard of, the transports that both have. */
import type { Link } from './courses.ts';
import type { Site } from './read-network.ts';

export function pairLinks(
  links: readonly Link[],
  sites: readonly Site[],
  hubs: readonly Site[],
): ReadonlyMap<string, readonly Link[]> {
  const pairs = new Map<string, Link[]>();
  for (const link of links) {
    const key = link.sites.join(' ');
    const members = pairs.get(key);
    if (members === undefined) pairs.set(key, [link]);
    else members.push(link);
  }
  for (const site of sites) {
    if (site.kind !== 'branch') continue;
    for (const hub of hubs) {
      if (pairs.has(`${site.name} ${hub.name}`) || pairs.has(`${hub.name} ${site.name}`)) continue;
      pairs.set(`${site.name} ${hub.name}`, unheard(site, hub));
    }
  }
  return pairs;
}

const unheard = (site: Site, hub: Site): Link[] =>
  site.colors
    .filter((color) => hub.colors.includes(color))
    .map((color) => ({ sites: [site.name, hub.name], color, tunnels: [] }));
