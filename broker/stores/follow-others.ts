/**
 * Follows what other brokers of the same database stopped, released or ended: a session, a role, an agent, a device, all
 * changes, a person. Whoever does such a thing raises the shared epoch; whoever sees it raised reads everything anew.
 */
import type { Revocation } from '../identity/revocation.ts';

export interface FollowOthersDeps {
  readonly epoch: Pick<Revocation, 'current' | 'refresh'>;
  /** Each takes over one kind of record; a rejection means that it is not known. */
  readonly reloads: readonly (() => Promise<unknown>)[];
}

/**
 * Answers with a function that takes over what is new: called every `REFRESH_MS`, and by a change right before it touches
 * its devices. It rejects when that cannot be known, and then nothing may be changed.
 */
export function followOthers({ epoch, reloads }: FollowOthersDeps): () => Promise<void> {
  let seen: number | undefined;
  return async () => {
    await epoch.refresh();
    const now = epoch.current();
    if (now !== undefined && now === seen) return;
    await Promise.all(reloads.map((reload) => reload()));
    seen = now;
  };
}
