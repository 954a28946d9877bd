/**
 * Flow records: what the first edge on the way exports about the traffic of a span of time (RFC 7011). Nothing is kept:
 * the records of a moment follow from the seed, the demand of the hour and the way that packets take now.
 */
import type { FlowRecord } from '../../protocols/device/flow.ts';
import { addedFlows } from './flows/added-flows.ts';
import { ordinaryFlows } from './flows/ordinary-flows.ts';
import type { Tenant, World } from './world.ts';

/** Flows of a tenant that ended in (`after`, `until`], oldest first, at most `limit`. */
export function readFlows(
  world: World,
  tenant: Tenant,
  after: number,
  until: number,
  limit: number,
): readonly FlowRecord[] {
  const to = Math.min(until, world.now);
  if (to <= after || limit <= 0) return [];
  const found: FlowRecord[] = [];
  for (const host of tenant.hosts.values()) {
    found.push(...ordinaryFlows(world, tenant, host, after, to), ...addedFlows(world, tenant, host, after, to));
  }
  const order = (one: FlowRecord): string => `${one.source} ${one.destination} ${one.sourcePort}`;
  found.sort((a, b) => a.end - b.end || (order(a) < order(b) ? -1 : 1));
  return found.slice(0, limit);
}
