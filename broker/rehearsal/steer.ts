/** Which path each application takes from each site, by the rules of a configuration and the quality that was measured just now. Pure. */
import type { AppRoute, DeviceConfig, SlaThreshold } from '../../protocols/device/config.ts';
import { choosePath } from '../../simulators/model/traffic/steering.ts';
import type { MeasuredPath, ObservedDevice } from './observe.ts';

/** The path of one application from one device. */
export interface SteeredPath extends MeasuredPath {
  readonly device: string;
  readonly application: string;
  readonly slaClass: string;
  readonly misses: boolean;
}

const missesClass = (path: MeasuredPath, sla: SlaThreshold | undefined): boolean =>
  sla !== undefined &&
  (path.lossPct > sla.lossPct || path.latencyMs > sla.latencyMs || path.jitterMs > (sla.jitterMs ?? Infinity));

/** The peer of most local preference to whom a path is left. */
function preferredPeer({ bgp }: DeviceConfig, paths: readonly MeasuredPath[]): string | undefined {
  const ranked = [...(bgp?.neighbors ?? [])].sort((a, b) => b.localPreference - a.localPreference);
  return ranked.find(({ peer }) => paths.some((path) => path.peer === peer))?.peer;
}

/**
 * By device and application, for the rules that a controller holds in `configs`. `up` are the tunnels that would be up.
 * Without a controller that shows its rules nothing is known of steering.
 */
export function steerApplications(
  observed: readonly ObservedDevice[],
  configs: ReadonlyMap<string, DeviceConfig>,
  up: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, SteeredPath> {
  const director = [...configs.values()].find(({ role, slaClasses }) => role === 'controller' && slaClasses.length > 0);
  const steered = new Map<string, SteeredPath>();
  for (const { name: device, paths } of director === undefined ? [] : observed) {
    const config = configs.get(device);
    if (config?.role !== 'edge') continue;
    const alive = paths.filter(({ tunnel }) => up.get(device)?.has(tunnel) === true);
    const peer = preferredPeer(config, alive);
    for (const rule of director?.appRoutes ?? []) {
      const path = pathOf(
        rule,
        director?.slaClasses ?? [],
        alive.filter((one) => one.peer === peer),
      );
      if (path !== undefined)
        steered.set(`${device} ${rule.application}`, {
          ...path,
          device,
          application: rule.application,
          slaClass: rule.slaClass,
        });
    }
  }
  return steered;
}

function pathOf(
  rule: AppRoute,
  classes: readonly SlaThreshold[],
  paths: readonly MeasuredPath[],
): (MeasuredPath & { readonly misses: boolean }) | undefined {
  const sla = classes.find(({ name }) => name === rule.slaClass);
  return choosePath(
    rule,
    paths.map((path) => ({ ...path, misses: missesClass(path, sla) })),
  );
}

const digits = (value: number): number => Math.round(10 * value) / 10;

/** `biz-internet (loss 6.1 %, round trip 41 ms, misses critical)` */
export const describePath = ({ color, lossPct, latencyMs, slaClass, misses }: SteeredPath): string =>
  `${color} (loss ${digits(lossPct)} %, round trip ${digits(latencyMs)} ms, ${misses ? 'misses' : 'meets'} ${slaClass})`;
