/** Answers how the circuits and tunnels of a tenant stood over a window, in few words: what was up all along is named once a device. */
import type { Json } from '../contract.ts';
import type { Inventory } from '../ports.ts';
import type { StateSeen } from '../telemetry/history.ts';

/** Names and moments of one tenant: `changed` oldest first; `steady` has, by device, what was up whenever it was read. */
export interface StatesAnswer {
  readonly changed: readonly StateSeen[];
  readonly steady: readonly { readonly device: string; readonly at: string; readonly resources: readonly string[] }[];
}

/** Ports that carry no circuit are left out: the network between the sites is asked for. */
export function tellStates(
  seen: readonly StateSeen[],
  { circuits }: Pick<Awaited<ReturnType<Inventory['topology']>>, 'circuits'>,
): Json {
  const carrying = new Set(circuits.map((one) => `interface/${one.device}/${one.interface}`));
  const known = seen.filter(({ resource }) => resource.startsWith('tunnel/') || carrying.has(resource));
  const times = new Map<string, number>();
  for (const { resource } of known) times.set(resource, (times.get(resource) ?? 0) + 1);
  const isSteady = ({ resource, up, how }: StateSeen): boolean => up && how === 'read' && times.get(resource) === 1;
  const steady = new Map<string, { at: string; resources: string[] }>();
  for (const one of known.filter(isSteady)) {
    const device = one.resource.split(/[/:]/)[1] ?? '';
    const members = steady.get(device) ?? { at: one.at, resources: [] };
    members.resources.push(one.resource);
    if (one.at > members.at) members.at = one.at;
    steady.set(device, members);
  }
  const answer: StatesAnswer = {
    changed: known.filter((one) => !isSteady(one)),
    steady: [...steady].map(([device, members]) => ({ device, ...members })),
  };
  return {
    ...answer,
    changed: answer.changed.map((one) => ({ ...one })),
    steady: answer.steady.map((one) => ({ ...one })),
  };
}
