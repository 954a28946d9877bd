/**
 * What in the observations means ill: security signs, joined with what the network tells of the same host or device, less
 * what people approved or planned. Pure.
 */
import type { NetworkMap } from '../diagnosis/network-map.ts';
import type { Observation, Sighting } from '../diagnosis/observation.ts';
import type { Statement } from '../events.ts';
import { quote } from '../events.ts';

export const THREATS = [
  'syn_flood',
  'lateral_scan',
  'c2_beacon',
  'exfiltration',
  'unauthorised_change',
  'arp_poisoning',
  'rogue_dhcp',
] as const;
export type ThreatType = (typeof THREATS)[number];

export interface Threat {
  readonly type: ThreatType;
  readonly resource: string;
  /** Of the host that means ill, as its packets and the edges name it. */
  readonly address?: string;
  /** Devices that see the host in one of their LANs, or on which an account was misused. */
  readonly devices: readonly string[];
  /** Account that the intruder made. */
  readonly account?: string;
  readonly because: readonly Statement[];
}

/** What looks like a threat and is none: who approved or planned it. */
export interface Excused {
  readonly type: ThreatType;
  readonly resource: string;
  readonly because: Statement;
}

export interface Seen {
  readonly map: NetworkMap;
  readonly observations: readonly Observation[];
  readonly sightings: readonly Sighting[];
  /** What was counted before, from the broker's own history: leases of the scopes that `findStrays` asks about. */
  readonly past?: readonly Sighting[];
}

/** Octets to one address outside that are more than a person sends in a quarter of an hour. */
const LARGE_OCTETS = 1e8;
/** Classes into which a device puts what it cannot name. */
const UNNAMED = new Set(['unknown', 'bulk-transfer']);
/** A label that nobody would type: long, of letters and digits alone. */
const MADE_UP = /^[a-z0-9]{10,}\./;
/** Ours, or nobody's: RFC 1918, RFC 5771, RFC 3927. */
const isOutside = (address: string): boolean =>
  !/^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|2[2-5]\d\.)/.test(address);

const say = ({ resource, shown, evidence }: Observation): Statement => ({
  text: `${resource}: ${quote(shown)}`,
  evidence: [...evidence].slice(0, 6),
});
const quoteOf = ({ id, resource, signal, value }: Sighting): Statement => ({
  text: `${resource}: ${signal} ${quote(String(value))}`,
  evidence: [id],
});

/** Where a host is: neighbours that devices have resolved, which is the network's own word for it. */
function locate({ map, sightings }: Seen, address: string): { devices: readonly string[]; because: Statement[] } {
  const seen = sightings.filter(
    ({ signal, value }) =>
      signal === 'arp.entry' && String(value).startsWith(`${address} `) && !String(value).endsWith(' unresolved'),
  );
  const devices = [...new Set(seen.map(({ resource }) => resource.split('/')[1] ?? ''))];
  if (devices.length > 0) return { devices, because: seen.map(quoteOf) };
  const site = map.hostAt(address)?.site;
  return {
    devices: map.inventory.devices
      .filter((one) => one.site === site && one.role !== 'controller')
      .map(({ name }) => name),
    because: [],
  };
}

const addressOf = (sighting: Sighting | undefined): string =>
  /^address\/([\d.]+)/.exec(sighting?.resource ?? '')?.[1] ?? '';

/** A threat by one host, with all that the flow records say of it. */
function byHost(seen: Seen, type: ThreatType, address: string, because: readonly Statement[]): Threat {
  const { devices, because: found } = locate(seen, address);
  const host = seen.map.hostAt(address);
  const resource = host === undefined ? `address/${address}` : `host/${host.name}`;
  return { type, resource, address, devices, because: [...because, ...found] };
}

/** What hosts send: floods, scans, calls home, and volumes that leave. */
function findSenders(seen: Seen): readonly Threat[] {
  const { observations, sightings } = seen;
  const sightingOf = (one: Observation): Sighting | undefined => sightings.find(({ id }) => one.evidence.includes(id));
  const ofAddress = (signal: string, address: string): Statement[] =>
    sightings.filter((one) => one.signal === signal && one.resource === `address/${address}`).map(quoteOf);
  const alarms = observations.filter(({ feature, value }) => feature === 'event' && value.startsWith('half-open'));
  return observations.flatMap((one): readonly Threat[] => {
    const address = addressOf(sightingOf(one));
    if (address === '') return [];
    if (one.feature === 'traffic' && one.value === 'flood')
      return [
        byHost(seen, 'syn_flood', address, [say(one), ...ofAddress('flow.halfopen', address), ...alarms.map(say)]),
      ];
    if (one.feature === 'traffic' && one.value === 'scan')
      return [byHost(seen, 'lateral_scan', address, [say(one), ...ofAddress('flow.halfopen', address)])];
    if (one.feature === 'rhythm' && one.value === 'unlisted') {
      const names = sightings.filter(
        ({ signal, resource, value }) =>
          signal === 'flow.dns_query' &&
          resource === `address/${address}` &&
          String(value)
            .split(' ')
            .some((name) => MADE_UP.test(name)),
      );
      return [byHost(seen, 'c2_beacon', address, [say(one), ...names.map(quoteOf)])];
    }
    return [];
  });
}

/** Volumes that leave for an address that nobody knows, as something that the device could not name. */
const findExfiltration = (seen: Seen): readonly Threat[] =>
  seen.sightings.flatMap((one) => {
    const [, octets, to = '', as = ''] =
      one.signal === 'flow.largest' ? (/^(\d+) octets to ([\d.]+):\d+ as (\S+)$/.exec(String(one.value)) ?? []) : [];
    const address = addressOf(one);
    const isLarge = Number(octets) >= LARGE_OCTETS && isOutside(to) && UNNAMED.has(as);
    return isLarge && !isListed(seen, to) ? [byHost(seen, 'exfiltration', address, [quoteOf(one)])] : [];
  });

const isListed = ({ sightings }: Seen, name: string): boolean =>
  sightings.some(({ signal, resource }) => signal === 'list.known_source' && resource === `source/${name}`);

/** Somebody guessed until he was in, and then changed something. */
const findIntruders = ({ observations, sightings }: Seen): readonly Threat[] =>
  observations.flatMap((one): readonly Threat[] => {
    const { device } = one.entity;
    if (one.feature !== 'login' || one.value !== 'failed-then-ok-unknown' || device === undefined) return [];
    const commits = observations.filter(
      ({ feature, value, entity }) => feature === 'event' && value === 'commit' && entity.device === device,
    );
    const made = sightings.filter(
      ({ signal, resource, value }) =>
        signal === 'cfg.diff' &&
        resource === `node/${device}` &&
        /^accounts\/[^:]+: running present/.test(String(value)),
    );
    // A login without a change is somebody who could not remember his password, until more is known.
    if (commits.length === 0 && made.length === 0) return [];
    const account = /^accounts\/([\w.-]{1,64}): running present/.exec(String(made[0]?.value ?? ''))?.[1];
    return [
      {
        ...{ type: 'unauthorised_change', resource: `node/${device}`, devices: [device] },
        ...(account === undefined ? {} : { account }),
        because: [say(one), ...commits.map(say), ...made.map(quoteOf)],
      },
    ];
  });

/** What hosts do to their neighbours. */
const findNeighbours = ({ observations }: Seen): readonly Threat[] => {
  const forged = observations.filter(({ feature, value }) => feature === 'arp' && value === 'one-for-many');
  const ports = new Map(forged.map(({ entity }) => [`${entity.device}/${entity.port}`, entity]));
  return [...ports].map(([at, { device = '' }]): Threat => {
    const own = forged.filter(({ entity }) => `${entity.device}/${entity.port}` === at);
    return { type: 'arp_poisoning', resource: `interface/${at}`, devices: [device], because: own.map(say) };
  });
};

/** A gateway that clients look for and that nobody has, which nobody configured either. */
export interface Stray {
  readonly device: string;
  readonly port: string;
  /** What the device's own scopes have given out now. */
  readonly leases: readonly Sighting[];
  /** A host of the site gets no answers. */
  readonly isLost: boolean;
  readonly because: Statement;
}

/** Somebody answers DHCP who should not, or one host was set up by hand: ARP and flow records tell these apart no further. */
export const findStrays = ({ map, observations, sightings }: Seen): readonly Stray[] =>
  observations.flatMap((one): readonly Stray[] => {
    const { device, port } = one.entity;
    if (one.feature !== 'arp' || one.value !== 'nobody' || device === undefined || port === undefined) return [];
    const isDrifted = observations.some(
      ({ feature, value, entity }) => feature === 'cfg' && value.startsWith('dhcp') && entity.device === device,
    );
    const lost = observations.filter(
      ({ feature, value, entity }) =>
        feature === 'traffic' && value === 'unanswered' && entity.site === map.device(device)?.site,
    );
    if (isDrifted) return [];
    const { text, evidence } = say(one);
    return [
      {
        ...{ device, port },
        leases: sightings.filter(
          ({ signal, resource }) => signal === 'dhcp.leases' && resource.startsWith(`policy/${device}/`),
        ),
        isLost: lost.length > 0,
        because: { text, evidence: [...evidence, ...lost.flatMap((each) => each.evidence)] },
      },
    ];
  });

/** Counts before from which something is usual; leases, and the share of them, that have to be missing. */
const LEAST_COUNTS = 3;
const LEAST_MISSING = 3;
const MISSING_SHARE = 0.2;

/** Leases that the right server no longer gives out while clients still get some: the mark of a second server (RFC 2131 §3.1). */
function findMissing({ past = [] }: Seen, { leases }: Stray): readonly Statement[] {
  return leases.flatMap((one): readonly Statement[] => {
    const before = past.filter(({ signal, resource }) => signal === one.signal && resource === one.resource);
    const counts = before.map(({ value }) => Number(value)).toSorted((a, b) => a - b);
    const usual = counts[Math.floor(counts.length / 2)] ?? 0;
    const missing = usual - Number(one.value);
    if (counts.length < LEAST_COUNTS || missing < Math.max(LEAST_MISSING, MISSING_SHARE * usual)) return [];
    const text = `${one.resource}: ${Number(one.value)} leases, usually ${usual}: its clients have them from somebody else`;
    return [{ text, evidence: [one.id, ...before.slice(0, LEAST_COUNTS).map(({ id }) => id)] }];
  });
}

/** A host that was set up by hand takes no lease from anybody else; a rogue server takes those of its neighbours. */
function judgeStrays(seen: Seen): { readonly threats: readonly Threat[]; readonly suspicions: readonly Statement[] } {
  const judged = findStrays(seen).map((stray) => ({ stray, missing: findMissing(seen, stray) }));
  const rogues = judged.filter(({ missing }) => missing.length > 0);
  return {
    threats: rogues.map(
      ({ stray: { device, port, because }, missing }): Threat => ({
        ...{ type: 'rogue_dhcp', resource: `interface/${device}/${port}`, devices: [device] },
        because: [because, ...missing],
      }),
    ),
    suspicions: judged.flatMap(({ stray: { because, isLost }, missing }) =>
      missing.length > 0 || !isLost
        ? []
        : [
            {
              ...because,
              text: `${because.text}, a gateway that nobody has: a rogue DHCP server, or a host set up by hand`,
            },
          ],
    ),
  };
}

/** What people approved: scanners that are listed, and hosts and devices on which work is planned now. */
function excuse({ observations }: Seen, { type, resource }: Threat): Excused | undefined {
  const name = resource.slice(resource.indexOf('/') + 1);
  const planned = observations.find(
    ({ feature, value, entity }) =>
      feature === 'record' && (value === 'window' || value === 'ticket') && (entity.host ?? entity.device) === name,
  );
  return planned && { type, resource, because: say(planned) };
}

/** The threats, one of a type and resource, the worst first, and what only looks like one. */
export function findThreats(seen: Seen): {
  readonly threats: readonly Threat[];
  readonly suspicions: readonly Statement[];
  readonly excused: readonly Excused[];
} {
  const scans = seen.observations.flatMap((one): readonly Excused[] =>
    one.feature === 'traffic' && one.value === 'approved-scan'
      ? [{ type: 'lateral_scan', resource: `host/${one.entity.host ?? ''}`, because: say(one) }]
      : [],
  );
  const strays = judgeStrays(seen);
  const found = [
    ...findSenders(seen),
    ...findExfiltration(seen),
    ...findIntruders(seen),
    ...findNeighbours(seen),
    ...strays.threats,
  ];
  const unique = [...new Map(found.map((one) => [`${one.type} ${one.resource}`, one])).values()];
  const judged = unique.map((one) => [one, excuse(seen, one)] as const);
  const threats = judged.flatMap(([one, why]) => (why === undefined ? [one] : []));
  return {
    threats: threats.toSorted((a, b) => THREATS.indexOf(a.type) - THREATS.indexOf(b.type)),
    suspicions: strays.suspicions,
    excused: [...scans, ...judged.flatMap(([, why]) => why ?? [])],
  };
}
