/** Which rivals are no rivals, since they are the same answer in other words: one type at places that are one, or types that nothing separates. */
import type { Hypothesis } from './case.ts';

/** Other names of the same answer (`aliases` of the catalogue). */
const SAME: { readonly [type: string]: string } = {
  hub_wan_port_down: 'link_down',
  lan_interface_down: 'link_down',
  path_mtu_only: 'path_mtu_mismatch',
};
const nameOf = (type: string): string => SAME[type] ?? type;

export function isSameAnswer(a: Hypothesis, rival: Pick<Hypothesis, 'type' | 'place'>): boolean {
  if (a.type !== rival.type) return nameOf(a.type) === nameOf(rival.type);
  return (a.place.device !== undefined && a.place.device === rival.place.device) || a.type === 'monitoring_path_down';
}
