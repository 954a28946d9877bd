/** `events.read`: what devices and controllers announced lately, told by the director or received by the broker itself. */
import { z } from 'zod';
import type { Observation, Operation, OperationReply } from '../broker/contract.ts';
import { eventRow } from '../protocols/controller/endpoints/tenant.ts';
import { defineTool } from './define-tool.ts';
import { DIRECTOR, jsonOf, observe, observeAt, rowsOf } from './replies.ts';

const PATH = '/dataservice/event';
/** Events of one answer of the director. */
const PAGE = 500;

/** What the broker received, and the cursor to go on from. */
const received = z.object({
  cursor: z.int(),
  events: z.array(
    z.object({
      device: z.string(),
      channel: z.string(),
      name: z.string(),
      resource: z.string(),
      detail: z.string(),
      observedAt: z.string(),
    }),
  ),
});

export const eventsRead = defineTool({
  name: 'events.read',
  domain: 'diagnostics',
  effect: 'read',
  description:
    'Reads the newest events of the tenant (traps and syslog) with resource, name, time and detail; with since, those that the broker received after that cursor.',
  targets: 'none',
  input: z.strictObject({
    last: z
      .int()
      .min(1)
      .max(20_000)
      .describe('How many, counted from the newest; with since, from the oldest after it, 500 at most'),
    since: z.int().min(0).exactOptional().describe('Cursor of an earlier answer, 0 for the beginning'),
    waitSeconds: z.int().min(0).max(25).exactOptional().describe('With since: how long to wait when there is nothing'),
    flows: z.boolean().exactOptional().describe('With since: flow records instead of events'),
  }),
  plan: ({ last, since, waitSeconds = 0, flows = false }) =>
    since === undefined
      ? Array.from({ length: Math.ceil(last / PAGE) }, (_, at) => askPage(at * PAGE, Math.min(PAGE, last - at * PAGE)))
      : [{ protocol: 'records', kind: 'events', query: { last: Math.min(last, PAGE), since, waitSeconds, flows } }],
  read: (replies) => replies.flatMap((reply) => [...toldByDirector(reply), ...receivedByBroker(reply)]),
});

const askPage = (skip: number, count: number): Operation => ({
  protocol: 'rest',
  kind: 'get',
  device: DIRECTOR,
  path: PATH,
  query: { count: String(count), ...(skip === 0 ? {} : { skip: String(skip) }) },
});

const toldByDirector = (reply: OperationReply): readonly Observation[] =>
  rowsOf(reply, PATH, eventRow).flatMap((row) =>
    row.eventname.startsWith('trap.')
      ? [observeAt(reply, row.entry_time, row.resource, row.eventname, row.details)]
      : [],
  );

/** `source` says how it came and from whom: a trap's sender is proven, that of syslog and flow records is not. */
function receivedByBroker(reply: OperationReply): readonly Observation[] {
  const answer = received.safeParse(jsonOf(reply)).data;
  if (answer === undefined) return [];
  return [
    ...answer.events.map(({ device, channel, name, resource, detail, observedAt }) => ({
      ...observe(reply, resource, name, detail),
      ...{ observedAt, source: `${channel}:${device}` },
    })),
    observe(reply, 'events/received', 'cursor', answer.cursor),
  ];
}
