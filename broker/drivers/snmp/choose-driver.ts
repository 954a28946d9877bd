/** Which SNMP a device is read by: version 3 wherever it can, version 2c only where installation and device both say so. */
import { type Driver, DriverError } from '../driver.ts';

/** `community` is undefined when the installation does not allow version 2c. */
export function chooseSnmpDriver(usm: Driver, community: Driver | undefined): Driver {
  return {
    protocol: 'snmp',
    run: (endpoint, operation, signal) => {
      // There is no word for a write in the types either; whatever is taken for one must not leave as a read.
      if (operation.protocol === 'snmp' && operation.kind !== 'get' && operation.kind !== 'walk')
        return Promise.reject(new DriverError('UNSUPPORTED', 'SNMP is for reading: get and walk'));
      if (endpoint.snmp !== undefined || endpoint.snmp2c === undefined) return usm.run(endpoint, operation, signal);
      if (community !== undefined) return community.run(endpoint, operation, signal);
      return Promise.reject(
        new DriverError('UNSUPPORTED', 'the device speaks SNMP version 2c only, which allowSnmp2c does not allow here'),
      );
    },
    close: async () => {
      await Promise.all([usm.close(), community?.close()]);
    },
  };
}
