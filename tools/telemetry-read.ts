/** `telemetry.read`: what a resource showed and told over a window, from the broker's own history; no device is asked. */
import { z } from 'zod';
import type { Observation, OperationReply } from '../broker/contract.ts';
import { nodeName } from '../protocols/device/names.ts';
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
    changed: z.array(z.object({ resource: z.string(), up: z.boolean(), at, how: z.string() })),
    steady: z.array(z.object({ device: z.string(), at, resources: z.array(z.string()) })),
  }),
  z.object({
    retention: z.object({
      ...{ days: z.number(), hourlyDays: z.number() },
      ...{ summarised: z.number(), dropped: z.number(), deleted: z.number() },
    }),
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
    'Reads what the broker kept of a resource over a window: readings, hourly summaries (min, max, mean) or events; node/NAME asks for all events of a device, and network with states for when each circuit and tunnel was up. network with retention drops what is older than the installation keeps, and tells how long that is.',
  targets: 'none',
  input: z.strictObject({
    kind: z
      .enum(['readings', 'hours', 'events', 'states', 'retention'])
      .describe('Single values, one row an hour, what was told, when circuits and tunnels were up, or what is kept'),
    resource: z
      .string()
      .min(1)
      .max(200)
      .describe('Resource name, e.g. interface/br1_edge/ge0/0, or network for states and retention'),
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

const STATE_OF: Readonly<Record<string, string>> = { tunnel: 'bfd.state', interface: 'if.oper' };

/** `source` begins with `history`: what is read back is no new reading. */
function readReply(reply: OperationReply): readonly Observation[] {
  const answer = told.safeParse(jsonOf(reply)).data;
  if (answer === undefined) return [];
  if ('retention' in answer)
    return Object.entries(answer.retention).map(([name, value]) =>
      observe(reply, 'telemetry/retention', `telemetry.${name}`, value),
    );
  if ('events' in answer)
    return answer.events.map(({ device, channel, name, resource, detail, receivedAt }) => ({
      ...observe(reply, resource, name, detail),
      ...{ observedAt: receivedAt, source: `history:${channel}:${device}` },
    }));
  if ('changed' in answer)
    return [
      ...answer.changed.map(({ resource, up, at: observedAt, how }) => ({
        ...observe(reply, resource, STATE_OF[resource.split('/')[0] ?? ''] ?? 'state', up ? 'up' : 'down'),
        ...{ observedAt, source: `history:${how}` },
      })),
      // One record a device, not one a tunnel: most of a network is up.
      ...answer.steady.map(({ device, at: observedAt, resources }) => ({
        ...observe(reply, nodeName(device), 'state.steady', resources.join(' ')),
        ...{ observedAt, source: 'history:read' },
      })),
    ];
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
