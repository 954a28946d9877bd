/** `incident.update`: moves an incident on in the broker's records. */
import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import { incidentFinding, incidentId, incidentRecord } from './incident-records.ts';
import { jsonOf, observe } from './replies.ts';

export const incidentUpdate = defineTool({
  name: 'incident.update',
  domain: 'inventory',
  effect: 'read',
  description: 'Sets the state of an incident with a note; touches no device and acknowledges nothing for a human.',
  targets: 'none',
  input: z.strictObject({
    incident: incidentId,
    state: z.enum(['open', 'resolved', 'closed']).describe('The new state'),
    note: z.string().max(2000).describe('Why, for people'),
    finding: incidentFinding.optional().describe('What is known of the cause now'),
    evidence: z.array(z.string().min(1).max(80)).max(500).optional().describe('Further evidence ids, evd_…'),
  }),
  plan: ({ finding, evidence = [], ...query }) => [
    {
      protocol: 'records',
      kind: 'incident-update',
      query: { ...query, evidence, ...(finding === undefined ? {} : { finding }) },
    },
  ],
  read: (replies) =>
    replies.flatMap((reply) => {
      const incident = incidentRecord.safeParse(jsonOf(reply)).data;
      return incident === undefined ? [] : [observe(reply, `incident/${incident.id}`, 'incident', incident.state)];
    }),
});
