/**
 * How well an explanation fits by itself, beside being the best one there is: what it leaves unexplained, and what it
 * would show that was looked for and is not there. A fault that the codebook does not know is often like one that it knows.
 */
import type { Candidate, Case } from './case.ts';
import { type Explained, likelihood, stand } from './explain.ts';
import type { Observation } from './observation.ts';
import type { Place } from './places.ts';

/** A symptom that none of the chosen faults shows, with its worth against chance (nats). */
export interface Unexplained {
  readonly observation: Observation;
  readonly nats: number;
}

export interface Fit {
  /** Surprise at what the chosen faults speak of, beyond what is to be expected of them (nats). */
  readonly surprise: number;
  readonly unexplained: readonly Unexplained[];
  /** Worth of the unexplained, and of that which is like what the chosen faults show, or near them. */
  readonly left: number;
  readonly related: number;
  /** What a chosen fault cannot be without, in the configuration or on record, was looked for and is not there. */
  readonly isLacking: boolean;
}

/** What happens without trouble: people commit, log in and transfer; figures wander; what is on record is known. */
const HARMLESS = new Set(['record', 'known', 'sync', 'uptime', 'volume', 'use', 'version', 'traffic']);
const HARMLESS_VALUES = new Set([
  'score=fair',
  'cfg=port-description',
  'event=commit',
  'event=upgrade',
  'event=rekey',
  'login=ok-known',
  'rhythm=listed',
  'rhythm=discovery',
  'traffic=unanswered',
  'traffic=many',
  'traffic=approved-scan',
]);
const ATTACKS = new Set(['traffic=flood', 'traffic=scan']);

/** A symptom that calls for an explanation. */
export function isTrouble({ feature, value }: Observation): boolean {
  const key = `${feature}=${value}`;
  if (ATTACKS.has(key)) return true;
  return !HARMLESS.has(feature.split('.')[0] ?? '') && !HARMLESS_VALUES.has(key);
}

/** A symptom that the chosen faults show less often than this is not explained by them. */
const EXPLAINED = 0.1;
/** Nor one of a thing of which they expect something else so often: that is a surprise, and counted as one. */
const SPOKEN_OF = 0.3;
/** Surprise, and worth of what is related and left, that a right explanation hardly reaches (nats). */
const MOST_SURPRISE = 35;
const MOST_RELATED = 5;
const MOST_LEFT = 20;

/** An absence that no right explanation has to live with (nats): what is read exactly and shown always. */
const MOST_MISSED = 9;

/** True when the chosen faults are the whole of it. */
export const fits = ({ surprise, left, related, isLacking }: Fit): boolean =>
  !isLacking && surprise <= MOST_SURPRISE && related < MOST_RELATED && left < MOST_LEFT;

/** What a share of yes and no is expected to surprise (nats). */
const entropy = (p: number): number => (p <= 0 || p >= 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log(1 - p));

const isNear = ({ map }: Case, { device, host, peer, site }: Place, { entity }: Observation): boolean =>
  (device !== undefined && (entity.device === device || entity.peer === device)) ||
  (peer !== undefined && entity.device === peer) ||
  (host !== undefined &&
    (entity.host === host || (entity.device !== undefined && map.device(entity.device)?.site === site)));

export function measureFit(one: Case, chosen: readonly (Candidate & Partial<Explained>)[]): Fit {
  const standing = stand(one, chosen);
  const unexplained: Unexplained[] = [];
  let surprise = chosen.reduce((sum, { missing }) => sum - missing, 0);
  one.items.forEach((item, index) => {
    const none = standing.none[index] ?? 1;
    const fitting = standing.fits[index] ?? 1;
    const isLeft = !item.isNormal && none > 1 - EXPLAINED && fitting > 1 - SPOKEN_OF;
    if (isLeft && isTrouble(item.observation))
      unexplained.push({ observation: item.observation, nats: -item.weight * Math.log(item.leak) });
    if (isLeft || (item.isNormal && fitting === 1)) return;
    const shown = item.isNormal ? 1 - fitting : 1 - none * fitting;
    surprise += -likelihood(item, none, fitting) - item.weight * entropy(shown);
  });
  // That people elsewhere do badly too is like every fault, and tells nothing of this one.
  const shown = new Set(
    chosen.flatMap((each) =>
      (each.shown ?? []).flatMap(({ feature, value }) => (feature === 'score' ? [] : [`${feature}=${value}`])),
    ),
  );
  const related = unexplained
    .filter(
      ({ observation }) =>
        shown.has(`${observation.feature}=${observation.value}`) ||
        chosen.some(({ place }) => isNear(one, place, observation)),
    )
    .reduce((sum, { nats }) => sum + nats, 0);
  const isLacking = chosen.some(({ absent }) => absent.some(({ nats }) => nats > MOST_MISSED));
  return { surprise, isLacking, unexplained, related, left: unexplained.reduce((sum, { nats }) => sum + nats, 0) };
}
