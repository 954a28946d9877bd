/**
 * Which way an application's packets leave an edge: application-aware routing over the tunnels to one peer, and local
 * breakouts to the internet. A rule lists colours, best first; those that meet the rule's SLA class come before others;
 * a strict rule takes no colour that it does not list.
 */
import type { AppRoute, Breakout, Color, DeviceConfig } from '../../../protocols/device/config.ts';
import { circuitCarries } from '../layers/port.ts';
import { type DeviceNode, type EndCell, portOfColor, type Tenant, tenantOf, type World } from '../world.ts';

const DIRECTORS = new WeakMap<Tenant, DeviceNode | undefined>();

/** The controller that holds what all edges are told; undefined where nobody has seen one (a rehearsal). */
function directorOf(tenant: Tenant): DeviceNode | undefined {
  if (!DIRECTORS.has(tenant)) {
    DIRECTORS.set(
      tenant,
      tenant.nodes.find((node) => node.config.role === 'controller' && node.config.slaClasses.length > 0),
    );
  }
  return DIRECTORS.get(tenant);
}

/** Policies that the director holds for all edges; empty ones when there is no director. */
export function policiesOf(tenant: Tenant): Pick<DeviceConfig, 'appRoutes' | 'slaClasses' | 'appRoutePoll'> {
  return directorOf(tenant)?.config ?? { appRoutes: [], slaClasses: [] };
}

/** The rule of an application, when the director has one. */
export const ruleOf = (tenant: Tenant, application: string | undefined): AppRoute | undefined =>
  application === undefined ? undefined : policiesOf(tenant).appRoutes.find((one) => one.application === application);

/** Order of colours where no rule says otherwise: as the routing table prefers them. */
const COLOR_RANK: readonly Color[] = ['mpls', 'biz-internet', 'lte'];

/** The path that a rule takes of those there are: one that meets its class before others, then as it lists them. */
export function choosePath<Path extends { readonly color: Color; readonly misses: boolean }>(
  rule: Pick<AppRoute, 'colors' | 'strict'> | undefined,
  paths: readonly Path[],
): Path | undefined {
  const order = rule?.colors ?? COLOR_RANK;
  const rank = ({ color }: Path): number => {
    const at = order.indexOf(color);
    return at < 0 ? order.length : at;
  };
  const usable = rule?.strict === true ? paths.filter(({ color }) => order.includes(color)) : paths;
  return usable.toSorted((a, b) => Number(a.misses) - Number(b.misses) || rank(a) - rank(b))[0];
}

/** The tunnel end that an application takes out of those to one peer; undefined when a strict rule leaves none. */
export function steer(world: World, ends: readonly EndCell[], application: string | undefined): EndCell | undefined {
  const [first] = ends;
  if (first === undefined) return undefined;
  const rule = ruleOf(tenantOf(world, first.node.ref.tenant), application);
  return choosePath(
    rule,
    ends.map((end) => ({
      end,
      color: end.tunnel.color,
      misses: rule !== undefined && end.slaMissed.has(rule.slaClass),
    })),
  )?.end;
}

/** Ends of this device to `peer` that carry routes now: up, with an established session. */
export function liveEnds(node: DeviceNode, peer: string): readonly EndCell[] {
  return [...node.ends.values()].filter(
    (end) =>
      end.tunnel.peer === peer &&
      end.value === 'up' &&
      node.sessions.get(end.tunnel.remoteAddress)?.value === 'established',
  );
}

/** The peer that this device rather hears routes from, among those with an established session. */
export function preferredPeer(node: DeviceNode): string | undefined {
  let best: { readonly peer: string; readonly preference: number } | undefined;
  for (const { value, neighbor } of node.sessions.values()) {
    if (value !== 'established') continue;
    if (best === undefined || neighbor.localPreference > best.preference) {
      best = { peer: neighbor.peer, preference: neighbor.localPreference };
    }
  }
  return best?.peer;
}

/** The breakout that traffic for the internet takes here, and the port it leaves by; undefined when none works. */
export function chooseBreakout(
  world: World,
  node: DeviceNode,
  vrf: number,
  application: string | undefined,
): { readonly breakout: Breakout; readonly port: string } | undefined {
  const fitting = node.config.breakouts.filter(
    (one) => one.vrf === vrf && (one.application === undefined || one.application === application),
  );
  for (const breakout of fitting) {
    const port = portOfColor(node, breakout.color);
    if (port !== undefined && circuitCarries(world, node, breakout.color)) return { breakout, port: port.name };
  }
  return undefined;
}
