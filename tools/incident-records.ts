/** Incidents as the broker's records give them, read by all three incident tools, and the finding that two of them take. */
import { z } from 'zod';

export const incidentRecord = z.looseObject({ id: z.string().regex(/^inc_[A-Za-z0-9]{1,64}$/), state: z.string() });
export const incidentId = z
  .string()
  .regex(/^inc_[A-Za-z0-9]{1,64}$/)
  .describe('Incident id, inc_…');

const cited = z.array(z.string().min(1).max(80)).max(60).describe('Evidence ids, evd_…');

/** What was found out; every record that it cites must exist in the tenant. */
export const incidentFinding = z.strictObject({
  rootCauses: z
    .array(
      z.strictObject({
        resource: z.string().min(1).max(200),
        faultType: z.string().min(1).max(80),
        percent: z.int().min(0).max(100).describe('How sure'),
      }),
    )
    .max(20)
    .describe('Causes; empty when only symptoms are known'),
  because: z.array(z.strictObject({ text: z.string().max(1000), evidence: cited })).max(60),
  ruledOut: z
    .array(z.strictObject({ faultType: z.string().max(80), because: z.string().max(1000), evidence: cited }))
    .max(60)
    .describe('Look-alikes, and what speaks against each'),
  unread: z.array(z.string().max(400)).max(40).describe('What could not be read'),
});
