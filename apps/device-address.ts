/** Which loopback address a simulated device has. */

/** First octets of the devices' own loopback addresses: 127.20 for the first tenant, 127.21 for the second. */
const LOOPBACK = 20;

/** Loopback address of a device: its controller is at place 1. */
export const deviceAddress = (tenantIndex: number, place: number): string =>
  `127.${LOOPBACK + tenantIndex}.${place >> 8}.${place & 255}`;
