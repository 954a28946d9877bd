/** Flow records of what a host sends beyond its ordinary demand: floods, beacons, scans, transfers, discovery. */
import type { FlowRecord } from '../../../protocols/device/flow.ts';
import { formatAddress, parsePrefix } from '../address.ts';
import type { Traffic } from '../condition.ts';
import { hostState } from '../lan/host-state.ts';
import { admittedShare } from '../lan/sessions.ts';
import type { Host } from '../network.ts';
import { noise } from '../seeded-noise.ts';
import { servingNode } from '../traffic/app-path.ts';
import type { Application } from '../traffic/applications.ts';
import { conditionsOf, type DeviceNode, type Tenant, type World } from '../world.ts';
import { type FlowWay, flowRecord, flowWay } from './flow-way.ts';

/** Long transfers are reported once a minute (the active timeout of RFC 7011 §9). */
const ACTIVE_TIMEOUT_MS = 60_000;
/** More of one pattern than this a call tells nobody more. */
const MOST_RECORDS = 100_000;
const FIRST_PORT = 1_024;
const PORTS = 64_512;
const SYN = 2;
const NTP_PORT = 123;
const MDNS_ADDRESS = '224.0.0.251';

/** Records of added traffic of a host that ended in (`after`, `until`]. */
export const addedFlows = (
  world: World,
  tenant: Tenant,
  host: Host,
  after: number,
  until: number,
): readonly FlowRecord[] =>
  conditionsOf(world, 'host-sends', `${tenant.name}/${host.name}`).flatMap(({ traffic }) =>
    patternFlows({ world, host, after, until }, traffic),
  );

interface Span {
  readonly world: World;
  readonly host: Host;
  readonly after: number;
  readonly until: number;
}

/** Numbers of the events of a pattern, one in `everyMs`, that happened in the span. */
function* eventsIn({ after, until }: Span, since: number, everyMs: number): Iterable<readonly [number, number]> {
  const first = Math.max(0, Math.floor((after - since) / everyMs) + 1);
  for (let at = first; since + at * everyMs <= until && at < first + MOST_RECORDS; at += 1) {
    yield [at, Math.round(since + at * everyMs)];
  }
}

const kindOf = (name: string, protocol: 'tcp' | 'udp', port: number, destination: string): Application => ({
  name,
  users: [],
  dscp: 0,
  protocol,
  port,
  destination: { external: destination },
  elastic: false,
  packetBytes: 100,
  of: 'smallest',
  up: 0,
  down: 0,
  profile: 'flat',
});

const portAt = (at: number): number => FIRST_PORT + (at % PORTS);

function patternFlows(span: Span, traffic: Traffic): readonly FlowRecord[] {
  switch (traffic.pattern) {
    case 'bulk':
      return minutes(span, traffic.since, Number.POSITIVE_INFINITY, traffic.destination, 'bulk-transfer', traffic.bps);
    case 'download': {
      const lasts = (8_000 * traffic.bytes) / traffic.bps;
      return minutes(span, traffic.since, traffic.since + lasts, traffic.destination, 'software-update', traffic.bps);
    }
    case 'syn-flood':
      return sessions(span, traffic, { octets: 60, packets: 1, lastsMs: 0, halfOpen: true });
    case 'many-sessions':
      return sessions(span, traffic, { octets: 3_000, packets: 12, lastsMs: 500, halfOpen: false });
    case 'beacon':
      return beacon(span, traffic);
    case 'scan':
      return scan(span, traffic);
    case 'discovery':
      return discovery(span, traffic);
  }
}

/** A transfer that goes on, as a record a minute. */
function minutes(
  span: Span,
  since: number,
  ends: number,
  destination: string,
  name: string,
  bps: number,
): readonly FlowRecord[] {
  const way = flowWay(span.world, span.host, kindOf(name, 'tcp', 443, destination), destination);
  if (way === undefined) return [];
  const found: FlowRecord[] = [];
  for (const [, end] of eventsIn(span, since + ACTIVE_TIMEOUT_MS, ACTIVE_TIMEOUT_MS)) {
    const seconds = Math.min(ACTIVE_TIMEOUT_MS, ends - (end - ACTIVE_TIMEOUT_MS)) / 1000;
    if (seconds <= 0) break;
    const octets = Math.round((bps * seconds) / 8);
    const volume = { octets, packets: Math.ceil(octets / 1_400) };
    const times = { start: end - ACTIVE_TIMEOUT_MS, end, sourcePort: portAt(since), destinationPort: 443 };
    found.push(flowRecord(way, 'tcp', { ...times, ...volume, application: name }));
  }
  return found;
}

function sessions(
  span: Span,
  traffic: Extract<Traffic, { readonly pattern: 'syn-flood' | 'many-sessions' }>,
  each: { readonly octets: number; readonly packets: number; readonly lastsMs: number; readonly halfOpen: boolean },
): readonly FlowRecord[] {
  const { destination, port, perSecond, since } = traffic;
  const { world, host } = span;
  const way = flowWay(world, host, kindOf('unknown', 'tcp', port, destination), destination, 'admitted');
  const node = servingNode(world, host);
  if (way === undefined || node === undefined) return [];
  const admitted = admittedShare(world, node, poolTowards(node, host, world.externals.has(destination)));
  const found: FlowRecord[] = [];
  for (const [at, end] of eventsIn(span, since, 1_000 / perSecond)) {
    const answered = way.answered && noise(world.seed, 'admitted', host.name, at) < admitted;
    const rest = {
      start: end - each.lastsMs,
      end,
      sourcePort: portAt(at),
      destinationPort: port,
      application: 'unknown',
    };
    const full = flowRecord({ ...way, answered }, 'tcp', { ...rest, octets: each.octets, packets: each.packets });
    found.push(each.halfOpen ? { ...full, tcpFlags: SYN } : full);
  }
  return found;
}

/** Pool that translates what leaves a host's LAN for the internet. */
const poolTowards = ({ config }: DeviceNode, { vrf }: Host, outside: boolean): string | undefined =>
  outside ? config.breakouts.find((one) => one.vrf === vrf && one.application === undefined)?.nat : undefined;

const LABEL_LENGTH = 14;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

/** A call home of equal size at equal intervals, and the name that is asked for before it. */
function beacon(
  span: Span,
  { destination, everySeconds, dnsNames, since }: Extract<Traffic, { readonly pattern: 'beacon' }>,
) {
  const { world, host } = span;
  const service = world.externals.get(destination);
  const port = service?.port ?? 443;
  const protocol = port === NTP_PORT ? 'udp' : 'tcp';
  const way = flowWay(world, host, kindOf('unknown', protocol, port, destination), destination);
  const resolver = hostState(world, host).resolvers[0] ?? destination;
  const query = flowWay(world, host, kindOf('dns', 'udp', 53, resolver), resolver);
  const known = service?.name ?? destination;
  const found: FlowRecord[] = [];
  for (const [at, end] of eventsIn(span, since, 1_000 * everySeconds)) {
    const sourcePort = portAt(at);
    if (way !== undefined) {
      const times = { start: end - 200, end, sourcePort, destinationPort: port };
      found.push(flowRecord(way, protocol, { ...times, octets: 480, packets: 6, application: 'unknown' }));
    }
    if (query === undefined) continue;
    const times = { start: end - 300, end: end - 250, sourcePort, destinationPort: 53 };
    const dnsName = dnsNames === 'random' ? `${randomLabel(world, host, at)}.example` : known;
    found.push(flowRecord(query, 'udp', { ...times, octets: 90, packets: 1, application: 'dns', dnsName }));
  }
  return found;
}

const randomLabel = (world: World, host: Host, at: number): string =>
  Array.from(
    { length: LABEL_LENGTH },
    (_, place) => LETTERS[Math.floor(LETTERS.length * noise(world.seed, 'label', host.name, at, place))] ?? 'a',
  ).join('');

/** One address and port after another. */
function scan(span: Span, { prefix, ports, perSecond, since }: Extract<Traffic, { readonly pattern: 'scan' }>) {
  const range = parsePrefix(prefix);
  if (range === undefined) return [];
  const size = 2 ** (32 - range.length);
  const ways = new Map<string, FlowWay | undefined>();
  const found: FlowRecord[] = [];
  for (const [at, end] of eventsIn(span, since, 1_000 / perSecond)) {
    const destination = formatAddress(range.network + (Math.floor(at / ports.length) % size));
    const port = ports[at % ports.length] ?? 0;
    const key = `${destination}:${port}`;
    if (!ways.has(key))
      ways.set(key, flowWay(span.world, span.host, kindOf('unknown', 'tcp', port, destination), destination));
    const way = ways.get(key);
    if (way === undefined) continue;
    const rest = { start: end - 100, end, sourcePort: portAt(at), destinationPort: port, octets: 120, packets: 2 };
    found.push(flowRecord(way, 'tcp', { ...rest, application: 'unknown' }));
  }
  return found;
}

/** A search by multicast that leaves the LAN nowhere (RFC 6762 §3). */
function discovery(span: Span, { port, perMinute, since }: Extract<Traffic, { readonly pattern: 'discovery' }>) {
  const way = flowWay(span.world, span.host, kindOf('discovery', 'udp', port, MDNS_ADDRESS), MDNS_ADDRESS);
  if (way === undefined) return [];
  const nowhere: FlowWay = { ...way, egress: '', answered: true };
  return [...eventsIn(span, since, 60_000 / perMinute)].map(([, end]) =>
    flowRecord(nowhere, 'udp', {
      start: end,
      end,
      sourcePort: port,
      destinationPort: port,
      octets: 120,
      packets: 1,
      application: 'discovery',
    }),
  );
}
