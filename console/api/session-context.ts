/** The login that the screens act with. */
import { createContext, useContext } from 'react';
import type { Session } from '../login/session.ts';

export const SessionContext = createContext<Session | undefined>(undefined);

/** Throws outside of a login: no screen is drawn without one. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('there is no login here');
  return session;
}
