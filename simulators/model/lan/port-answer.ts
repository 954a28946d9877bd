/** How a host answers on a port: its process, its load, its own filter, and whoever floods it. */
import type { Host } from '../network.ts';
import { conditionsOf, holds, tenantOf, type World } from '../world.ts';
import { trafficPasses } from './edge-filter.ts';
import { processOf } from './host-processes.ts';

export interface ServiceAnswer {
  readonly answers: 'ok' | 'refused' | 'silent';
  /** Between the request and the first byte of the answer. */
  readonly delayMs: number;
}

/** Time to serve a request at an ordinary load. */
const SERVICE_MS = 15;
/** A queue of requests as long as the demand is above what can be served. */
const OVERLOAD_MS = 1_500;
/** Half-open connections that a listener keeps, and seconds that it keeps each (RFC 4987 §2, common defaults). */
const BACKLOG = 1_024;
const BACKLOG_SECONDS = 30;
/** A client whose SYN was dropped sends it again after a second, then after two more (RFC 6298 §2). */
const RETRY_MS = 1_000;
const MOST_RETRIES_MS = 7_000;

/** SYN a second that others send to this port and do not mean. */
function floodOn(world: World, host: Host, port: number): number {
  let perSecond = 0;
  for (const { condition } of world.conditions.values()) {
    if (condition.kind !== 'host-sends' || condition.tenant !== host.tenant) continue;
    const { traffic } = condition;
    const hit = traffic.pattern === 'syn-flood' && traffic.destination === host.address && traffic.port === port;
    const sender = tenantOf(world, host.tenant).hostsByName.get(condition.host);
    if (hit && sender !== undefined && trafficPasses(world, sender, traffic)) perSecond += traffic.perSecond;
  }
  return perSecond;
}

export function serviceAnswer(world: World, host: Host, port: number): ServiceAnswer {
  const place = `${host.tenant}/${host.name}`;
  const filtered = conditionsOf(world, 'host-filter', place).some((one) => one.port === port);
  if (holds(world, 'host-down', place) || filtered) return { answers: 'silent', delayMs: 0 };
  const service = host.services.find((one) => one.port === port);
  const stopped = conditionsOf(world, 'host-process-stopped', place);
  if (service === undefined || stopped.some((one) => one.process === processOf(service.name))) {
    return { answers: 'refused', delayMs: 0 };
  }
  const added = conditionsOf(world, 'host-delay', place).reduce((sum, one) => sum + one.delayMs, 0);
  const overload = conditionsOf(world, 'host-overload', place).reduce((sum, one) => sum + one.factor, 0);
  // A backlog that is full so many times over drops that share of the first attempts.
  const crowd = (floodOn(world, host, port) * BACKLOG_SECONDS) / BACKLOG;
  const retries = crowd <= 1 ? 0 : Math.min(MOST_RETRIES_MS, RETRY_MS * Math.log2(1 + crowd));
  return { answers: 'ok', delayMs: SERVICE_MS + added + OVERLOAD_MS * overload + retries };
}
