/** A human gives and ends grants: what he may not do himself he cannot give, and nobody gives to himself. */
import type { Tool } from '../../tools/tool.ts';
import { AGENTS, type AgentName, type Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { asked } from '../policy/asked.ts';
import type { AuditLog, Clock, DecisionPoint, Ids, Inventory } from '../ports.ts';
import type { UpstreamTools } from '../upstream/federation.ts';
import type { GrantDeps } from './decide-by-grant.ts';
import { type Grant, type Grants, LONGEST_GRANT_MS, stands } from './grant.ts';

export interface GiveDeps {
  readonly grants: Grants;
  readonly decisionPoint: DecisionPoint;
  readonly tools: readonly Tool[];
  readonly upstream: Pick<UpstreamTools, 'offered'>;
  readonly inventory: Inventory;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The human's roles in the tenant now; undefined when disabled or unknown. */
  readonly rolesNow: GrantDeps['rolesNow'];
}

export interface WantedGrant {
  readonly human: string;
  readonly agent?: string;
  readonly tools: readonly string[];
  readonly devices: readonly string[];
  readonly reason: string;
  /** How long it stands, seconds. */
  readonly seconds: number;
}

/** Throws `INPUT_INVALID`, `NOT_FOUND`, and `DENIED` for what the giver may not do himself. In the log before it counts. */
export async function giveGrant(deps: GiveDeps, subject: Subject, wanted: WantedGrant): Promise<Grant> {
  const { tenant } = subject;
  const agent = agentNamed(wanted.agent);
  if (wanted.human === subject.human) throw new WayleaveError('DENIED', 'Nobody grants anything to himself.');
  if ((await deps.rolesNow(wanted.human, tenant)) === undefined)
    throw new WayleaveError('NOT_FOUND', 'There is no such person here.');
  const now = deps.clock.now();
  if (!(wanted.seconds >= 60 && wanted.seconds * 1000 <= LONGEST_GRANT_MS))
    throw new WayleaveError('INPUT_INVALID', 'A grant stands for a minute at least and a day at most.');
  const known = await deps.inventory.devices(tenant);
  const targets = wanted.devices.map((device) => {
    const found = known.find(({ name }) => name === device);
    if (found === undefined) throw new WayleaveError('NOT_FOUND', `There is no device ${device} here.`);
    return {
      device: found.name,
      role: found.role,
      site: found.site,
      ...(found.ladder === undefined ? {} : { ladder: found.ladder }),
    };
  });
  if (targets.length === 0 || wanted.tools.length === 0)
    throw new WayleaveError('INPUT_INVALID', 'A grant names its tools and its devices: none is not all.');
  for (const name of wanted.tools) {
    const tool = [...deps.tools, ...deps.upstream.offered(tenant)].find((one) => one.name === name);
    if (tool === undefined) throw new WayleaveError('NOT_FOUND', `There is no tool ${name}.`);
    for (const target of tool.targets === 'none' ? [[]] : targets.map((one) => [one])) {
      const own = await deps.decisionPoint.decide({
        subject,
        ...asked(tool),
        tenant,
        targets: target,
        purpose: { id: '', kind: 'incident', open: true },
        now,
        risk: 0,
      });
      if (own.effect !== 'permit')
        throw new WayleaveError(
          'DENIED',
          `You may not do ${name} yourself, so you cannot grant it. ${own.reasons.join(' ')}`,
        );
    }
  }
  const given = {
    id: deps.ids.id('grn'),
    ...{ tenant, human: wanted.human, tools: [...new Set(wanted.tools)], devices: [...new Set(wanted.devices)] },
    ...(agent === undefined ? {} : { agent }),
    ...{ reason: wanted.reason, grantedBy: subject.human, from: new Date(now).toISOString() },
    until: new Date(now + wanted.seconds * 1000).toISOString(),
  };
  // In the log before it counts.
  await record(deps, subject, 'grant.given', given);
  await deps.grants.put(given);
  return given;
}

/** Who gave it, who has it, and whoever oversees the tenant may end it. */
export async function endGrant(deps: GiveDeps, subject: Subject, id: string): Promise<Grant> {
  const grant = await deps.grants.get(subject.tenant, id);
  if (grant === undefined || !maySee(subject, grant)) throw new WayleaveError('NOT_FOUND');
  if (!stands(grant, deps.clock.now())) return grant;
  await record(deps, subject, 'grant.ended', { id, of: grant.human });
  const ended = await deps.grants.end(subject.tenant, id, new Date(deps.clock.now()).toISOString(), subject.human);
  if (ended === undefined) throw new WayleaveError('NOT_FOUND');
  return ended;
}

/** Grants of the tenant that the subject may know of. */
export const seeGrants = async (deps: Pick<GiveDeps, 'grants'>, subject: Subject): Promise<readonly Grant[]> =>
  (await deps.grants.list(subject.tenant)).filter((grant) => maySee(subject, grant));

const OVERSEERS = ['provider-admin', 'tenant-admin', 'security-analyst', 'auditor'] as const;
const maySee = ({ human, roles }: Subject, grant: Grant): boolean =>
  grant.human === human || grant.grantedBy === human || OVERSEERS.some((role) => roles.includes(role));

function agentNamed(name: string | undefined): AgentName | undefined {
  if (name === undefined) return undefined;
  const agent = AGENTS.find((one) => one === name);
  if (agent === undefined) throw new WayleaveError('INPUT_INVALID', `There is no agent ${name}: ${AGENTS.join(', ')}.`);
  return agent;
}

const record = (
  deps: GiveDeps,
  subject: Subject,
  kind: string,
  content: Parameters<AuditLog['append']>[0]['content'],
) =>
  deps.audit.append({
    at: new Date(deps.clock.now()).toISOString(),
    ...{ tenant: subject.tenant, kind, human: subject.human, session: subject.session, content },
  });
