/** Answers what a resource showed over a window: its readings, their hours, or what was told of it. */
import { z } from 'zod';
import type { Json } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { History } from '../telemetry/history.ts';

/** Days that one question may cover: a year of hours, or a month of everything. */
const MOST_DAYS = { readings: 31, events: 31, hours: 400 } as const;
const DAY_MS = 86_400_000;

export const telemetryForm = z.strictObject({
  kind: z.enum(['readings', 'hours', 'events']),
  resource: z.string().min(1).max(200),
  signal: z.string().min(1).max(100).nullable(),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  last: z.int().min(1).max(1000),
});

export async function readTelemetry(
  history: Pick<History, 'readings' | 'hours' | 'events'> | undefined,
  tenant: string,
  { kind, resource, signal, from, to, last: limit }: z.infer<typeof telemetryForm>,
): Promise<Json> {
  if (history === undefined) throw new WayleaveError('NOT_FOUND', 'This broker keeps no telemetry.');
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  if (days <= 0) throw new WayleaveError('INPUT_INVALID', 'from: it must be before to.');
  if (days > MOST_DAYS[kind])
    throw new WayleaveError('INPUT_INVALID', `from: a window of ${kind} has ${MOST_DAYS[kind]} days at most.`);
  const window = { tenant, resource, from, to, limit };
  const told = signal ?? undefined;
  if (kind === 'hours') return { hours: (await history.hours(window, told)).map((one) => ({ ...one })) };
  if (kind === 'readings')
    return { readings: (await history.readings(window, told)).map(({ tenant: _, ...one }) => ({ ...one })) };
  return { events: (await history.events(window)).map(({ tenant: _, ...event }) => ({ ...event })) };
}
