/** VRRP: who answers for a LAN's virtual address (RFC 9568). */
import { interfaceName } from '../../../protocols/device/names.ts';
import { parseAddress } from '../address.ts';
import { VRRP_ADVERTISEMENT_MS } from '../timing.ts';
import { announce, powered, type VrrpCell, type World } from '../world.ts';
import type { Layer } from './layer.ts';

/** Active_Down_Interval: three advertisements and a skew that favours the higher priority (RFC 9568 §6.1). */
const downInterval = (priority: number): number =>
  Math.round(3 * VRRP_ADVERTISEMENT_MS + ((256 - priority) / 256) * VRRP_ADVERTISEMENT_MS);

const canSpeak = (world: World, cell: VrrpCell): boolean =>
  powered(world, cell.node) && cell.node.ports.get(cell.name)?.value === 'up';

const addressOf = (cell: VrrpCell): number =>
  parseAddress(cell.node.config.interfaces.find((port) => port.name === cell.name)?.ipv4?.address ?? '');

function findWinner(world: World, cell: VrrpCell): VrrpCell | undefined {
  const rivals = [...(world.vrrpGroups.get(cell.group.virtualAddress) ?? [])].filter(
    (rival) =>
      rival.node.ref.tenant === cell.node.ref.tenant &&
      rival.node.config.site === cell.node.config.site &&
      rival.group.group === cell.group.group &&
      canSpeak(world, rival),
  );
  return rivals.sort((a, b) => b.group.priority - a.group.priority || addressOf(b) - addressOf(a))[0];
}

export const vrrpLayer: Layer<VrrpCell> = {
  target(world, cell) {
    if (!canSpeak(world, cell)) return { value: 'initialize', delayMs: 0 };
    const winner = findWinner(world, cell) ?? cell;
    if (winner === cell) return { value: 'master', delayMs: downInterval(cell.group.priority) };
    // A master steps back when it hears the better router, which speaks after its own down interval.
    return { value: 'backup', delayMs: cell.value === 'master' ? downInterval(winner.group.priority) : 0 };
  },

  changed(world, cell) {
    if (cell.value !== 'master') return;
    announce(world, cell.node, {
      name: 'trap.vrrp',
      resource: interfaceName(cell.node.ref.device, cell.name),
      severity: 'minor',
      detail: `group ${cell.group.group} ${cell.group.virtualAddress} new master`,
    });
  },
};
