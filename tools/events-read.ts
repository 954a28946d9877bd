/** `events.read`: what devices and controllers announced lately. */
import { z } from 'zod';
import { eventRow } from '../protocols/controller/endpoints/tenant.ts';
import { defineTool } from './define-tool.ts';
import { DIRECTOR, observeAt, rowsOf } from './replies.ts';

const PATH = '/dataservice/event';

export const eventsRead = defineTool({
  name: 'events.read',
  domain: 'diagnostics',
  effect: 'read',
  description: 'Reads the newest events of the tenant (traps and syslog) with resource, name, time and detail.',
  targets: 'none',
  input: z.strictObject({ last: z.int().min(1).max(500).describe('How many, counted from the newest') }),
  plan: ({ last }) => [{ protocol: 'rest', kind: 'get', device: DIRECTOR, path: PATH, query: { count: String(last) } }],
  read: (replies) =>
    replies.flatMap((reply) =>
      rowsOf(reply, PATH, eventRow).flatMap((row) =>
        row.eventname.startsWith('trap.')
          ? [observeAt(reply, row.entry_time, row.resource, row.eventname, row.details)]
          : [],
      ),
    ),
});
