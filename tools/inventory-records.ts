/** `inventory.records`: what people approved and know: maintenance windows, change tickets, known sources of traffic. */
import { z } from 'zod';
import { knownSourceRow, ticketRow, windowRow } from '../protocols/controller/endpoints/tenant.ts';
import { nodeName } from '../protocols/device/names.ts';
import { defineTool } from './define-tool.ts';
import { DIRECTOR, observe, rowsOf } from './replies.ts';

const BASE = '/dataservice/records';
const WINDOWS = `${BASE}/windows`;
const TICKETS = `${BASE}/tickets`;
const SOURCES = `${BASE}/known-sources`;

const iso = (at: number): string => new Date(at).toISOString();

export const inventoryRecords = defineTool({
  name: 'inventory.records',
  domain: 'inventory',
  effect: 'read',
  description:
    'Lists maintenance windows, change tickets and known sources of traffic (scanners, vendors, management).',
  targets: 'none',
  input: z.strictObject({}),
  plan: () =>
    [WINDOWS, TICKETS, SOURCES].map((path) => ({
      protocol: 'rest',
      kind: 'get',
      device: DIRECTOR,
      path,
      query: {},
    })),
  read: (replies) =>
    replies.flatMap((reply) => [
      ...rowsOf(reply, WINDOWS, windowRow).map(({ resource, id, from, until, summary }) =>
        observe(reply, resource, 'change.window', JSON.stringify({ id, from: iso(from), until: iso(until), summary })),
      ),
      ...rowsOf(reply, TICKETS, ticketRow).map(({ device, id, implementer, from, until, summary }) =>
        observe(
          reply,
          nodeName(device),
          'change.ticket',
          JSON.stringify({ id, implementer, from: iso(from), until: iso(until), summary }),
        ),
      ),
      ...rowsOf(reply, SOURCES, knownSourceRow).map(({ name, role, summary }) =>
        observe(reply, `source/${name}`, 'list.known_source', JSON.stringify({ role, summary })),
      ),
    ]),
});
