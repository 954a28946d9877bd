/**
 * Flow records: what the first edge on the way exports about the traffic of a span of time (RFC 7011). Nothing is kept:
 * the records of a moment follow from the seed, the demand of the hour and the way that packets take now.
 */
import type { FlowRecord } from '../../protocols/device/flow.ts';
import { addedFlows } from './flows/added-flows.ts';
import { ordinaryFlows } from './flows/ordinary-flows.ts';
import type { Tenant, World } from './world.ts';

/** A collector looks back so far, and computes so much at a time: whoever wants little pays little. */
const KEPT_MS = 24 * 3_600_000;
const SPAN_MS = 3_600_000;

/** Flows of a tenant that ended in (`after`, `until`], of the last day at most, oldest first, at most `limit`. */
export function readFlows(
  world: World,
  tenant: Tenant,
  after: number,
  until: number,
  limit: number,
): readonly FlowRecord[] {
  const to = Math.min(until, world.now);
  const found: FlowRecord[] = [];
  for (let from = Math.max(after, to - KEPT_MS); from < to && found.length < limit; from += SPAN_MS) {
    for (const flow of flowsOf(world, tenant, from, Math.min(to, from + SPAN_MS))) {
      if (found.length < limit) found.push(flow);
    }
  }
  return found;
}

function flowsOf(world: World, tenant: Tenant, after: number, until: number): readonly FlowRecord[] {
  const found: FlowRecord[] = [];
  for (const host of tenant.hosts.values()) {
    for (const flow of ordinaryFlows(world, tenant, host, after, until)) found.push(flow);
    for (const flow of addedFlows(world, tenant, host, after, until)) found.push(flow);
  }
  return found.sort(
    (a, b) =>
      a.end - b.end ||
      compare(a.source, b.source) ||
      compare(a.destination, b.destination) ||
      a.sourcePort - b.sourcePort,
  );
}

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
