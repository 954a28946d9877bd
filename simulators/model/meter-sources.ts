/** Everything that counts at a device: a literal list of the sources of its counters, one family a file. */
import { countAccessListHits } from './counters.ts';
import { countLeases } from './lan/count-leases.ts';
import { countTunnelDrops } from './layers/ike.ts';
import type { MeterSource } from './meters.ts';
import { countTraffic } from './traffic/count-traffic.ts';

export const METER_SOURCES: readonly MeterSource[] = [countAccessListHits, countTraffic, countTunnelDrops, countLeases];
