/**
 * The seed at which each planted bug was found last, and where the search for it begins. A seed means another history when
 * the requests of the broker change: `npm run histories -- --planted` then searches on, and prints the seeds to put here.
 */
import type { PlantedBug } from './planted.ts';

export const PLANTED_SEEDS: Readonly<Record<PlantedBug, number>> = {
  'no digest check': 1,
  'no idempotency': 6,
  'no single use': 1,
  'no roles at execution': 90,
  'own vote counts': 4,
  'no end of an approval': 891,
  'no check of the policy': 47,
  'no drift check': 6,
  'no log before execution': 1,
  'no read-back': 273,
  'no check of the confirmation': 99,
  'silence is a yes': 99,
  'receipt before the device': 16,
  'no reconciliation': 20,
  'no recovery': 11,
  'recovery repeats the edit': 11,
  'some devices are enough': 11,
  'recovery device by device': 235,
  'no turns at a device': 228,
  'no device lease': 41,
  'no fencing': 524,
  'repair without a claim': 20,
  'no lease of the log': 30,
  'no fencing of the log': 2,
  'log answers before it is durable': 6,
};
