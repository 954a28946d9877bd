/** How far a condition reaches: the devices whose rates it moves, and the sites whose leases it changes. */
import type { Condition } from './condition.ts';
import { sitesServedBy } from './lan/lease.ts';
import { foldMeters } from './meters.ts';
import type { DeviceRef } from './network.ts';
import { type DeviceNode, nodeOf, tenantOf, type World } from './world.ts';

/** Every device whose rates a condition can move. */
export function nodesAround(world: World, condition: Condition): readonly DeviceNode[] {
  const known = (refs: readonly DeviceRef[]): readonly DeviceNode[] =>
    refs.flatMap(({ tenant, device }) => nodeOf(world, tenant, device) ?? []);
  if ('provider' in condition) return known(world.circuitsByProvider.get(condition.provider) ?? []);
  if ('device' in condition) return known([condition]);
  if (!('host' in condition)) return [];
  const tenant = tenantOf(world, condition.tenant);
  return tenant.sites.get(tenant.hostsByName.get(condition.host)?.site ?? '') ?? [];
}

/** Sites whose hosts may get other leases when a condition comes or goes. */
export function sitesLeasing(
  world: World,
  condition: Condition,
): readonly { readonly tenant: string; readonly name: string }[] {
  const { kind } = condition;
  if (kind === 'process-stopped' && condition.process === 'dhcpd') {
    const site = nodeOf(world, condition.tenant, condition.device)?.config.site;
    return site === undefined ? [] : [{ tenant: condition.tenant, name: site }];
  }
  if (kind !== 'rogue-dhcp' && kind !== 'host-process-stopped' && kind !== 'host-down') return [];
  const host = tenantOf(world, condition.tenant).hostsByName.get(condition.host);
  if (host === undefined) return [];
  const names = kind === 'rogue-dhcp' ? [host.site] : sitesServedBy(world, host);
  return names.map((name) => ({ tenant: condition.tenant, name }));
}

/** Freezes their counters. */
export function foldAround(world: World, condition: Condition): void {
  for (const node of nodesAround(world, condition)) foldMeters(world, node);
}
