/** Reads the states of ports and tunnels out of what devices told, and puts what was told and read into one course. */
import type { StateSeen } from './history.ts';
import type { ReceivedEvent } from './received-event.ts';

/** Events that tell a state, and which; the texts are those of `simulators/model/layers` and of docs/signals.md. */
const TOLD: Readonly<Record<string, (detail: string) => boolean | undefined>> = {
  'trap.linkUp': () => true,
  'trap.linkDown': () => false,
  'trap.bfd_state': (detail) => wordOf(/\bbfd (up|down)\b/, detail),
  'trap.interface_state': (detail) => wordOf(/\bis (up|down)\b/, detail),
};

function wordOf(pattern: RegExp, detail: string): boolean | undefined {
  const word = pattern.exec(detail)?.[1];
  return word === undefined ? undefined : word === 'up';
}

/** Undefined for an event that tells no state of a port or tunnel. */
export function stateTold({ name, resource, detail, receivedAt, channel }: ReceivedEvent): StateSeen | undefined {
  const up = Object.hasOwn(TOLD, name) && /^(tunnel|interface)\//.test(resource) ? TOLD[name]?.(detail) : undefined;
  return up === undefined ? undefined : { resource, up, at: receivedAt, how: channel };
}

/** The first of each resource, and each that differs from the one before; oldest first. */
export function keepChanges(seen: readonly StateSeen[]): readonly StateSeen[] {
  const last = new Map<string, boolean>();
  return seen
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .filter(({ resource, up }) => {
      const changed = last.get(resource) !== up;
      last.set(resource, up);
      return changed;
    });
}
