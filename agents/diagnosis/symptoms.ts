/** The symptoms of a finding that must be gone when it is mended: the post-condition of its incident, read again from the live state. */
import type { Observation } from './observation.ts';

/** What a thing shows and must not show any more. Plain data: it is kept in a checkpoint. */
export interface Symptom {
  readonly feature: string;
  readonly value: string;
  readonly resource: string;
}

/**
 * Features that tell of the past, count from the start of the device, or are means over many minutes: they stay after the
 * cause is gone (app-route statistics up to an hour, RFC 4271 last errors for ever).
 */
const LASTING = new Set([
  'event',
  'record',
  'known',
  'login',
  'transitions',
  'uptime',
  'memory',
  'bgp-error',
  'errors',
  'drops',
  'queue',
  'replay',
  'auth-drops',
  'acl',
  'traffic',
  'rhythm',
  'volume',
  'mark',
  'score',
  'use',
  'loss',
  'delay',
  'jitter',
  'lte-volume',
  'arp',
  'leases',
  'offers',
  'half-open',
  'version',
]);

/** Shows how things are now. */
export const isLive = ({ feature }: Pick<Observation, 'feature'>): boolean => !LASTING.has(feature.split('.')[0] ?? '');

/** Symptoms of many kinds are enough; of one kind, so many. */
const MAX_SYMPTOMS = 24;

/** Distinct live symptoms among what a cause shows. */
export function liveSymptoms(shown: readonly Observation[]): readonly Symptom[] {
  const found = new Map<string, Symptom>();
  for (const { feature, value, resource } of shown.filter(isLive)) {
    found.set(`${feature} ${value} ${resource}`, { feature, value, resource });
  }
  return [...found.values()].slice(0, MAX_SYMPTOMS);
}

/** Observations that still show one of the symptoms. */
export const stillShown = (
  symptoms: readonly Symptom[],
  observations: readonly Observation[],
): readonly Observation[] =>
  observations.filter((one) =>
    symptoms.some(
      ({ feature, value, resource }) => one.feature === feature && one.value === value && one.resource === resource,
    ),
  );
