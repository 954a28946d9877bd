/** Keeps what people wrote on a tenant's devices from agents whose language model the tenant has not let in. */
import { ERRORS, WayleaveError } from '../errors.ts';
import { mayRead, type TenantModels } from '../models/tenant-models.ts';
import { withholdAnswer } from '../models/withhold.ts';
import type { Inventory } from '../ports.ts';
import type { Stage } from '../stage.ts';
import type { AuthenticatedCall } from './context.ts';
import { identifiersIn } from './identifiers.ts';

export interface WithholdDeps {
  readonly inventory: Inventory;
  /** Settings by tenant; absent: `none` for all of them. */
  readonly tenantModels?: TenantModels;
}

/** Stands around everything that reads, so that no later stage and no kind of answer can forget it. */
export const withhold =
  (deps: WithholdDeps): Stage<AuthenticatedCall> =>
  async (context, next) => {
    const { agent, model = 'none', tenant } = context.subject;
    if (agent === undefined || mayRead(deps.tenantModels ?? {}, tenant, model)) return next(context);
    context.trail.facts['withheld'] = model;
    const [answer, devices, topology] = await Promise.all([
      next(context).catch(withoutDeviceWords),
      deps.inventory.devices(tenant),
      deps.inventory.topology(tenant),
    ]);
    return withholdAnswer(answer, identifiersIn({ devices, topology }));
  };

/** A device's own words come back in the message of its refusal: only the code is passed on. */
function withoutDeviceWords(error: unknown): never {
  if (error instanceof WayleaveError && error.code.startsWith('DEVICE_'))
    throw new WayleaveError(error.code, ERRORS[error.code].message, (error.retryAfterSeconds ?? 0) * 1000 || undefined);
  throw error;
}
