/** How an application does for the people of a site: a score of 0–100 out of what its packets meet. */
import type { ApplicationState } from '../../../protocols/device/state.ts';
import { FORWARDING_VRF, forwardsFor } from '../lan/forwarder.ts';
import { hostState } from '../lan/host-state.ts';
import { serviceAnswer } from '../lan/port-answer.ts';
import { resolveName } from '../lan/resolve-name.ts';
import type { Host } from '../network.ts';
import { type Contact, contact } from '../probes/contact.ts';
import { type DeviceNode, tenantOf, type World } from '../world.ts';
import { addressOf, appPath } from './app-path.ts';
import { APPLICATIONS, type Application } from './applications.ts';
import { servingPort } from './demand.ts';
import { classOf, policyOfPort } from './load.ts';
import { accessQuality } from './quality.ts';
import { externalByName, hostsOfSite } from './site-hosts.ts';
import { meanOpinionScore } from './voice.ts';

/** Round trip that nobody notices, and what each millisecond beyond it costs, at most. */
const EASY_RTT_MS = 120;
const POINTS_PER_MS = 0.25;
const MOST_FOR_DELAY = 40;
/** Points for each percent of the packets that are lost there or back. */
const POINTS_PER_LOSS = 9;
/** The same for a service that takes its time. */
const EASY_SERVICE_MS = 100;
const POINTS_PER_SERVICE_MS = 0.05;
const MOST_FOR_SERVICE = 70;
/** Mean opinion scores between which a call is worth nothing and everything. */
const WORST_MOS = 1;
const BEST_MOS = 4.35;

const clamp = (points: number): number => Math.round(Math.max(0, Math.min(100, points)));

function scoreTransfers(rttMs: number, loss: number, serviceMs: number): number {
  const delay = Math.min(MOST_FOR_DELAY, POINTS_PER_MS * Math.max(0, rttMs - EASY_RTT_MS));
  const service = Math.min(MOST_FOR_SERVICE, POINTS_PER_SERVICE_MS * Math.max(0, serviceMs - EASY_SERVICE_MS));
  return clamp(100 - delay - service - 100 * POINTS_PER_LOSS * loss);
}

/** Every application that somebody at the device's site uses, where this device serves them. */
export function scoreApplications(world: World, node: DeviceNode): readonly ApplicationState[] {
  const hosts = hostsOfSite(tenantOf(world, node.ref.tenant), node.config.site);
  return APPLICATIONS.flatMap((application) => {
    const users = hosts.filter((host) => application.users.includes(host.kind));
    // What most of them meet: one host that has gone astray does not stand for the site.
    const scores = users
      .filter((host) => servingPort(world, node, host.vrf) !== undefined)
      .map((host) => scoreFor(world, node, host, application))
      .filter((score) => score !== undefined)
      .sort((a, b) => a - b);
    const [first] = users;
    const score = scores[Math.floor(scores.length / 2)];
    if (first === undefined || score === undefined) return [];
    const { color } = appPath(world, first, application);
    return [{ application: application.name, score, ...(color === undefined ? {} : { color }) }];
  });
}

/** Undefined where nobody offers the application to this site. */
function scoreFor(world: World, node: DeviceNode, host: Host, application: Application): number | undefined {
  const destination = addressOf(world, host.tenant, application);
  if (destination === undefined) return undefined;
  const call = application.name === 'voice' || application.name === 'video';
  // Calls in progress need no names; all else begins with one.
  if (!call && application.name !== 'dns' && !resolves(world, node, host, application)) return 0;
  const found = ask(world, node, host, destination, application, !call);
  if (found.result !== 'ok') return 0;
  const { there, back } = found;
  if (call) {
    const mos = Math.min(...[there, back].map((way) => meanOpinionScore(way.loss, way.delayMs, way.jitterMs)));
    return clamp((100 * (mos - WORST_MOS)) / (BEST_MOS - WORST_MOS));
  }
  const service =
    found.answerer.kind === 'host'
      ? serviceAnswer(world, found.answerer.host, application.port)
      : { answers: 'ok', delayMs: 0 };
  if (service.answers !== 'ok') return 0;
  return scoreTransfers(there.delayMs + back.delayMs, 1 - (1 - there.loss) * (1 - back.loss), service.delayMs);
}

const DNS = { protocol: 'udp', port: 53 } as const;

/** True when one of the host's resolvers gives it the right address. */
function resolves(world: World, node: DeviceNode, host: Host, application: Application): boolean {
  const { destination } = application;
  const name = 'external' in destination ? destination.external : `${destination.service}.example`;
  const { resolvers } = hostState(world, host);
  // A thing that nobody gave a resolver knows its service by address.
  if (resolvers.length === 0) return true;
  return resolvers.some((resolver) => {
    const query = { destination: resolver, packet: DNS, dscp: 0, session: true, count: 0 };
    const asked = forwardsFor(world, node, host, resolver)
      ? contact(world, node, { ...query, vrf: FORWARDING_VRF })
      : contact(world, node, { ...query, vrf: host.vrf, host });
    if (asked.result !== 'ok') return false;
    const { result, answer } = resolveName(world, host.tenant, resolver, name);
    return result === 'ok' && answer === addressOf(world, host.tenant, application);
  });
}

const ask = (
  world: World,
  node: DeviceNode,
  host: Host,
  destination: string,
  { dscp, protocol, port }: Pick<Application, 'dscp' | 'protocol' | 'port'>,
  session: boolean,
): Contact =>
  contact(world, node, { vrf: host.vrf, host, destination, packet: { protocol, port }, dscp, session, count: 0 });

/** Score of the cloud services that staff reach by a breakout on this port; undefined when none leaves there. */
export function cloudScore(world: World, node: DeviceNode, port: string): number | undefined {
  const color = node.config.interfaces.find((one) => one.name === port)?.color;
  const breakout = node.config.breakouts.find((one) => one.color === color && one.application !== undefined);
  const application = APPLICATIONS.find((one) => one.name === breakout?.application);
  if (color === undefined || application === undefined || !('external' in application.destination)) return undefined;
  const service = externalByName(world, application.destination.external);
  if (service === undefined) return undefined;
  const quality = accessQuality(world, node, color, classOf(policyOfPort(node, port), application.dscp));
  const rttMs = quality.onewayMs + quality.backMs + service.rttMs;
  return scoreTransfers(rttMs, 1 - (1 - quality.fwdLoss) * (1 - quality.revLoss), 0);
}
