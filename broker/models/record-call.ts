/** Writes an agent's exchanges with a language model into the audit log, and says beforehand whether there may be one. */
import { z } from 'zod';
import type { Json, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { AuditLog, Clock } from '../ports.ts';
import { mayRead, type TenantModels } from './tenant-models.ts';

export interface RecordCallDeps {
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
  /** Absent: no tenant lets a model in. */
  readonly tenantModels?: TenantModels;
}

/** Kind of these entries. */
export const MODEL_CALL = 'model.call';

const form = z.strictObject({
  call: z.string(),
  phase: z.enum(['asked', 'used', 'refused', 'failed']),
  job: z.string(),
  provider: z.string(),
  model: z.string(),
  digest: z.string(),
  tokensIn: z.number(),
  tokensOut: z.number(),
  why: z.string(),
});

/** `permitted`, `withheld` or `recorded`. What is asked without permission is in the log as well: it was asked for. */
export async function recordCall(
  deps: RecordCallDeps,
  subject: Subject,
  purpose: string,
  asked: unknown,
): Promise<Json> {
  const { agent, model: modelClass = 'none', tenant, human, session } = subject;
  if (agent === undefined) throw new WayleaveError('DENIED', 'Only an agent has a language model to tell of.');
  const call = form.parse(asked);
  const permitted = modelClass !== 'none' && mayRead(deps.tenantModels ?? {}, tenant, modelClass);
  const says = call.phase !== 'asked' ? 'recorded' : permitted ? 'permitted' : 'withheld';
  await deps.audit.append({
    at: new Date(deps.clock.now()).toISOString(),
    ...{ tenant, kind: MODEL_CALL, human, session, agent },
    content: { ...call, modelClass, purpose, ...(call.phase === 'asked' ? { verdict: says } : {}) },
  });
  return { call: call.call, says };
}
