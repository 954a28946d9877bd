/** Features of events: was the suspect's configuration committed shortly before its troubles began. */
import type { Feature, Sighting } from './feature.ts';
import { feature } from './feature.ts';
import type { Scope } from './scope.ts';

/** How long before the onset a commit still counts as its possible cause (milliseconds). */
const BEFORE_MS = 3_600_000;
/** Events of one second come in any order (milliseconds). */
const AFTER_MS = 10_000;

/** True when the resource belongs to the device. */
const concerns = (resource: string, device: string): boolean => resource.split(/[/:]|--/).includes(device);

/** Time of the first event that tells of trouble at the device, or undefined. */
export function findOnset(seen: readonly Sighting[], device: string): number | undefined {
  const times = seen
    .filter(({ signal, resource }) => signal.startsWith('trap.') && concerns(resource, device))
    .filter(({ signal }) => signal !== 'trap.system_commit')
    .map(({ observedAt }) => Date.parse(observedAt))
    .filter(Number.isFinite);
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** `recent` or `none`; absent when no event was read at all. */
export function readEventFeatures(seen: readonly Sighting[], { suspect }: Scope): readonly Feature[] {
  const events = seen.filter(({ signal }) => signal.startsWith('trap.'));
  if (events.length === 0) return [];
  const commits = events.filter(
    ({ signal, resource }) => signal === 'trap.system_commit' && concerns(resource, suspect),
  );
  const onset = findOnset(events, suspect);
  const isRecent = ({ signal, resource, observedAt }: Sighting): boolean => {
    if (signal !== 'trap.system_commit' || !concerns(resource, suspect)) return false;
    const at = Date.parse(observedAt);
    return onset === undefined || (at >= onset - BEFORE_MS && at <= onset + AFTER_MS);
  };
  const value = commits.some(isRecent) ? 'recent' : 'none';
  // "No commit" is shown by the events that were read; a few of them are enough to cite.
  const shown = value === 'recent' ? events : events.slice(-3);
  return [feature('commit-before-onset@suspect', value, shown, isRecent)];
}
