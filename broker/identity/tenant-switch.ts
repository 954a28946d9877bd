/**
 * How people of the provider go to another tenant without typing their password again: a ticket of the login that they have,
 * good once, for a minute, and only for the authorization with that PKCE challenge. What they get is a login of its own in
 * the other tenant, with their provider roles and nothing else, which ends with the one that it came from.
 */
import type { Role, Subject } from '../contract.ts';
import { sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { AuditEntry, Clock, Ids, Session, Sessions } from '../ports.ts';
import type { User, UserDirectory } from './users.ts';

/** Roles that count in every tenant. */
const SPANNING: readonly Role[] = ['provider-admin', 'provider-operator'];
/** How long a ticket is good, and a login with all that came from it, in milliseconds. */
const TICKET_MS = 60_000;
const LOGIN_MS = 12 * 3_600_000;
/** Tickets that are out at once. */
const MOST = 1_000;

/** The person as they may act in a tenant: at home with all roles, elsewhere with those that span tenants; undefined for nobody. */
export function actIn(user: User | undefined, tenant: string): User | undefined {
  if (user === undefined || user.disabled === true) return undefined;
  if (user.tenant === tenant) return user;
  const roles = user.roles.filter((role) => SPANNING.includes(role));
  return roles.length === 0 ? undefined : { ...user, tenant, roles };
}

/** Whether a login that came from another one has lost it: ended, of somebody else, or too old. */
export async function lostOrigin(
  sessions: Pick<Sessions, 'get'>,
  { from, human }: Session,
  now: number,
): Promise<boolean> {
  if (from === undefined) return false;
  const origin = await sessions.get(from);
  return origin?.human !== human || origin.endedAt !== undefined || now - Date.parse(origin.createdAt) > LOGIN_MS;
}

/** What a ticket stands for. */
export interface Crossing {
  readonly human: string;
  readonly tenant: string;
  /** The login in which somebody typed the password. */
  readonly from: string;
  readonly amr?: readonly string[];
  readonly steppedUpAt?: string;
}

export interface TenantSwitchDeps {
  readonly users: Pick<UserDirectory, 'find'>;
  readonly sessions: Pick<Sessions, 'get'>;
  readonly tenants: () => Promise<readonly string[]>;
  readonly isSuspended: (tenant: string, human: string) => boolean;
  readonly record: (entry: AuditEntry) => Promise<unknown>;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface TenantSwitch {
  /** Tenants that the person may act in, their own among them. */
  tenantsOf(human: string): Promise<readonly string[]>;
  /** Throws `NOT_FOUND` for a tenant that does not exist or is not for them: both look the same. */
  issue(subject: Subject, tenant: string, challenge: string): Promise<{ readonly ticket: string }>;
  /** Once; undefined for a ticket that is unknown, used, late, or of another authorization. */
  redeem(ticket: string, challenge: string): Promise<{ readonly crossing: Crossing; readonly user: User } | undefined>;
}

export function createTenantSwitch(deps: TenantSwitchDeps): TenantSwitch {
  const out = new Map<string, { readonly crossing: Crossing; readonly challenge: string; readonly until: number }>();
  const tenantsOf = async (human: string): Promise<readonly string[]> => {
    const user = await deps.users.find(human);
    return (await deps.tenants()).filter((tenant) => actIn(user, tenant) !== undefined).toSorted();
  };
  return {
    tenantsOf,
    async issue(subject, tenant, challenge) {
      const now = deps.clock.now();
      if (deps.isSuspended(subject.tenant, subject.human)) throw new WayleaveError('SUSPENDED');
      const there = await tenantsOf(subject.human);
      if (!there.includes(tenant) || tenant === subject.tenant) throw new WayleaveError('NOT_FOUND');
      const session = await deps.sessions.get(subject.session);
      if (session === undefined || (await lostOrigin(deps.sessions, session, now)))
        throw new WayleaveError('UNAUTHENTICATED');
      for (const [ticket, { until }] of out) if (until <= now) out.delete(ticket);
      if (out.size >= MOST) throw new WayleaveError('LIMITED', 'Too many people go to another tenant at once.');
      const { human } = subject;
      // Here too, where the person came from: the log of each tenant tells of it.
      await deps.record({
        ...{ at: new Date(now).toISOString(), tenant: subject.tenant, kind: 'tenant.switched', human },
        ...{ session: subject.session, content: { to: tenant } },
      });
      const ticket = deps.ids.id('tsw');
      const { from = session.id, amr, steppedUpAt } = session;
      const crossing: Crossing = {
        ...{ human, tenant, from },
        ...(amr === undefined ? {} : { amr }),
        ...(steppedUpAt === undefined ? {} : { steppedUpAt }),
      };
      out.set(ticket, { crossing, challenge, until: now + TICKET_MS });
      return { ticket };
    },
    async redeem(ticket, challenge) {
      const found = out.get(ticket);
      out.delete(ticket);
      const now = deps.clock.now();
      if (found === undefined || found.until <= now || !sameDigest(found.challenge, challenge)) return undefined;
      const { crossing } = found;
      const user = actIn(await deps.users.find(crossing.human), crossing.tenant);
      const origin = await deps.sessions.get(crossing.from);
      if (user === undefined || origin === undefined || origin.endedAt !== undefined) return undefined;
      return { crossing, user };
    },
  };
}
