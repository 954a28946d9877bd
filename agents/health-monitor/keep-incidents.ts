/** Keeps the incidents of a sweep: one for each place, opened once, merged, resolved when it is quiet, closed when it stays so. */
import type { Severity } from '../../broker/contract.ts';
import type { Statement } from '../events.ts';
import type { KnownIncident } from '../file-incident.ts';
import { isAlive } from '../file-incident.ts';

/** What is wrong at one place. */
export interface Trouble {
  /** `node/br2_edge` */
  readonly place: string;
  readonly severity: Severity;
  readonly resources: readonly string[];
  readonly statements: readonly Statement[];
}

/** What is to be done about incidents. */
export type Step =
  | { readonly kind: 'open'; readonly trouble: Trouble }
  | {
      readonly kind: 'update';
      readonly incident: string;
      readonly to: 'open' | 'resolved' | 'closed';
      readonly note: string;
    };

/** A place that was quiet for this long after its incident was resolved is done with. Milliseconds. */
const QUIET_MS = 3_600_000;

/**
 * The steps that bring `known` (the incidents that the monitor itself opened) in line with what a sweep found. `swept` are
 * the places that were looked at: of others nothing is said. Acknowledged ones are people's to close.
 */
export function planIncidents(
  troubles: readonly Trouble[],
  known: readonly KnownIncident[],
  swept: ReadonlySet<string>,
  now: number,
): readonly Step[] {
  const steps: Step[] = [];
  const at = (place: string) => known.filter(({ resources, state }) => resources[0] === place && state !== 'closed');
  for (const trouble of troubles) {
    const [first, ...others] = [...at(trouble.place)].sort((a, b) => Number(isAlive(b)) - Number(isAlive(a)));
    if (first === undefined) {
      steps.push({ kind: 'open', trouble });
      continue;
    }
    for (const { id } of others.filter(({ state }) => state === 'open'))
      steps.push({ kind: 'update', incident: id, to: 'closed', note: `Merged into ${first.id}.` });
    const fresh = trouble.resources.filter((one) => !first.resources.includes(one));
    if (!isAlive(first))
      steps.push({ kind: 'update', incident: first.id, to: 'open', note: `It is back: ${told(trouble)}` });
    else if (fresh.length > 0)
      steps.push({
        kind: 'update',
        incident: first.id,
        to: 'open',
        note: `Now also ${fresh.join(', ')}: ${told(trouble)}`,
      });
  }
  const bad = new Set(troubles.map(({ place }) => place));
  for (const { id, state, resources, updatedAt } of known) {
    const place = resources[0] ?? '';
    if (!swept.has(place) || bad.has(place)) continue;
    if (state === 'open')
      steps.push({ kind: 'update', incident: id, to: 'resolved', note: 'Every signal of the sweep is normal again.' });
    else if (state === 'resolved' && now - Date.parse(updatedAt) >= QUIET_MS)
      steps.push({ kind: 'update', incident: id, to: 'closed', note: 'It stayed quiet.' });
  }
  return steps;
}

const MAX_TOLD = 5;
const told = ({ statements }: Trouble): string =>
  statements
    .slice(0, MAX_TOLD)
    .map(({ text }) => text)
    .join('; ');
