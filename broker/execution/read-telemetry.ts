/** Answers what a resource showed over a window: its readings, their hours, what was told of it; or how all circuits and tunnels stood. */
import { z } from 'zod';
import type { Json } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Inventory } from '../ports.ts';
import type { History } from '../telemetry/history.ts';
import { tellStates } from './read-states.ts';

/** Days that one question may cover: a year of hours, or a month of everything. */
const MOST_DAYS = { readings: 31, events: 31, hours: 400, states: 2, retention: 400 } as const;
/** Changes of states that are looked at, the newest: of a thousand sites some hours. */
const MOST_STATES = 20_000;
/** The one resource that states are told of: everything of the tenant. */
const NETWORK = 'network';
const DAY_MS = 86_400_000;

export type KeptHistory = Pick<History, 'readings' | 'hours' | 'events' | 'states' | 'tend' | 'keeps'>;

export const telemetryForm = z.strictObject({
  kind: z.enum(['readings', 'hours', 'events', 'states', 'retention']),
  resource: z.string().min(1).max(200),
  signal: z.string().min(1).max(100).nullable(),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  last: z.int().min(1).max(1000),
});

export async function readTelemetry(
  { history, inventory }: { readonly history?: KeptHistory; readonly inventory: Pick<Inventory, 'topology'> },
  tenant: string,
  { kind, resource, signal, from, to, last: limit }: z.infer<typeof telemetryForm>,
): Promise<Json> {
  if (history === undefined) throw new WayleaveError('NOT_FOUND', 'This broker keeps no telemetry.');
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  if (days <= 0) throw new WayleaveError('INPUT_INVALID', 'from: it must be before to.');
  if (days > MOST_DAYS[kind])
    throw new WayleaveError('INPUT_INVALID', `from: a window of ${kind} has ${MOST_DAYS[kind]} days at most.`);
  if (kind === 'retention') {
    if (resource !== NETWORK)
      throw new WayleaveError('INPUT_INVALID', `resource: retention is told of ${NETWORK} only.`);
    const { hours, dropped, deleted } = await history.tend();
    return { retention: { ...history.keeps(tenant), summarised: hours, dropped: dropped.length, deleted } };
  }
  if (kind === 'states') {
    if (resource !== NETWORK) throw new WayleaveError('INPUT_INVALID', `resource: states are told of ${NETWORK} only.`);
    const seen = await history.states({ tenant, from, to, limit: MOST_STATES });
    return tellStates(seen, await inventory.topology(tenant));
  }
  const window = { tenant, resource, from, to, limit };
  const told = signal ?? undefined;
  if (kind === 'hours') return { hours: (await history.hours(window, told)).map((one) => ({ ...one })) };
  if (kind === 'readings')
    return { readings: (await history.readings(window, told)).map(({ tenant: _, ...one }) => ({ ...one })) };
  return { events: (await history.events(window)).map(({ tenant: _, ...event }) => ({ ...event })) };
}
