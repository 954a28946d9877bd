/**
 * How well an explanation fits by itself, beside being the best one there is: what it leaves unexplained, and what it
 * would show that was looked for and is not there. A fault that the codebook does not know is often like one that it knows.
 */
import type { Candidate, Case } from './case.ts';
import { likelihood, stand } from './explain.ts';
import type { Observation } from './observation.ts';

export interface Fit {
  /** Surprise at what the chosen faults speak of, beyond what is to be expected of them (nats). */
  readonly surprise: number;
  /** Symptoms that none of them shows. */
  readonly unexplained: readonly Observation[];
  /** Worth of these (nats against chance). */
  readonly left: number;
}

/** Symptoms that mean trouble even when nothing known explains them; figures that wander are not among them. */
const TROUBLE = new Set([
  'reach',
  'answers',
  'clock',
  'certificate',
  'cpu',
  'sessions',
  'oper',
  'port',
  'errors',
  'bfd',
  'sa',
  'loss',
  'bgp',
  'control',
  'omp',
  'cfg',
  'acl',
  'server',
  'ospf',
  'lte',
  'nat',
  'process',
  'leases',
  'fetch-small',
  'fetch-large',
  'dns',
  'size',
]);
export const isTrouble = ({ feature }: Observation): boolean => TROUBLE.has(feature.split('.')[0] ?? '');
/** A symptom that the chosen faults show less often than this is not explained by them. */
const EXPLAINED = 0.1;

/** Surprise, and worth of what is left, that a right explanation does not reach (nats; `npm run fit` measures both). */
const MOST_SURPRISE = 12;
const MOST_LEFT = 14;

export const fits = ({ surprise, left }: Fit): boolean => surprise <= MOST_SURPRISE && left <= MOST_LEFT;

/** What a share of yes and no is expected to surprise (nats). */
const entropy = (p: number): number => (p <= 0 || p >= 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log(1 - p));

export function measureFit(one: Case, chosen: readonly Candidate[]): Fit {
  const standing = stand(one, chosen);
  const unexplained: Observation[] = [];
  let left = 0;
  let surprise = chosen.reduce((sum, { missing }) => sum - missing, 0);
  one.items.forEach((item, index) => {
    const none = standing.none[index] ?? 1;
    const fits = standing.fits[index] ?? 1;
    if (!item.isNormal && none > 1 - EXPLAINED && isTrouble(item.observation)) {
      unexplained.push(item.observation);
      left -= item.weight * Math.log(item.leak);
    }
    if (item.isNormal ? fits === 1 : none === 1 && fits === 1) return;
    const shown = item.isNormal ? 1 - fits : 1 - none * fits;
    if (item.isNormal || none <= 1 - EXPLAINED) {
      surprise += -likelihood(item, none, fits) - item.weight * entropy(shown);
    }
  });
  return { surprise, unexplained, left };
}
