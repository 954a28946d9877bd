/** Worked example of a driver: a controller whose answers were saved, for devices that are only in the laboratory's archive. */
import type { Json } from '../../broker/contract.ts';
import { type Driver, DriverError } from '../../broker/drivers/driver.ts';

/** `archive` gives what a path of a device answered; a driver reads and probes, it never repeats and never writes. */
export function createArchiveDriver(archive: (device: string, path: string) => Json | undefined): Driver {
  return {
    protocol: 'rest',
    async run(endpoint, operation, signal) {
      signal?.throwIfAborted();
      // Every refusal is a `DriverError` with a code that the pipeline knows what to do with.
      if (operation.protocol !== 'rest') throw new DriverError('UNSUPPORTED', 'the archive answers REST only');
      const json = archive(endpoint.device, operation.path);
      if (json === undefined) throw new DriverError('UNREACHABLE', 'the archive has nothing of it');
      return { protocol: 'rest', json };
    },
    close: async () => undefined,
  };
}
