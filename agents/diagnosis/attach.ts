/**
 * Which announcements belong to a cause: those of things that hang on it, and whatever the devices that it hit announced
 * from its onset on. A storm of thousands is one incident then, and what is left over stands out.
 */
import type { Explained } from './explain.ts';
import { hangsOn } from './localise.ts';
import type { NetworkMap } from './network-map.ts';
import type { Entity, Sighting } from './observation.ts';
import { entityOf } from './observe/events.ts';

export interface Attached {
  readonly belonging: readonly Sighting[];
  readonly others: readonly Sighting[];
}

/** Announcements of one second come in any order, and clocks differ (milliseconds). */
const BEFORE_MS = 10_000;

const devicesOf = ({ device, peer }: Entity): readonly string[] => [device, peer].flatMap((name) => name ?? []);

export function attachAlarms(
  map: NetworkMap,
  alarms: readonly Sighting[],
  faults: readonly Pick<Explained, 'place' | 'shown'>[],
): Attached {
  const known = alarms.map((alarm) => ({ alarm, entity: entityOf({ map }, alarm), at: Date.parse(alarm.observedAt) }));
  const hanging = known.filter(
    ({ entity }) => entity !== undefined && faults.some(({ place }) => hangsOn(map, place, entity)),
  );
  const onset = Math.min(...hanging.map(({ at }) => at)) - BEFORE_MS;
  const hit = new Set([
    ...hanging.flatMap(({ entity }) => (entity === undefined ? [] : devicesOf(entity))),
    ...faults.flatMap(({ shown }) => shown.flatMap(({ entity }) => devicesOf(entity))),
  ]);
  const belongs = ({ entity, at }: (typeof known)[number]): boolean =>
    entity !== undefined && at >= onset && devicesOf(entity).some((device) => hit.has(device));
  return {
    belonging: known.filter(belongs).map(({ alarm }) => alarm),
    others: known.filter((one) => !belongs(one)).map(({ alarm }) => alarm),
  };
}
