/** Notes what a broker reads of devices, and each time that it puts something into a running configuration. */
import { DriverError, type WriteSession } from '../../broker/drivers/driver.ts';
import type { Devices } from '../../broker/execution/devices.ts';
import type { Clock } from '../../broker/ports.ts';

/** One time that the broker put something into a device's running configuration. */
export interface DeviceWrite {
  readonly at: number;
  readonly tenant: string;
  readonly device: string;
  /** Empty for a commit that takes no part in a confirmed commit. */
  readonly persistId: string;
}

export interface WatchedDevices extends Devices {
  /** What was read, in order. */
  readonly readings: readonly { readonly tenant: string; readonly device: string }[];
  readonly writes: readonly DeviceWrite[];
}

export function watchDevices(devices: Devices, clock: Clock): WatchedDevices {
  const readings: { tenant: string; device: string }[] = [];
  const writes: DeviceWrite[] = [];
  return {
    readings,
    writes,
    read: (tenant, operation) => {
      if (operation.protocol !== 'records') readings.push({ tenant, device: operation.device });
      return devices.read(tenant, operation);
    },
    write: async (tenant, device, lowest) => {
      const note = (persistId: string) => void writes.push({ at: clock.now(), tenant, device, persistId });
      return watchSession(await devices.write(tenant, device, lowest), note);
    },
  };
}

function watchSession(session: WriteSession, note: (persistId: string) => void): WriteSession {
  const noted =
    <Given extends readonly unknown[]>(act: (...given: Given) => Promise<void>, idOf?: (...given: Given) => string) =>
    async (...given: Given): Promise<void> => {
      try {
        await act(...given);
      } catch (error) {
        // What was refused was not done; whether what got no answer was, nobody knows.
        if (error instanceof DriverError && error.code === 'RPC_ERROR') throw error;
        note(idOf?.(...given) ?? '');
        throw error;
      }
      note(idOf?.(...given) ?? '');
    };
  return {
    ...session,
    commitConfirmed: noted(session.commitConfirmed, ({ persistId }) => persistId),
    commit: noted(session.commit),
    commitUntilClosed: noted(session.commitUntilClosed),
    editRunning: noted(session.editRunning),
  };
}
