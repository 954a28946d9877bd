/** Observations of traffic: floods, scans, beacons, crowds, rewritten marks, by the host that sends it. */
import type { Entity, Observation, Sighting } from '../observation.ts';
import { NORMAL, told } from '../observation.ts';
import type { Context } from './context.ts';
import { nameOf } from './context.ts';

/** RITA's measure: people are far below this (activecm/rita). */
const RHYTHM = 0.9;
/** Flows of one source that are more than a person's. */
const MANY_FLOWS = 3_000;
/** Addresses that one source tries. */
const MANY_ADDRESSES = 25;
/** Half-open flows of one source. */
const MANY_HALF_OPEN = 1_000;
const SOME_HALF_OPEN = 15;
/** More than a quarter of an hour of a person's work. */
const LARGE_OCTETS = 1e8;
/** Multicast DNS and other discovery goes to 224.0.0.0/4 (RFC 5771). */
const isMulticast = (address: string): boolean => Number(address.split('.')[0]) >= 224;

function hostEntity({ map }: Context, address: string): Entity {
  const host = map.hostAt(address);
  return { kind: 'host', host: host?.name, site: host?.site, vrf: host?.vrf };
}

const addressOf = (resource: string): string => nameOf(resource).split(' ')[0] ?? '';

export function readFlows(context: Context): readonly Observation[] {
  const { of, map } = context;
  const known = of('list.known_source').map((one) => nameOf(one.resource));
  const scanners = new Set(
    of('list.known_source')
      .filter(({ value }) => String(value).includes('"scanner"'))
      .map((one) => nameOf(one.resource)),
  );
  const names = new Map(of('flow.dns_query').map((one) => [addressOf(one.resource), String(one.value).split(' ')]));
  const halfOpen = new Map(
    of('flow.halfopen')
      .filter(({ resource }) => resource.startsWith('address/'))
      .map((one) => [addressOf(one.resource), Number(one.value)]),
  );
  const spread = of('flow.spread').flatMap((one): readonly Observation[] => {
    const [, addresses = 0, , , total = 0] = (
      /^(\d+) addresses (\d+) ports (\d+) dropped of (\d+)/.exec(String(one.value)) ?? []
    ).map(Number);
    const address = addressOf(one.resource);
    if (map.hostAt(address) === undefined) return [];
    const half = halfOpen.get(address) ?? 0;
    const value =
      addresses >= MANY_ADDRESSES && half > SOME_HALF_OPEN
        ? scanners.has(address)
          ? 'approved-scan'
          : 'scan'
        : half >= MANY_HALF_OPEN && half * 2 > total
          ? 'flood'
          : total >= MANY_FLOWS
            ? 'many'
            : half > SOME_HALF_OPEN
              ? 'unanswered'
              : NORMAL;
    return [told(one, 'traffic', value, hostEntity(context, address))];
  });
  const rhythm = rhythms(context, of('flow.periodicity'), names, known);
  const marks = of('flow.dscp').flatMap((one) => {
    const [, port, device] = / by (\S+) of (\S+)$/.exec(String(one.value)) ?? [];
    const [, color, peer] = /^tun-(mpls|biz-internet|lte)-(.+)$/.exec(port ?? '') ?? [];
    return device === undefined || peer === undefined
      ? []
      : [told(one, 'mark', 'rewritten', { kind: 'tunnel' as const, device, color, peer })];
  });
  const talkers = of('flow.top')
    .map((one) => ({ one, octets: Number(one.value), address: addressOf(one.resource) }))
    .filter(({ address }) => map.hostAt(address) !== undefined);
  const siteOf = (address: string) => map.hostAt(address)?.site;
  const volume = talkers.map(({ one, octets, address }) => {
    const others = talkers.filter((each) => each.address !== address && siteOf(each.address) === siteOf(address));
    const isMost = octets > 2 * Math.max(0, ...others.map((each) => each.octets)) && octets > LARGE_OCTETS;
    return told(one, 'volume', isMost ? 'dominant' : NORMAL, hostEntity(context, address));
  });
  return [...spread, ...rhythm, ...marks, ...volume];
}

/** Calls at a fixed interval to places outside: to a known service, or to nobody's. */
function rhythms(
  context: Context,
  seen: readonly Sighting[],
  names: ReadonlyMap<string, readonly string[]>,
  known: readonly string[],
): readonly Observation[] {
  return seen.flatMap((one) => {
    if (Number(one.value) < RHYTHM) return [];
    const [source = '', target = ''] = nameOf(one.resource).split(' > ');
    const [destination = ''] = target.split(':');
    if (context.map.hostAt(source) === undefined) return [];
    if (context.map.hostAt(destination) !== undefined) return [];
    const entity = hostEntity(context, source);
    if (isMulticast(destination)) return [told(one, 'rhythm', 'discovery', entity)];
    // Private addresses are ours, known by host or not (RFC 1918).
    if (/^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(destination)) return [];
    const isListed = (names.get(source) ?? []).some((name) => known.includes(name)) || known.includes(destination);
    return [told(one, 'rhythm', isListed ? 'listed' : 'unlisted', entity)];
  });
}
