/** Whether the human behind a token is still who may act: session or schedule alive, user enabled, tenant unchanged, roles as of now. */
import { TokenRefused } from '../../protocols/oauth/compact-jws.ts';
import type { Sessions } from '../ports.ts';
import { isScheduleId, type Schedules } from './schedules.ts';
import { actIn } from './tenant-switch.ts';
import type { User, UserDirectory } from './users.ts';

export interface PeopleDeps {
  readonly users: UserDirectory;
  readonly sessions: Sessions;
  readonly schedules: Schedules;
}

/** The person a token speaks for, as of now. */
export interface LivePerson {
  readonly user: User;
  /** When the login last proved a second factor (ISO-8601 UTC). */
  readonly steppedUpAt?: string;
  /** Nobody is there: a schedule of this person acts. */
  readonly scheduled: boolean;
}

interface NamedPerson {
  readonly sub: string;
  readonly sid: string;
  readonly tenant: string;
}

/** The user of a live session or schedule; throws `TokenRefused` with the reason for the log. */
export async function findLivePerson(deps: PeopleDeps, claims: NamedPerson): Promise<LivePerson> {
  if (isScheduleId(claims.sid)) {
    const schedule = await deps.schedules.get(claims.sid);
    if (schedule === undefined) throw new TokenRefused('schedule unknown');
    if (schedule.endedAt !== undefined) throw new TokenRefused('schedule ended');
    if (schedule.owner !== claims.sub || schedule.tenant !== claims.tenant)
      throw new TokenRefused('schedule of another');
    return { user: await findUser(deps, claims), scheduled: true };
  }
  const session = await deps.sessions.get(claims.sid);
  if (session === undefined) throw new TokenRefused('session unknown');
  if (session.endedAt !== undefined) throw new TokenRefused('session ended');
  if (session.human !== claims.sub || session.tenant !== claims.tenant) throw new TokenRefused('session of another');
  if (session.from !== undefined) {
    const origin = await deps.sessions.get(session.from);
    if (origin?.human !== session.human || origin.endedAt !== undefined)
      throw new TokenRefused('the login it came from ended');
  }
  const { steppedUpAt } = session;
  const user = await findUser(deps, claims);
  return { user, scheduled: false, ...(steppedUpAt === undefined ? {} : { steppedUpAt }) };
}

async function findUser(deps: PeopleDeps, { sub, tenant }: NamedPerson): Promise<User> {
  const user = await deps.users.find(sub);
  if (user === undefined) throw new TokenRefused('user unknown');
  if (user.disabled === true) throw new TokenRefused('user disabled');
  const acting = actIn(user, tenant);
  if (acting === undefined) throw new TokenRefused('user of another tenant');
  return acting;
}
