/** Lets a change come to its point at a device and stop there. */
import type { Case, When } from './crash-points.ts';
import type { DeviceHold, NetworkControl } from './fixture.ts';

/** `start` submits the change. Two rpcs are not the first of their name: a hold before leads to them. */
export async function stopAt(
  network: NetworkControl,
  { tenant, at, ladder, point: [point, when] }: Case,
  start: () => void,
): Promise<DeviceHold> {
  const hold = (operation: string, moment: When) => network.hold(tenant, at, operation, moment);
  const follow = async (first: DeviceHold, operation: string, moment: When): Promise<DeviceHold> => {
    await first.reached();
    const next = await hold(operation, moment);
    await first.release();
    return next;
  };
  let last: DeviceHold;
  if (point === 'read-back' || point === 'confirm') {
    const given = await hold(ladder === 'running' ? 'edit-config' : 'commit', 'after');
    start();
    const readBack = await follow(given, 'get-config', point === 'read-back' ? when : 'after');
    last = point === 'read-back' ? readBack : await follow(readBack, 'commit', when);
  } else {
    last = await hold(point, when);
    start();
  }
  await last.reached();
  return last;
}
