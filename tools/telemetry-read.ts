/** `telemetry.read`: what a resource showed and told over a window, from the broker's own history; no device is asked. */
import { z } from 'zod';
import type { Observation, OperationReply } from '../broker/contract.ts';
import { defineTool } from './define-tool.ts';
import { jsonOf, observe } from './replies.ts';

const at = z.string();
const told = z.union([
  z.object({ readings: z.array(z.object({ resource: z.string(), signal: z.string(), at, value: z.number() })) }),
  z.object({
    hours: z.array(
      z.object({
        ...{ resource: z.string(), signal: z.string(), at },
        ...{ count: z.number(), min: z.number(), max: z.number(), mean: z.number() },
      }),
    ),
  }),
  z.object({
    events: z.array(
      z.object({
        ...{ device: z.string(), channel: z.string(), name: z.string(), resource: z.string() },
        ...{ detail: z.string(), receivedAt: at },
      }),
    ),
  }),
]);

export const telemetryRead = defineTool({
  name: 'telemetry.read',
  domain: 'diagnostics',
  effect: 'read',
  description:
    'Reads what the broker kept of a resource over a window: readings, hourly summaries (min, max, mean) or events; node/NAME asks for all events of a device.',
  targets: 'none',
  input: z.strictObject({
    kind: z.enum(['readings', 'hours', 'events']).describe('Single values, one row an hour, or what was told'),
    resource: z.string().min(1).max(200).describe('Resource name, e.g. interface/br1_edge/ge0/0'),
    signal: z.string().min(1).max(100).exactOptional().describe('One signal only, e.g. if.util_pct'),
    from: z.iso.datetime({ offset: true }).describe('Beginning of the window, ISO-8601'),
    to: z.iso.datetime({ offset: true }).describe('End of the window, ISO-8601'),
    last: z.int().min(1).max(1000).exactOptional().describe('How many rows, from the newest (200)'),
  }),
  plan: ({ kind, resource, signal, from, to, last = 200 }) => [
    { protocol: 'records', kind: 'telemetry', query: { kind, resource, signal: signal ?? null, from, to, last } },
  ],
  read: (replies) => replies.flatMap(readReply),
});

/** `source` begins with `history`: what is read back is no new reading. */
function readReply(reply: OperationReply): readonly Observation[] {
  const answer = told.safeParse(jsonOf(reply)).data;
  if (answer === undefined) return [];
  if ('events' in answer)
    return answer.events.map(({ device, channel, name, resource, detail, receivedAt }) => ({
      ...observe(reply, resource, name, detail),
      ...{ observedAt: receivedAt, source: `history:${channel}:${device}` },
    }));
  if ('readings' in answer)
    return answer.readings.map(({ resource, signal, value, at: observedAt }) => ({
      ...observe(reply, resource, signal, value),
      ...{ observedAt, source: 'history:reading' },
    }));
  return answer.hours.flatMap(({ resource, signal, at: observedAt, ...hour }) =>
    Object.entries(hour).map(([name, value]) => ({
      ...observe(reply, resource, `${signal}.${name}`, value),
      ...{ observedAt, source: 'history:hour' },
    })),
  );
}
