/** Narrows a read of tunnels or sessions to those between devices that are looked at: a hub has one of them to every site. */
import { z } from 'zod';

/** Names of devices of one call. */
const MOST_PEERS = 50;
const name = z.string().regex(/^[\w.-]{1,64}$/);

export const peersInput = z
  .array(name)
  .min(1)
  .max(MOST_PEERS)
  .exactOptional()
  .describe('Only those whose far end is one of these devices');
