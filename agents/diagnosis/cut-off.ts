/**
 * What a fault does to sites that it cuts off altogether, though it sits elsewhere: a site whose every tunnel it takes shows
 * what a site without tunnels shows, and a device whose only line it takes what a dark one shows. The codebook knows faults
 * where other lines remain; which sites have none is a matter of the dependency graph.
 */
import type { Case, Claim, Hypothesis } from './case.ts';
import type { NetworkMap } from './network-map.ts';
import type { Pattern } from './patterns.ts';
import { type Place, placeOf } from './places.ts';

/** Types whose patterns at an edge show a site without tunnels, and a dark device. */
const WITHOUT_TUNNELS = 'ipsec_peer_key_mismatch';
const DARK = 'device_down';
/** What people and probes meet there; what the type itself leaves behind in the device is not of it. */
export const MET = /^(score|fetch-|dns|size|bgp|prefixes|traffic|omp)/;
/** Types that take a line from the port to its end. */
const TAKES_LINE = new Set(['link_down', 'link_detach', 'hub_wan_port_down', 'if_admin_shutdown', 'provider_outage']);
/** A claim from which a tunnel that is down counts as taken. */
const TAKEN = 0.8;

/** Lines that carry only while all else is down: who has one is not cut off. */
const LAST_RESORT = 'lte';
/** What tells that such a line carries (`observe/tunnels.ts`). */
const RESORT = 'last-resort';

/** Reads what a pattern shows of a place; `only` features. */
export type ClaimReader = (hypothesis: Hypothesis, only?: RegExp) => readonly Claim[];

const strongest = (claims: readonly Claim[]): readonly Claim[] => {
  const found = new Map<number, Claim>();
  for (const one of claims) {
    const known = found.get(one.item);
    // What a site that is cut off shows stands above what it would show with other lines left.
    if (known === undefined || one.share > known.share) found.set(one.item, one);
  }
  return [...found.values()];
};

/** The claims of a hypothesis, with those about the sites that it cuts off. */
export function withCutOff(
  one: Case,
  hypothesis: Hypothesis,
  claims: readonly Claim[],
  read: ClaimReader,
): readonly Claim[] {
  const { type, place } = hypothesis;
  const added: Claim[] = [];
  const add = (shape: string, device: string, only?: RegExp): void => {
    const at = placeOf(one.map, `node/${device}`);
    const pattern = at && patternOf(one, shape, at.kind);
    if (pattern !== undefined && at !== undefined) added.push(...read({ type, place: at, pattern }, only));
  };
  const dark = TAKES_LINE.has(type) ? fedBy(one, place).filter((device) => isOnlyLine(one.map, place, device)) : [];
  for (const device of dark) add(DARK, device);
  for (const device of withoutTunnels(one, claims))
    if (!isWhole(place, device) && !dark.includes(device)) add(WITHOUT_TUNNELS, device, MET);
  added.push(...onLastResort(one, claims));
  return added.length === 0 ? claims : strongest([...added, ...claims]);
}

/** Whether the type takes the only way out of the device that the place is at: what follows is told here, and not by the codebook. */
export const leavesDark = (map: NetworkMap, type: string, place: Place): boolean =>
  TAKES_LINE.has(type) && place.device !== undefined && isOnlyLine(map, place, place.device);

const patternOf = ({ codebook }: Case, type: string, kind: string): Pattern | undefined =>
  codebook.patterns.find((pattern) => pattern.type === type && pattern.kind === kind);

/** The codebook knows what befalls the device that the place is; not what befalls one whose only line, or its part, the place is. */
const isWhole = ({ device, port, color, peer }: Place, name: string): boolean =>
  device === name && port === undefined && color === undefined && peer === undefined;

/** Edges and hubs that the line, or the provider, feeds and of which something was observed. */
const fedBy = ({ map, devices }: Case, { device, provider }: Place): readonly string[] =>
  (device !== undefined ? [device] : map.circuitsBy(provider ?? '').map((circuit) => circuit.device)).filter(
    (name, at, all) => devices.has(name) && map.device(name)?.role !== 'controller' && all.indexOf(name) === at,
  );

/** Whether the place is the only way out of the device: its one port, or the provider of all its lines. */
function isOnlyLine(map: NetworkMap, place: Place, device: string): boolean {
  const lines = map.circuitsOf(device);
  if (lines.length === 0) return false;
  if (place.device !== undefined)
    return place.device === device && lines.length === 1 && place.port === lines[0]?.interface;
  return place.provider !== undefined && lines.every(({ provider }) => provider === place.provider);
}

/** Whether another edge stands at the site of the place. */
export const sharesSite = (map: NetworkMap, { device, site }: Place): boolean =>
  device !== undefined &&
  site !== undefined &&
  map.devicesAt(site).some((one) => one.role === 'edge' && one.name !== device);

/** Share of devices that have lost all else and work over the last resort, where they have one: it takes time, and may be out of reach. */
const TAKES_OVER = 0.8;

/** Whoever has lost every other tunnel to the fault works over the last resort: that it is up then is no trouble of its own. */
function onLastResort({ items, byFeature }: Case, claims: readonly Claim[]): readonly Claim[] {
  const resorts = (byFeature.get(RESORT) ?? []).filter((item) => items[item]?.isNormal === false);
  if (resorts.length === 0) return [];
  const taken = takenBy(items, claims);
  const lost = new Set<string>();
  const kept = new Set<string>();
  for (const item of byFeature.get('bfd') ?? []) {
    for (const name of endsOf(items[item])) (taken.has(item) ? lost : kept).add(name);
  }
  return resorts
    .filter((item) => endsOf(items[item]).some((name) => lost.has(name) && !kept.has(name)))
    .map((item) => ({ item, share: TAKES_OVER, other: 0 }));
}

/** Tunnels that the fault takes, seen from either end. */
const takenBy = (items: Case['items'], claims: readonly Claim[]): ReadonlySet<number> =>
  new Set(
    claims.flatMap(({ item, share }) => (items[item]?.observation.feature === 'bfd' && share >= TAKEN ? [item] : [])),
  );

const endsOf = (item: Case['items'][number] | undefined): readonly string[] =>
  [item?.observation.entity.device, item?.observation.entity.peer].flatMap((name) => name ?? []);

/** Edges at sites of which every tunnel is taken, on all devices of the site, and no last resort is left. */
function withoutTunnels({ items, byFeature, map }: Case, claims: readonly Claim[]): readonly string[] {
  const taken = takenBy(items, claims);
  if (taken.size === 0) return [];
  const left = new Set<string>();
  const seen = new Set<string>();
  for (const item of byFeature.get('bfd') ?? []) {
    for (const site of endsOf(items[item]).flatMap((name) => map.device(name)?.site ?? [])) {
      seen.add(site);
      if (!taken.has(item)) left.add(site);
    }
  }
  return [...seen].flatMap((site) => {
    const here = left.has(site) ? [] : map.devicesAt(site);
    const isSaved = here.some(({ name }) => map.circuitOf(name, LAST_RESORT) !== undefined);
    return isSaved ? [] : here.flatMap(({ name, role }) => (role === 'edge' ? [name] : []));
  });
}
