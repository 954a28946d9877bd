/** Changes to people of the user file, by others who may: suspended, restored, or with other roles, from the next call on. */
import { ROLES, type Role, type Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { AuditLog, Clock, Sessions } from '../ports.ts';
import type { Passkeys } from './passkeys.ts';
import type { Revocation } from './revocation.ts';
import type { SecondFactors } from './second-factors.ts';
import type { User, UserDirectory } from './users.ts';

/** A person as others may see them. */
export interface PersonReport {
  readonly name: string;
  readonly tenant: string;
  readonly roles: readonly Role[];
  readonly disabled: boolean;
}

export interface PeopleDeskDeps {
  readonly users: UserDirectory;
  readonly sessions: Sessions;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
  readonly revocation: Revocation;
  readonly factors: Pick<SecondFactors, 'forget'>;
  readonly passkeys: Pick<Passkeys, 'forget'>;
}

/** Roles that may see and change people of their tenant. */
const KEEPERS: readonly Role[] = ['provider-admin', 'tenant-admin'];
const OVERSEERS: readonly Role[] = [...KEEPERS, 'security-analyst', 'auditor'];
/** Roles that only a provider's administrator gives. */
const PROVIDER_ROLES: readonly Role[] = ['provider-admin', 'provider-operator', 'break-glass'];

const report = ({ name, tenant, roles, disabled }: User): PersonReport => ({
  name,
  tenant,
  roles,
  disabled: disabled === true,
});

export async function listPeople(deps: PeopleDeskDeps, subject: Subject): Promise<readonly PersonReport[]> {
  const all = (await deps.users.list()).filter(({ tenant }) => tenant === subject.tenant);
  const seen = holds(subject, OVERSEERS) ? all : all.filter(({ name }) => name === subject.human);
  return seen.map(report);
}

/** Nobody changes themselves; who is suspended loses every session, and finds none of them open when they come back. */
export async function changePerson(
  deps: PeopleDeskDeps,
  subject: Subject,
  human: string,
  change: { readonly disabled?: boolean; readonly roles?: readonly string[] },
): Promise<PersonReport> {
  const known = await findOther(deps, subject, human);
  const roles = change.roles === undefined ? known.roles : readRoles(subject, change.roles, known.roles);
  const disabled = change.disabled ?? known.disabled === true;
  const at = new Date(deps.clock.now()).toISOString();
  const content = { of: human, before: { roles: known.roles, disabled: known.disabled === true }, roles, disabled };
  const { tenant, session } = subject;
  // The log has it before it counts.
  await deps.audit.append({ at, tenant, kind: 'person.changed', human: subject.human, session, content });
  const changed = await deps.users.update(human, (user) => ({ ...user, roles, disabled }));
  await deps.revocation.bump();
  if (disabled) await endSessions(deps, changed, at);
  return report(changed);
}

/** For who lost every second factor: forgets them all and ends every login. The next login needs the password alone. */
export async function forgetFactors(deps: PeopleDeskDeps, subject: Subject, human: string): Promise<PersonReport> {
  const known = await findOther(deps, subject, human);
  // Who could take the factors of somebody who holds more could become them with their password.
  if (known.roles.some((role) => PROVIDER_ROLES.includes(role)) && !subject.roles.includes('provider-admin'))
    throw new WayleaveError('DENIED', `Only a provider-admin does this for holders of ${PROVIDER_ROLES.join(', ')}.`);
  const at = new Date(deps.clock.now()).toISOString();
  const { tenant, session } = subject;
  const content = { of: human };
  await deps.audit.append({ at, tenant, kind: 'second-factor.forgotten', human: subject.human, session, content });
  await endSessions(deps, known, at);
  await deps.factors.forget(human);
  await deps.passkeys.forget(human);
  await deps.revocation.bump();
  return report(known);
}

/** Another person of the tenant, whom the subject may change. */
async function findOther(deps: PeopleDeskDeps, subject: Subject, human: string): Promise<User> {
  const known = await deps.users.find(human);
  if (known === undefined || known.tenant !== subject.tenant) throw new WayleaveError('NOT_FOUND');
  if (!holds(subject, KEEPERS)) throw new WayleaveError('DENIED', `This needs one of the roles ${KEEPERS.join(', ')}.`);
  if (human === subject.human) throw new WayleaveError('DENIED', 'Somebody else must change what you may do.');
  return known;
}

async function endSessions(deps: PeopleDeskDeps, { name, tenant }: User, at: string): Promise<void> {
  const open = (await deps.sessions.list(tenant)).filter((one) => one.human === name && one.endedAt === undefined);
  for (const session of open) await deps.sessions.put({ ...session, endedAt: at });
}

function readRoles(subject: Subject, given: readonly string[], before: readonly Role[]): readonly Role[] {
  const roles = ROLES.filter((role) => given.includes(role));
  const unknown = given.find((name) => !roles.some((role) => role === name));
  if (unknown !== undefined) throw new WayleaveError('USAGE', `There is no such role. There are: ${ROLES.join(', ')}.`);
  const moved = PROVIDER_ROLES.some((role) => roles.includes(role) !== before.includes(role));
  if (moved && !subject.roles.includes('provider-admin'))
    throw new WayleaveError('DENIED', `Only a provider-admin gives or takes ${PROVIDER_ROLES.join(', ')}.`);
  return roles;
}

const holds = (subject: Subject, roles: readonly Role[]): boolean => subject.roles.some((role) => roles.includes(role));
