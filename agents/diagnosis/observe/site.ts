/** Observations of a site's LAN and its people: leases, neighbours, translations, server processes, scores, probes. */
import type { Entity, Observation, Sighting } from '../observation.ts';
import { NORMAL, told } from '../observation.ts';
import type { Context } from './context.ts';
import { median, nameOf, portOf } from './context.ts';

/** A pool of source ports without room (percent). */
const POOL_FULL_PCT = 95;
/** Scores: people complain below the first, cannot work below the second. */
const FAIR = 80;
const POOR = 30;

function readArp({ of, map }: Context): Observation[] {
  const byPort = new Map<string, Sighting[]>();
  for (const one of of('arp.entry')) byPort.set(one.resource, [...(byPort.get(one.resource) ?? []), one]);
  const seen = [...byPort].flatMap(([resource, entries]) => {
    const at = portOf(resource);
    if (at === undefined) return [];
    const entity: Entity = { kind: 'port', ...at, site: map.device(at.device)?.site };
    const read = entries.map((one) => {
      const [address = '', mac = ''] = String(one.value).split(' ');
      return { one, address, mac };
    });
    const addresses = (mac: string) => new Set(read.filter((each) => each.mac === mac).map((each) => each.address));
    const macs = (address: string) =>
      new Set(read.filter((each) => each.address === address && each.mac !== 'unresolved').map((each) => each.mac));
    const found: Observation[] = [];
    for (const { one, address, mac } of read) {
      const host = map.hostAt(address);
      const who: Entity = {
        kind: 'host',
        device: at.device,
        port: at.port,
        host: host?.name,
        site: host?.site,
        vrf: host?.vrf,
      };
      if (mac !== 'unresolved' && addresses(mac).size > 1) {
        found.push(told(one, 'arp', addresses(mac).size > 2 ? 'one-for-many' : 'one-for-two', who));
      } else if (macs(address).size > 1) {
        found.push(told(one, 'arp', 'two-for-one', who));
      } else if (mac === 'unresolved') {
        // Known hosts that do not answer, or an address that nobody has: a gateway that somebody was told of.
        found.push(told(one, 'arp', host === undefined ? 'nobody' : 'absent', who));
      }
    }
    const [first] = read;
    return found.length > 0 || first === undefined ? found : [told(first.one, 'arp', NORMAL, entity)];
  });
  return [...seen, ...readGone(of('arp.entry'), map)];
}

/** Hosts on record of which no device of their site has heard, where it hears of others. */
function readGone(entries: readonly Sighting[], map: Context['map']): Observation[] {
  const heard = new Set(entries.map(({ value }) => String(value).split(' ')[0]));
  const sites = new Map<string, Sighting>();
  for (const one of entries) {
    const site = map.device(portOf(one.resource)?.device ?? '')?.site;
    if (site !== undefined && !sites.has(site)) sites.set(site, one);
  }
  return map.inventory.hosts.flatMap(({ name: host, site, vrf, address }) => {
    const near = sites.get(site);
    if (near === undefined || heard.has(address)) return [];
    return [{ ...told(near, 'arp', 'gone', { kind: 'host', host, site, vrf }), resource: `host/${host}` }];
  });
}

function readDhcp({ of, map }: Context): Observation[] {
  const scopes = of('dhcp.leases').flatMap((one) => {
    const [, device, policy] = /^policy\/([^/]+)\/(.+)$/.exec(one.resource) ?? [];
    const value = Number(one.value) === 0 ? 'none' : NORMAL;
    return device === undefined
      ? []
      : [told(one, 'leases', value, { kind: 'device', device, policy, site: map.device(device)?.site })];
  });
  const offers = of('dhcp.offers').flatMap((one) => {
    const [, device] = /^policy\/([^/]+)\//.exec(one.resource) ?? [];
    const [sent = 0, asked = 0] = String(one.value).split('/').map(Number);
    return device === undefined
      ? []
      : [told(one, 'offers', sent < asked ? 'missing' : NORMAL, { kind: 'device', device })];
  });
  const pools = of('nat.port_use_pct').flatMap((one) => {
    const [, device, policy] = /^policy\/([^/]+)\/(.+)$/.exec(one.resource) ?? [];
    const value = Number(one.value) >= POOL_FULL_PCT ? 'full' : NORMAL;
    return device === undefined ? [] : [told(one, 'nat', value, { kind: 'device', device, policy })];
  });
  return [...scopes, ...offers, ...pools];
}

const hostEntity = ({ map }: Context, name: string): Entity => {
  const host = map.host(name);
  return { kind: 'host', host: name, site: host?.site, vrf: host?.vrf };
};

function readServers(context: Context): Observation[] {
  return context
    .of('dev.process')
    .filter(({ resource }) => resource.startsWith('host/'))
    .map((one) => {
      const [process = '', state = ''] = String(one.value).split(' ');
      return {
        ...told(one, 'server', state === 'running' ? NORMAL : state, hostEntity(context, nameOf(one.resource))),
        shown: `process ${process} ${state}`,
      };
    });
}

/** A private network (RFC 4364) does not reach the internet. */
const PRIVATE = 'mpls';

function readScores({ of, map }: Context): Observation[] {
  const online = new Set(
    map.inventory.circuits.flatMap(({ color, device }) => (color === PRIVATE ? [] : [map.device(device)?.site])),
  );
  return of('app.score').flatMap((one) => {
    const [, site, application] = /^application\/([^/]+)\/(.+)$/.exec(one.resource) ?? [];
    if (site === undefined || application === undefined) return [];
    // Nobody works with the internet where no line leads to it: that is no trouble.
    if (!online.has(site) && map.serversOf(application).length === 0) return [];
    const score = Number(one.value);
    const value = score < POOR ? 'poor' : score < FAIR ? 'fair' : NORMAL;
    return [told(one, 'score', value, { kind: 'application', site, application })];
  });
}

/** Milliseconds of an answer, or the word for what happened. */
function resultOf(text: string): { readonly ms?: number; readonly word: string } {
  const [, ms] = /([\d.]+) ms$/.exec(text) ?? [];
  return ms === undefined
    ? { word: /(timeout|refused|unreachable)$/.exec(text)?.[1] ?? 'failed' }
    : { ms: Number(ms), word: 'ok' };
}

/** Fetches from hosts, compared with their neighbours: one slow host is its own or its radio's trouble. */
function readFetches(context: Context): Observation[] {
  const { map } = context;
  return (['small', 'large'] as const).flatMap((size) => {
    const read = context
      .of('probe.http')
      .filter(({ value }) => String(value).includes(` ${size} `))
      .map((one) => {
        const isHost = one.resource.startsWith('host/');
        const name = nameOf(one.resource);
        const entity: Entity = isHost
          ? hostEntity(context, name)
          : { kind: 'device', device: name, site: map.device(name)?.site };
        return { one, entity, result: resultOf(String(one.value)), who: isHost ? 'host' : 'device' };
      });
    const usual = median(read.flatMap(({ result }) => (result.ms === undefined ? [] : [result.ms])));
    return read.map(({ one, entity, result, who }) => {
      const mates = read.filter(
        (each) => each.who === who && each.entity.site === entity.site && each.result.ms !== undefined,
      );
      const site = median(mates.map((each) => each.result.ms ?? 0));
      const value =
        result.ms === undefined
          ? result.word
          : who === 'host' && mates.length > 1 && result.ms > 1.15 * site + 10
            ? 'slower-than-neighbours'
            : result.ms > (who === 'host' ? 2 : 3) * usual + 100
              ? 'slow'
              : NORMAL;
      return told(one, `fetch-${size}.${who}`, value, entity);
    });
  });
}

/** Answers of resolvers: late, none, or another one than most give. */
function readResolvers({ of, map }: Context): Observation[] {
  const read = of('probe.dns').flatMap((one) => {
    const [, name, resolver, answer = ''] = /^(\S+) at ([\d.]+) (.*)$/.exec(String(one.value)) ?? [];
    return resolver === undefined ? [] : [{ one, name, resolver, answer, result: resultOf(answer) }];
  });
  const judged = read.map(({ one, name, resolver, answer, result }) => {
    const [address = ''] = answer.split(' ');
    const service = (name ?? '').split('.')[0] ?? '';
    const right = map.serversOf(service).map((server) => map.host(server)?.address);
    const value =
      result.ms === undefined
        ? result.word
        : right.length > 0 && !right.includes(address)
          ? 'wrong'
          : result.ms > 500
            ? 'late'
            : NORMAL;
    return { one, resolver, value, device: nameOf(one.resource) };
  });
  return judged.flatMap(({ one, resolver, value, device }) => {
    const host = map.hostAt(resolver);
    const asked = judged.filter((each) => each.resolver === resolver);
    const fine = asked.filter((each) => each.value === NORMAL).length;
    const from = told(one, 'dns-from', value, { kind: 'device', device, site: map.device(device)?.site });
    // Where half of those who ask are answered by the resolver, the trouble is with whoever is not.
    if (value !== NORMAL && fine * 2 >= asked.length) return [from];
    return [
      told(one, 'dns', value, { kind: 'host', device, host: host?.name, site: host?.site, vrf: host?.vrf }),
      from,
    ];
  });
}

/** Largest packet: fits, is answered, or vanishes. */
function readSizes({ of, map }: Context): Observation[] {
  const read = of('probe.df_size').map((one) => {
    const [, size, how] = / (\d+) (silent|next-hop \d+)$/.exec(String(one.value)) ?? [];
    return { one, size: Number(size), how };
  });
  const isPort = ({ value }: Sighting): boolean => / from \S+ /.test(String(value));
  // Tunnels take something of each packet: a port is compared with ports, a path with paths.
  const usual = (like: Sighting): number =>
    Math.max(
      ...read.flatMap(({ one, size }) => (Number.isFinite(size) && isPort(one) === isPort(like) ? [size] : [])),
      0,
    );
  return read.flatMap(({ one, size, how }) => {
    const device = nameOf(one.resource);
    const [, port] = / from (\S+) /.exec(String(one.value)) ?? [];
    // A line that carries nothing is told by what runs over it.
    if (port !== undefined && !Number.isFinite(size)) return [];
    const value = !Number.isFinite(size)
      ? 'lost'
      : size < 0.8 * usual(one)
        ? how === 'silent'
          ? 'small-silent'
          : 'small'
        : NORMAL;
    const color = port === undefined ? undefined : map.circuitAt(device, port)?.color;
    const entity: Entity = {
      kind: port === undefined ? 'device' : 'port',
      device,
      port,
      color,
      site: map.device(device)?.site,
    };
    return [told(one, port === undefined ? 'size' : 'size-port', value, entity)];
  });
}

export const readSite = (context: Context): readonly Observation[] => [
  ...readArp(context),
  ...readDhcp(context),
  ...readServers(context),
  ...readScores(context),
  ...readFetches(context),
  ...readResolvers(context),
  ...readSizes(context),
];
