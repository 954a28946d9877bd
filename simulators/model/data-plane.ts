/**
 * Active probes: what comes back from a destination, and what the probe measures on the way.
 *
 * A probe starts at a host behind the device, or at the device's own agent behind a port of a VRF, as an experience
 * monitor does; its packets pass the access list of that port and count hits. VRF 0 is the underlay.
 */
import type { ProbeFigures, ProbeResult } from '../../protocols/device/probe.ts';
import { ECHO_PACKET } from './access-list.ts';
import { serviceAnswer } from './lan/port-answer.ts';
import { resolveName } from './lan/resolve-name.ts';
import type { Host, ProbeRequest } from './network.ts';
import { type Answerer, type Ask, type Contact, contact } from './probes/contact.ts';
import { contactTunnelEnd, contactUnderlay } from './probes/underlay.ts';
import { noise } from './seeded-noise.ts';
import { classify } from './traffic/app-path.ts';
import { fetchTime, transferRate, USUAL_WINDOW_BYTES } from './traffic/transfer.ts';
import { meanOpinionScore } from './traffic/voice.ts';
import { conditionsOf, type DeviceNode, powered, tenantOf, type World } from './world.ts';

type Reached = Extract<Contact, { readonly result: 'ok' }>;
type Kind = ProbeRequest['kind'];

/** Packets that each kind sends. */
const PACKETS: Readonly<Record<Kind, Ask['packet']>> = {
  icmp: ECHO_PACKET,
  'df-size': ECHO_PACKET,
  traceroute: ECHO_PACKET,
  tcp: { protocol: 'tcp' },
  http: { protocol: 'tcp', port: 443 },
  throughput: { protocol: 'tcp', port: 5201 },
  dns: { protocol: 'udp', port: 53 },
  voice: { protocol: 'udp', port: 5060 },
};
/** Kinds that begin a new session; a call that is measured goes on already. */
const SESSIONS: ReadonlySet<Kind> = new Set(['tcp', 'http', 'throughput', 'dns']);
/** Echo requests when nobody says how many, and what each carries (RFC 792). */
const ECHOES = 5;
const ECHO_BYTES = 64;
/** An object that fits into one packet on every line, and a large one, bytes. */
const OBJECT_BYTES = { small: 200, large: 10_000_000 } as const;
/** The overlay's usual packet size: edges make hosts keep to it (MSS clamping), so a path of this size stalls nobody. */
const USUAL_MTU = 1_425;
/** Waits of a client: for each try of a handshake or a query, and for a page. */
const TRIES = 3;
const RETRY_MS = 1_000;
const PATIENCE_MS = 30_000;

/** Answers a probe from this device now; counts access-list hits and changes nothing else. */
export function runProbe(world: World, node: DeviceNode, request: ProbeRequest): ProbeResult {
  const { kind } = request;
  const sent = kind === 'icmp' ? Math.max(1, request.count ?? ECHOES) : 1;
  const host = request.host === undefined ? undefined : tenantOf(world, node.ref.tenant).hostsByName.get(request.host);
  if (!powered(world, node) && host === undefined) return nothing(sent, 'unreachable');
  const ask: Ask = {
    vrf: host?.vrf ?? request.vrf,
    ...(host === undefined ? {} : { host }),
    ...(request.source === undefined ? {} : { source: request.source }),
    destination: request.destination,
    packet: { ...PACKETS[kind], ...(request.port === undefined ? {} : { port: request.port }) },
    dscp: request.dscp ?? usualDscp(world, node, request),
    session: SESSIONS.has(kind),
    count: sent,
  };
  const found = reach(world, node, ask);
  if (kind === 'traceroute') return traced(found);
  if (found.result !== 'ok') return nothing(sent, found.result);
  const dice = (what: string): number =>
    noise(world.seed, 'probe', node.key, kind, request.destination, what, world.now);
  switch (kind) {
    case 'icmp':
      return echoed(found, sent, request.size ?? ECHO_BYTES, dice);
    case 'df-size':
      return sized(found);
    case 'tcp':
      return connected(world, found, ask, dice);
    case 'dns':
      return resolved(world, found, ask, request.name ?? '', dice);
    case 'http':
      return fetched(world, found, ask, OBJECT_BYTES[request.object ?? 'small'], dice);
    case 'throughput':
      return pushed(world, found, ask);
    case 'voice':
      return called(found, dice);
  }
}

/** A connection to an application carries the application's mark, as its clients' do. */
function usualDscp(world: World, node: DeviceNode, { kind, destination, port }: ProbeRequest): number {
  return SESSIONS.has(kind)
    ? (classify(world, node.ref.tenant, destination, port ?? PACKETS[kind].port)?.dscp ?? 0)
    : 0;
}

function reach(world: World, node: DeviceNode, ask: Ask): Contact {
  if (ask.host !== undefined) return contact(world, node, ask);
  return (
    contactTunnelEnd(world, node, ask) ??
    (ask.vrf === 0 ? contactUnderlay(world, node, ask) : contact(world, node, ask))
  );
}

type Dice = (what: string) => number;

/** A refusal is an answer: the packet came back. */
const nothing = (sent: number, result: Exclude<ProbeResult['result'], 'ok'>): ProbeResult => ({
  sent,
  received: result === 'refused' ? sent : 0,
  rttMs: 0,
  result,
});
const tenths = (value: number): number => Math.round(10 * value) / 10;
const roundTrip = ({ there, back }: Reached): number => there.delayMs + back.delayMs;
const roundLoss = ({ there, back }: Reached): number => 1 - (1 - there.loss) * (1 - back.loss);

function echoed(found: Reached, sent: number, size: number, dice: Dice): ProbeResult {
  const loss = size > Math.min(found.there.mtu, found.back.mtu) && found.mtuSilent ? 1 : roundLoss(found);
  const times: number[] = [];
  for (let at = 0; at < sent; at += 1) {
    if (dice(`loss${at}`) < loss) continue;
    const spread = Math.hypot(found.there.jitterMs, found.back.jitterMs);
    times.push(roundTrip(found) + 2 * dice(`time${at}`) + spread * (2 * dice(`jitter${at}`) - 1));
  }
  if (times.length === 0) return nothing(sent, 'timeout');
  const mean = times.reduce((sum, one) => sum + one, 0) / times.length;
  const steps = times.slice(1).map((one, at) => Math.abs(one - (times[at] ?? one)));
  const jitter = steps.reduce((sum, one) => sum + one, 0) / Math.max(1, steps.length);
  return {
    sent,
    received: times.length,
    rttMs: tenths(Math.max(0.1, mean)),
    result: 'ok',
    figures: { lossPct: tenths((100 * (sent - times.length)) / sent), jitterMs: tenths(jitter) },
  };
}

function sized(found: Reached): ProbeResult {
  const size = Math.min(found.there.mtu, found.back.mtu);
  const figures: ProbeFigures = found.mtuSilent ? { size } : { size, nextHopMtu: size };
  return { sent: 1, received: 1, rttMs: tenths(roundTrip(found)), result: 'ok', figures };
}

function traced(found: Contact): ProbeResult {
  const { hops } = found;
  if (found.result !== 'ok') return { ...nothing(1, found.result), figures: { hops } };
  return { sent: 1, received: 1, rttMs: tenths(roundTrip(found)), result: 'ok', figures: { hops } };
}

interface Opening {
  readonly result: 'ok' | 'timeout' | 'refused';
  /** Lost tries that were waited for. */
  readonly waitedMs: number;
  /** Between a request and its answer. */
  readonly serviceMs: number;
}

/** A handshake or query with its repetitions (RFC 9293 §3.8.1), up to the process that answers. */
function open(world: World, found: Reached, ask: Ask, dice: Dice): Opening {
  let tries = 0;
  while (tries < TRIES && dice(`try${tries}`) < roundLoss(found)) tries += 1;
  const waitedMs = tries * RETRY_MS;
  if (tries === TRIES) return { result: 'timeout', waitedMs, serviceMs: 0 };
  const answer = listens(world, found.answerer, ask);
  return { result: answer.answers === 'silent' ? 'timeout' : answer.answers, waitedMs, serviceMs: answer.delayMs };
}

function listens(world: World, answerer: Answerer, { packet }: Ask): ReturnType<typeof serviceAnswer> {
  const port = packet.port ?? 0;
  switch (answerer.kind) {
    case 'host':
      return serviceAnswer(world, answerer.host, port);
    case 'external':
      return { answers: port === answerer.service.port ? 'ok' : 'refused', delayMs: 10 };
    // BGP is the only listener that a device shows in here (RFC 4271 §8).
    case 'device':
      return { answers: packet.protocol === 'tcp' && port === 179 ? 'ok' : 'refused', delayMs: 0 };
    case 'provider':
      return { answers: 'refused', delayMs: 0 };
  }
}

const answeredIn = (ms: number, dice: Dice): ProbeResult => ({
  sent: 1,
  received: 1,
  rttMs: tenths(ms + 2 * dice('time')),
  result: 'ok',
});

function connected(world: World, found: Reached, ask: Ask, dice: Dice): ProbeResult {
  const { result, waitedMs } = open(world, found, ask, dice);
  return result === 'ok' ? answeredIn(roundTrip(found) + waitedMs, dice) : nothing(1, result);
}

function resolved(world: World, found: Reached, ask: Ask, name: string, dice: Dice): ProbeResult {
  const { result, waitedMs } = open(world, found, ask, dice);
  if (result !== 'ok') return nothing(1, result);
  const { tenant } = found.answerer.kind === 'host' ? found.answerer.host : (ask.host ?? { tenant: '' });
  const answer = resolveName(world, tenant, ask.destination, name);
  if (answer.result === 'silent') return nothing(1, 'timeout');
  if (answer.result === 'refused') return nothing(1, 'refused');
  const figures: ProbeFigures = answer.answer === undefined ? {} : { answer: answer.answer };
  return { ...answeredIn(roundTrip(found) + waitedMs + answer.delayMs, dice), figures };
}

/** A path that takes less than hosts believe, and hides it, swallows every full packet. */
const stalls = (found: Reached): boolean => found.mtuSilent && Math.min(found.there.mtu, found.back.mtu) < USUAL_MTU;

const windowOf = (world: World, host: Host | undefined): number =>
  host === undefined
    ? USUAL_WINDOW_BYTES
    : Math.min(
        USUAL_WINDOW_BYTES,
        ...conditionsOf(world, 'host-window', `${host.tenant}/${host.name}`).map((one) => one.bytes),
      );

function fetched(world: World, found: Reached, ask: Ask, bytes: number, dice: Dice): ProbeResult {
  const opening = open(world, found, ask, dice);
  if (opening.result !== 'ok') return nothing(1, opening.result);
  if (bytes > USUAL_MTU && stalls(found)) return nothing(1, 'timeout');
  const path = {
    rttMs: roundTrip(found),
    loss: found.back.loss,
    roomBps: found.back.roomBps,
    windowBytes: windowOf(world, ask.host),
  };
  const ms = opening.waitedMs + fetchTime(path, bytes, opening.serviceMs);
  return ms > PATIENCE_MS ? nothing(1, 'timeout') : answeredIn(ms, dice);
}

/** A transfer towards the destination, for as long as its rate takes to show. */
function pushed(world: World, found: Reached, ask: Ask): ProbeResult {
  const answerer = found.answerer.kind === 'host' ? found.answerer.host : undefined;
  if (stalls(found)) return { ...nothing(1, 'timeout'), figures: { mbps: 0 } };
  const rate = transferRate({
    rttMs: roundTrip(found),
    loss: found.there.loss,
    roomBps: found.there.roomBps,
    windowBytes: Math.min(windowOf(world, ask.host), windowOf(world, answerer)),
  });
  const figures = { mbps: Math.round(rate / 10_000) / 100 };
  return { sent: 1, received: 1, rttMs: tenths(roundTrip(found)), result: 'ok', figures };
}

/** A call: what the listener at the worse end hears. */
function called(found: Reached, dice: Dice): ProbeResult {
  const ends = [found.there, found.back];
  const score = Math.min(...ends.map((way) => meanOpinionScore(way.loss, way.delayMs, way.jitterMs)));
  const { there } = found;
  const figures = {
    lossPct: tenths(100 * there.loss),
    jitterMs: tenths(there.jitterMs + 1 + dice('jitter')),
    mos: Math.round(100 * score) / 100,
  };
  return { sent: 1, received: 1, rttMs: tenths(roundTrip(found) + dice('time')), result: 'ok', figures };
}
