/** How a host answers on a port: its process, its load, its own filter. */
import type { Host } from '../network.ts';
import { conditionsOf, holds, type World } from '../world.ts';

export interface ServiceAnswer {
  readonly answers: 'ok' | 'refused' | 'silent';
  /** Between the request and the first byte of the answer. */
  readonly delayMs: number;
}

/** Time to serve a request at an ordinary load. */
const SERVICE_MS = 15;
/** A queue of requests as long as the demand is above what can be served. */
const OVERLOAD_MS = 1_500;

export function serviceAnswer(world: World, host: Host, port: number): ServiceAnswer {
  const place = `${host.tenant}/${host.name}`;
  const filtered = conditionsOf(world, 'host-filter', place).some((one) => one.port === port);
  if (holds(world, 'host-down', place) || filtered) return { answers: 'silent', delayMs: 0 };
  const service = host.services.find((one) => one.port === port);
  if (service === undefined || holds(world, 'host-process-stopped', place)) return { answers: 'refused', delayMs: 0 };
  const added = conditionsOf(world, 'host-delay', place).reduce((sum, one) => sum + one.delayMs, 0);
  const overload = conditionsOf(world, 'host-overload', place).reduce((sum, one) => sum + one.factor, 0);
  return { answers: 'ok', delayMs: SERVICE_MS + added + OVERLOAD_MS * overload };
}
