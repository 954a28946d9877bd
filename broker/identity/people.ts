/** Whether the human behind a token is still who may act: session alive, user enabled, tenant unchanged, roles as of now. */
import { TokenRefused } from '../../protocols/oauth/compact-jws.ts';
import type { Sessions } from '../ports.ts';
import type { User, UserDirectory } from './users.ts';

export interface PeopleDeps {
  readonly users: UserDirectory;
  readonly sessions: Sessions;
}

/** The user of a live session; throws `TokenRefused` with the reason for the log. */
export async function findLivePerson(
  deps: PeopleDeps,
  claims: { readonly sub: string; readonly sid: string; readonly tenant: string },
): Promise<User> {
  const session = await deps.sessions.get(claims.sid);
  if (session === undefined) throw new TokenRefused('session unknown');
  if (session.endedAt !== undefined) throw new TokenRefused('session ended');
  if (session.human !== claims.sub || session.tenant !== claims.tenant) throw new TokenRefused('session of another');
  const user = await deps.users.find(claims.sub);
  if (user === undefined) throw new TokenRefused('user unknown');
  if (user.disabled === true) throw new TokenRefused('user disabled');
  if (user.tenant !== claims.tenant) throw new TokenRefused('user of another tenant');
  return user;
}
