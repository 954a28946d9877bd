/** Sessions as they are now, without a query a call: what was read is good until the revocation epoch rises. */
import type { Session, Sessions } from '../ports.ts';
import type { Revocation } from './revocation.ts';

/** Sessions remembered; beyond it the oldest is read again when it comes. */
const CAPACITY = 10_000;

/** Every write goes through and raises the epoch before it is acknowledged. */
export function createSessionCache(sessions: Sessions, revocation: Revocation): Sessions {
  const remembered = new Map<string, { readonly session: Session; readonly epoch: number }>();
  return {
    async get(id) {
      const epoch = revocation.current(); // before the read: what changes meanwhile has a higher one
      const known = remembered.get(id);
      if (known !== undefined && known.epoch === epoch) return known.session;
      remembered.delete(id);
      const session = await sessions.get(id);
      if (session === undefined || epoch === undefined) return session;
      const oldest = remembered.size >= CAPACITY ? remembered.keys().next().value : undefined;
      if (oldest !== undefined) remembered.delete(oldest);
      remembered.set(id, { session, epoch });
      return session;
    },
    async put(session) {
      await sessions.put(session);
      await revocation.bump();
    },
    list: (tenant) => sessions.list(tenant),
  };
}
