/**
 * Flow records: what the first edge on the way exports about the traffic of a span of time (RFC 7011). Nothing is kept:
 * the records of a moment follow from the seed, the demand of the hour and the way that packets took then.
 */
import type { FlowRecord } from '../../protocols/device/flow.ts';
import { addedFlows } from './flows/added-flows.ts';
import { ordinaryFlows } from './flows/ordinary-flows.ts';
import { asOf, movesBetween, REMEMBERED_MS } from './history.ts';
import type { Host } from './network.ts';
import type { Tenant, World } from './world.ts';

/** Demand is that of the hour; what somebody adds fills tables by the minute. */
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A record tells the way that packets took when the minute began in which it ended: changes within one count together. */
const WAY_MS = MINUTE_MS;

/** Flows of a tenant that ended in (`after`, `until`], of the last day at most, oldest first, at most `limit`; of all devices, or of those given. */
export function readFlows(
  world: World,
  tenant: Tenant,
  after: number,
  until: number,
  limit: number,
  of?: ReadonlySet<string>,
): readonly FlowRecord[] {
  const to = Math.min(until, world.now);
  const found: FlowRecord[] = [];
  let from = Math.max(after, to - REMEMBERED_MS);
  for (const cut of [...cutsBetween(world, from, to), to]) {
    if (found.length >= limit) break;
    const [start, end] = [from, cut];
    from = cut;
    if (start >= end) continue;
    const at = Math.floor(start / WAY_MS) * WAY_MS;
    for (const flow of asOf(world, at, () => flowsOf(world, tenant, start, end, of)))
      if (found.length < limit) found.push(flow);
  }
  return found;
}

/** Where a span is cut, in order: at whole hours, where packets began to go another way, and every minute while somebody adds traffic. */
function cutsBetween(world: World, from: number, to: number): readonly number[] {
  const cuts = new Set<number>();
  const every = (step: number, start: number, end: number): void => {
    for (let at = Math.floor(start / step) * step + step; at < end; at += step) cuts.add(at);
  };
  every(HOUR_MS, from, to);
  for (const at of movesBetween(world, from - WAY_MS, to)) cuts.add(Math.ceil(at / WAY_MS) * WAY_MS);
  let start = from;
  for (const end of [...sorted(cuts), to]) {
    if (asOf(world, start, () => isAdded(world))) every(MINUTE_MS, start, end);
    start = end;
  }
  return sorted(cuts).filter((at) => at > from && at < to);
}

const sorted = (instants: Iterable<number>): readonly number[] => [...instants].sort((a, b) => a - b);

const isAdded = ({ conditions }: World): boolean =>
  [...conditions.values()].some(({ condition }) => condition.kind === 'host-sends');

function flowsOf(
  world: World,
  tenant: Tenant,
  after: number,
  until: number,
  of?: ReadonlySet<string>,
): readonly FlowRecord[] {
  const found: FlowRecord[] = [];
  const add = (flow: FlowRecord): void => {
    if (of === undefined || of.has(flow.device)) found.push(flow);
  };
  // Who has no device of these at the site is seen by none of them; nor are the answers of such a server.
  const isSeen = ({ site }: Host): boolean =>
    of === undefined || (tenant.sites.get(site) ?? []).some(({ ref }) => of.has(ref.device));
  for (const host of tenant.hosts.values()) {
    for (const flow of ordinaryFlows(world, tenant, host, { after, until, isSeen })) add(flow);
    if (isSeen(host)) for (const flow of addedFlows(world, tenant, host, after, until)) add(flow);
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
