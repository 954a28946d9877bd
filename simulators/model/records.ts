/** Records that people keep beside the network: windows, tickets, known sources. */
import type { NetworkRecords } from '../../protocols/device/records.ts';
import { conditionsOf, type World } from './world.ts';

/** All of a tenant's records now. */
export const readRecords = (world: World, tenant: string): NetworkRecords => ({
  windows: conditionsOf(world, 'window', tenant).map((one) => one.record),
  tickets: conditionsOf(world, 'ticket', tenant).map((one) => one.record),
  knownSources: conditionsOf(world, 'known-source', tenant).map((one) => one.record),
});
