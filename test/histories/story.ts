/** Tells a history in the order of its time, for whoever repeats a seed: what devices, transactions and the log say. */
import { readEntries } from './log.ts';
import type { World } from './world.ts';

export function tellStory(world: World): readonly string[] {
  const { audit, records } = world.durable;
  const told = [
    ...[...world.devices.values()].flatMap(({ name, transitions }) =>
      transitions.map(({ at, cause, persistId }) => ({ at, text: `${name} changes: ${cause} ${persistId}` })),
    ),
    ...readEntries(audit).map(({ at, kind, intent = '', content }) => {
      const what = [content['outcome'], content['error'], content['status'], content['device']]
        .filter(Boolean)
        .join(' ');
      return { at: Date.parse(at), text: `log: ${kind} ${intent} ${what}` };
    }),
    ...[...records.transactions.values()].flatMap(({ intent, persistId, steps }) =>
      steps.map(({ at, device, step, ok, detail }) => ({
        at: Date.parse(at),
        text: `${device} ${persistId} of ${intent}: ${step} ${ok ? 'ok' : 'failed'}: ${detail}`,
      })),
    ),
    ...world.roleChanges.map(({ at, human, roles }) => ({
      at,
      text: `${human} has the roles ${roles.join(', ') || 'none'}`,
    })),
    ...world.happened,
  ];
  const [start = 0] = told.map(({ at }) => at).toSorted((a, b) => a - b);
  return told
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, text }) => `${((at - start) / 1000).toFixed(3).padStart(9)} s  ${text}`);
}
