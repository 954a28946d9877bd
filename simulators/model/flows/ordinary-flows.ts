/** Flow records of ordinary demand: a sample of the sessions of people and things, and of the answers that they get. */
import type { FlowRecord } from '../../../protocols/device/flow.ts';
import { queryAddress } from '../lan/forwarder.ts';
import type { Host } from '../network.ts';
import { noise } from '../seeded-noise.ts';
import { addressOf, servingNode } from '../traffic/app-path.ts';
import { APPLICATIONS, type Application, demandAt } from '../traffic/applications.ts';
import { siteFlows } from '../traffic/demand.ts';
import { hostsOfSite } from '../traffic/site-hosts.ts';
import type { Tenant, World } from '../world.ts';
import { type FlowWay, flowRecord, flowWay } from './flow-way.ts';

/** A sampled session of each host and application in so many milliseconds of the busiest hour. */
const SAMPLE_MS = 30_000;
/** Sessions last up to this long. */
const LONGEST_MS = 20_000;
/** Private ports (RFC 6335 §6). */
const FIRST_PORT = 49_152;
const PORTS = 16_384;

/** Records of sessions that ended in (`after`, `until`], of whose ends at least one is seen. */
export interface Wanted {
  readonly after: number;
  readonly until: number;
  isSeen(host: Host): boolean;
}

/** Records of a host's own sessions, and of the answers to them. */
export function ordinaryFlows(world: World, tenant: Tenant, host: Host, wanted: Wanted): readonly FlowRecord[] {
  return APPLICATIONS.filter((one) => one.users.includes(host.kind)).flatMap((application) =>
    sessionsOf(world, tenant, host, application, wanted),
  );
}

function sessionsOf(
  world: World,
  tenant: Tenant,
  host: Host,
  application: Application,
  { after, until, isSeen }: Wanted,
): readonly FlowRecord[] {
  const { name } = application;
  // Names are asked for at the resolver that the host was given.
  const edge = name === 'dns' ? servingNode(world, host) : undefined;
  const resolver = edge && queryAddress(world, edge, host);
  const destination = resolver ?? addressOf(world, tenant.name, application);
  const goal = destination === undefined ? undefined : tenant.hosts.get(destination);
  if (!isSeen(host) && (goal === undefined || !isSeen(goal))) return [];
  const way = destination === undefined ? undefined : flowWay(world, host, application, destination);
  if (way === undefined) return [];
  const back =
    goal === undefined || !way.answered ? undefined : flowWay(world, goal, application, way.source, 'answer');
  const share = volumeShare(world, tenant, host, application);
  const found: FlowRecord[] = [];
  for (let slot = Math.floor((after - LONGEST_MS) / SAMPLE_MS) - 1; slot * SAMPLE_MS <= until; slot += 1) {
    const dice = (what: string): number => noise(world.seed, 'flow', tenant.name, host.name, name, slot, what);
    const start = Math.floor((slot + dice('start')) * SAMPLE_MS);
    const end = start + 50 + Math.floor(LONGEST_MS * dice('length') * (name === 'dns' ? 0.005 : 1));
    if (end <= after || end > until || dice('happens') > demandAt(application.profile, start)) continue;
    const port = FIRST_PORT + Math.floor(PORTS * dice('port'));
    const spread = 0.5 + dice('volume');
    found.push(
      record(way, application, {
        start,
        end,
        port,
        bps: share.up * spread,
        name: askedName(tenant, host, name, dice('name')),
      }),
    );
    if (back !== undefined) found.push(answer(back, application, { start, end, port, bps: share.down * spread }));
  }
  return found;
}

interface Session {
  readonly start: number;
  readonly end: number;
  readonly port: number;
  /** Mean over the sampling interval. */
  readonly bps: number;
  readonly name?: string | undefined;
}

const volume = (bps: number, packetBytes: number) => {
  const octets = Math.max(packetBytes, Math.round((bps * SAMPLE_MS) / 8_000));
  return { octets, packets: Math.ceil(octets / packetBytes) };
};

const record = (way: FlowWay, { name, protocol, port, packetBytes }: Application, session: Session): FlowRecord =>
  flowRecord(way, protocol, {
    start: session.start,
    end: session.end,
    sourcePort: session.port,
    destinationPort: port,
    ...volume(session.bps, packetBytes),
    application: name,
    ...(session.name === undefined ? {} : { dnsName: session.name }),
  });

const answer = (way: FlowWay, { name, protocol, port, packetBytes }: Application, session: Session): FlowRecord =>
  flowRecord(way, protocol, {
    start: session.start,
    end: session.end,
    sourcePort: port,
    destinationPort: session.port,
    ...volume(session.bps, packetBytes),
    application: name,
  });

/** Part of the site's demand that is this host's, bits a second up and down. */
function volumeShare(world: World, tenant: Tenant, host: Host, application: Application) {
  const node = servingNode(world, host);
  const flow = node && siteFlows(world, node, world.now).find((one) => one.application === application.name);
  const weight = (one: Host): number => Math.max(1, one.users);
  let all = 0;
  for (const one of hostsOfSite(tenant, host.site)) if (application.users.includes(one.kind)) all += weight(one);
  const share = all === 0 ? 0 : weight(host) / all;
  return { up: (flow?.upBps ?? 0) * share, down: (flow?.downBps ?? 0) * share };
}

/** The name that a host looks up before it uses one of its applications. */
function askedName(_tenant: Tenant, host: Host, application: string, fraction: number): string | undefined {
  if (application !== 'dns') return undefined;
  const names = APPLICATIONS.filter((one) => one.name !== 'dns' && one.users.includes(host.kind)).map(
    ({ destination }) => ('external' in destination ? destination.external : `${destination.service}.example`),
  );
  return names[Math.floor(names.length * fraction)];
}
