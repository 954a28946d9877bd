/** Alarms of a firewall: its table is full, or too many sessions stay half open. */
import { policyName } from '../../../protocols/device/names.ts';
import type { Layer } from '../layers/layer.ts';
import { announce, type DeviceNode, type FirewallAlarmCell, powered, tenantOf, touch, type World } from '../world.ts';
import { wantedSessions } from './sessions.ts';

/** The table is looked at every so often while something fills it. */
const LOOK_MS = 10_000;

export const firewallAlarmLayer: Layer<FirewallAlarmCell> = {
  target(world, cell) {
    const { node } = cell;
    const { firewall } = node.config;
    if (firewall === undefined || !powered(world, node)) return { value: 'quiet', delayMs: 0 };
    const { open, halfOpen } = wantedSessions(world, node);
    const raised = cell.about === 'table' ? open >= firewall.maxSessions : halfOpen >= firewall.halfOpenLimit;
    return { value: raised ? 'raised' : 'quiet', delayMs: 0 };
  },

  changed(world, { node, about, value }) {
    const table = about === 'table';
    announce(world, node, {
      name: table ? 'trap.zbf_table_full' : 'trap.zbf_half_open',
      resource: policyName(node.ref.device, 'firewall'),
      severity: value === 'raised' ? 'major' : 'cleared',
      detail: `${table ? 'session table full' : 'half-open sessions above their limit'}: ${value === 'raised' ? 'yes' : 'no longer'}`,
    });
  },
};

/** Firewalls that a host's traffic goes through: of its site, and of the hubs. */
export function firewallsFor(world: World, tenantName: string, site: string): readonly DeviceNode[] {
  const tenant = tenantOf(world, tenantName);
  return [...(tenant.sites.get(site) ?? []), ...tenant.nodes.filter((node) => node.config.role === 'hub')];
}

/** Looks at these firewalls now and again, while `filling` says that something fills them. */
export function watchFirewalls(
  world: World,
  nodes: readonly DeviceNode[],
  filling: () => boolean,
  settle: () => void,
): void {
  for (const node of nodes) for (const cell of node.firewallAlarms.values()) touch(world, cell);
  settle();
  if (!filling()) return;
  world.queue.schedule(world.now + LOOK_MS, () => watchFirewalls(world, nodes, filling, settle));
}
