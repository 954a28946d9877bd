/**
 * The seed at which each planted bug was found last, and where the search for it begins. A seed means another history when
 * the requests of the broker change: `npm run histories -- --planted` then searches on, and prints the seeds to put here.
 */
import type { PlantedBug } from './planted.ts';

export const PLANTED_SEEDS: Readonly<Record<PlantedBug, number>> = {
  'no digest check': 4,
  'no idempotency': 1,
  'no single use': 1,
  'no roles at execution': 19,
  'own vote counts': 4,
  'no end of an approval': 19,
  'no check of the policy': 47,
  'no drift check': 4,
  'no log before execution': 1,
  'no read-back': 263,
  'no check of the confirmation': 33,
  'silence is a yes': 33,
  'receipt before the device': 10,
  'no reconciliation': 46,
  'no recovery': 11,
  'recovery repeats the edit': 11,
  'some devices are enough': 11,
  'recovery device by device': 649,
  'no turns at a device': 228,
  'no device lease': 65,
  'no fencing': 65,
  'repair without a claim': 20,
  'no lease of the log': 8,
  'no fencing of the log': 2,
  'log answers before it is durable': 65,
};
