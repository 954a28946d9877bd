/** One symptom by role, with the evidence that shows it. */
import type { Evidence } from '../../broker/contract.ts';

/** What the diagnosis needs of a piece of evidence. */
export type Sighting = Pick<Evidence, 'id' | 'resource' | 'signal' | 'value' | 'observedAt'>;

export interface Feature {
  readonly name: string;
  readonly value: string;
  /** Evidence ids that show it. */
  readonly evidence: readonly string[];
  /** Resources on which it was seen, the abnormal ones only when there are such. */
  readonly resources: readonly string[];
}

/** Makes a feature of sightings; those that `isSymptom` chooses carry it when there are any. */
export function feature(
  name: string,
  value: string,
  sightings: readonly Sighting[],
  isSymptom: (sighting: Sighting) => boolean = () => false,
): Feature {
  const symptoms = sightings.filter(isSymptom);
  const shown = symptoms.length > 0 ? symptoms : sightings;
  return {
    name,
    value,
    evidence: shown.map(({ id }) => id),
    resources: [...new Set(shown.map(({ resource }) => resource))],
  };
}

/** `none`, `some` or `all` of the sightings are symptoms. */
export function share(
  sightings: readonly Sighting[],
  isSymptom: (sighting: Sighting) => boolean,
): 'none' | 'some' | 'all' {
  const count = sightings.filter(isSymptom).length;
  return count === 0 ? 'none' : count === sightings.length ? 'all' : 'some';
}
