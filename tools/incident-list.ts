/** `incident.list`: the incidents of the tenant. */
import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import { incidentRecord } from './incident-records.ts';
import { jsonOf, observe } from './replies.ts';

export const incidentList = defineTool({
  name: 'incident.list',
  domain: 'inventory',
  effect: 'read',
  description: 'Lists the incidents of the tenant with state, severity, resources and evidence.',
  targets: 'none',
  input: z.strictObject({}),
  plan: () => [{ protocol: 'records', kind: 'incident-list', query: {} }],
  read: (replies) =>
    replies.flatMap((reply) =>
      (z.array(incidentRecord).safeParse(jsonOf(reply)).data ?? []).map((incident) =>
        observe(reply, `incident/${incident.id}`, 'incident', JSON.stringify(incident)),
      ),
    ),
});
