/** How an operator's slip is typed and taken back: a commit that changes one thing, and one that restores it. */
import type { AccessListEntry, DeviceConfig } from '../../protocols/device/config.ts';
import type { FaultGround, FaultPlace } from '../model/fault.ts';
import { type DeviceRef, ModelError } from '../model/network.ts';

/** The device of a place; the kinds and `fits` of a fault make sure that there is one. */
export function deviceOf(place: FaultPlace): DeviceRef {
  if (place.device === undefined) throw new ModelError('KIND_UNFIT', `${place.resource} is not on a device`);
  return place.device;
}

/** True on edges and hubs, which route; controllers and providers do not. */
export const isRouter = (place: FaultPlace, ground: FaultGround): boolean =>
  place.device !== undefined && ground.config(place.device).bgp !== undefined;

/** Commits `change`; undoing commits `restore`, which returns undefined when the change is no longer there. */
export function slip(
  ground: FaultGround,
  ref: DeviceRef,
  change: (running: DeviceConfig) => DeviceConfig,
  restore: (running: DeviceConfig) => DeviceConfig | undefined,
  user?: string,
): () => void {
  ground.commit(ref, change, user);
  return () => ground.commit(ref, restore, user);
}

/** Puts an entry at the head of an access list; undoing takes exactly this entry out again. */
export function filterSlip(ground: FaultGround, ref: DeviceRef, list: string, entry: AccessListEntry): () => void {
  const edit = (running: DeviceConfig, entries: (old: readonly AccessListEntry[]) => readonly AccessListEntry[]) => ({
    ...running,
    accessLists: running.accessLists.map((one) =>
      one.name === list ? { ...one, entries: entries(one.entries) } : one,
    ),
  });
  const present = (running: DeviceConfig): boolean =>
    running.accessLists.some((one) => one.name === list && one.entries.some((old) => old.name === entry.name));
  return slip(
    ground,
    ref,
    (running) => edit(running, (old) => [entry, ...old.filter((one) => one.name !== entry.name)]),
    (running) => (present(running) ? edit(running, (old) => old.filter((one) => one.name !== entry.name)) : undefined),
  );
}

/** Access list of the LAN port where people are; undefined where none filters. */
export const peopleFilter = (place: FaultPlace, ground: FaultGround): string | undefined =>
  place.device === undefined
    ? undefined
    : ground.config(place.device).interfaces.find((port) => port.vrf === PEOPLE_VRF)?.accessListIn;

const PEOPLE_VRF = 10;

/** One undo out of several, last done first. */
export const undoAll =
  (...undo: readonly (() => void)[]) =>
  (): void => {
    for (const one of undo.toReversed()) one();
  };
