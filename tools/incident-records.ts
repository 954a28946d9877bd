/** Incidents as the broker's records give them, read by all three incident tools. */
import { z } from 'zod';

export const incidentRecord = z.looseObject({ id: z.string().regex(/^inc_[A-Za-z0-9]{1,64}$/), state: z.string() });
export const incidentId = z
  .string()
  .regex(/^inc_[A-Za-z0-9]{1,64}$/)
  .describe('Incident id, inc_…');
