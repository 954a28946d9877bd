/** Worked example of a fault: somebody forgets the time servers of a device. */

import { deviceOf, slip } from '../../simulators/faults/edit.ts';
import type { FaultType } from '../../simulators/model/fault.ts';

export const timeServersForgotten: FaultType = {
  type: 'time_servers_forgotten',
  kinds: ['node'],
  mechanism: 'A change left out the time servers, so that the clock of the device follows nobody.',
  fits: (place, ground) => place.device !== undefined && ground.config(place.device).ntpServers.length > 0,
  apply(ground, place) {
    const ref = deviceOf(place);
    const { ntpServers } = ground.config(ref);
    return slip(
      ground,
      ref,
      (running) => ({ ...running, ntpServers: [] }),
      // Who repaired it meanwhile is not undone.
      (running) => (running.ntpServers.length === 0 ? { ...running, ntpServers } : undefined),
    );
  },
};
