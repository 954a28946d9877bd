/**
 * The broker (PEP): the pipeline on one screen. Every call to a device passes each of these stages, in this order.
 *
 * Nothing here fails open: a stage that throws ends the call, and the record stage writes why.
 */
import type { Tool } from '../tools/tool.ts';
import { toolSchema } from './catalog.ts';
import type { Answer, Broker, Credential } from './contract.ts';
import { WayleaveError } from './errors.ts';
import type { Shed } from './limits/shed.ts';
import { type Pipeline, pipeline } from './stage.ts';
import { type ApproveDeps, approve } from './stages/approve.ts';
import { type Authenticate, audienceOf, authenticate } from './stages/authenticate.ts';
import { type AuthorizeDeps, authorize, mayList } from './stages/authorize.ts';
import { type ClaimDeps, claim } from './stages/claim.ts';
import type { ApprovedCall, ReceivedCall } from './stages/context.ts';
import { type ExecuteDeps, execute } from './stages/execute.ts';
import { type LimitDeps, limit } from './stages/limit.ts';
import { type RecordDeps, record } from './stages/record.ts';
import { type RehearseDeps, rehearse } from './stages/rehearse.ts';
import { type ResolveDeps, resolve } from './stages/resolve.ts';
import { type ShareDeps, share } from './stages/share.ts';
import { type WithholdDeps, withhold } from './stages/withhold.ts';

export type BrokerDeps = RecordDeps &
  WithholdDeps &
  ResolveDeps &
  AuthorizeDeps &
  LimitDeps &
  ClaimDeps &
  RehearseDeps &
  ApproveDeps &
  ExecuteDeps & {
    readonly authenticate: Authenticate;
    readonly tools: readonly Tool[];
    readonly shed: Shed;
    /** The tenant that a credential claims, unproven. */
    readonly claimedTenant?: (credential: Credential) => string | undefined;
  };

export function createBroker(deps: BrokerDeps): Broker {
  const effectOf: ShareDeps['effectOf'] = (domain, toolName) =>
    deps.tools.find((tool) => tool.name === toolName && tool.domain === domain)?.effect ?? 'unknown';
  const stages: Pipeline<ReceivedCall, ApprovedCall> = pipeline(record(deps))
    .through(authenticate(deps.authenticate))
    .through(share({ shed: deps.shed, effectOf }))
    .through(withhold(deps))
    .through(resolve(deps))
    .through(authorize(deps))
    .through(limit(deps))
    .through(claim(deps))
    .through(rehearse(deps))
    .through(approve(deps));
  const run = stages.end(execute(deps)); // verifies before it confirms

  return {
    call: (credential, domain, toolName, args): Promise<Answer> =>
      deps.shed.run(
        effectOf(domain, toolName),
        () => run({ credential, domain, toolName, args, trail: { facts: {} } }),
        deps.claimedTenant?.(credential),
      ),

    listTools: (credential, domain) =>
      deps.shed.run('read', async () => {
        const subject = await deps.authenticate(credential, audienceOf(domain));
        const { tenant, session } = subject;
        const verdict = deps.limits.admit({
          ...{ tenant, session, tool: 'tools/list', effect: 'read', intent: '' },
          ...{ devices: [], operations: [], fleet: new Map() },
        });
        if (!verdict.ok) throw new WayleaveError(verdict.code, verdict.reason, verdict.retryAfterMs);
        const listings = [];
        for (const tool of [...deps.tools, ...deps.upstream.offered(tenant)]) {
          if (tool.domain === domain && (await mayList(deps, subject, tool))) listings.push(toolSchema(tool, subject));
        }
        return listings;
      }),
  };
}
