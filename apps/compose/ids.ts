/** Ids of real processes: 128 random bits from the operating system. */
import { createIds } from '../../agents/ids.ts';
import type { Ids } from '../../broker/ports.ts';

export const randomIds: Ids = { id: createIds() };
