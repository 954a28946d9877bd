/** Flow records: what the first edge on the way would export about the traffic of a span of time. */
import type { FlowRecord } from '../../protocols/device/flow.ts';
import type { Tenant, World } from './world.ts';

/** Flows of a tenant that ended in (`after`, `until`], oldest first, at most `limit`. */
export const readFlows = (
  _world: World,
  _tenant: Tenant,
  _after: number,
  _until: number,
  _limit: number,
): readonly FlowRecord[] => [];
