/** `incident.open`: opens an incident in the broker's records. */
import { z } from 'zod';
import { SEVERITIES } from '../broker/contract.ts';
import { defineTool } from './define-tool.ts';
import { incidentFinding, incidentRecord } from './incident-records.ts';
import { jsonOf, observe } from './replies.ts';

export const incidentOpen = defineTool({
  name: 'incident.open',
  domain: 'inventory',
  effect: 'read',
  description: 'Opens an incident on named resources, with the evidence that shows the symptom; touches no device.',
  targets: 'none',
  input: z.strictObject({
    title: z.string().min(1).max(200).describe('What people notice, in one line'),
    severity: z.enum(SEVERITIES).describe('How bad it is'),
    resources: z.array(z.string().min(1).max(200)).max(100).describe('Names of the resources concerned'),
    evidence: z.array(z.string().min(1).max(80)).max(500).describe('Evidence ids, evd_…'),
    finding: incidentFinding.optional().describe('What is known of the cause'),
  }),
  plan: ({ finding, ...query }) => [
    { protocol: 'records', kind: 'incident-open', query: { ...query, ...(finding === undefined ? {} : { finding }) } },
  ],
  read: (replies) =>
    replies.flatMap((reply) => {
      const incident = incidentRecord.safeParse(jsonOf(reply)).data;
      return incident === undefined ? [] : [observe(reply, `incident/${incident.id}`, 'incident', incident.state)];
    }),
});
