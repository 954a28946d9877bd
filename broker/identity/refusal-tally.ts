/** Refused credentials in the audit log, without a flood of them filling it: the first of a kind at once, the rest as one count a minute. */
import type { AuditEntry, Clock } from '../ports.ts';

/** What is counted together: a cause at a door, from one source. */
export interface Refusal {
  /** Address of the other end. */
  readonly source: string;
  readonly audience: string;
  readonly reason: string;
}

const WINDOW_MS = 60_000;
/** Refusals of a kind with an entry each, in one window: enough to see what somebody tries. */
const SINGLY = 20;
/** Kinds counted apart in one window; what is beyond is counted as one, so that invented causes fill nothing either. */
const CAPACITY = 64;
const OTHERS: Refusal = { source: 'others', audience: 'any', reason: 'more kinds of refusal than are told apart' };

export interface RefusalTally {
  /** Resolves when an entry that this refusal needs is in the log; most need none. `failure` is counted once, wherever it is caught. */
  note(refusal: Refusal, failure?: object): Promise<void>;
  /** Writes the counts of windows that are over; to be called now and then, and at the end with `all`. */
  flush(all?: boolean): Promise<void>;
}

export interface RefusalTallyDeps {
  readonly clock: Clock;
  readonly record: (entry: AuditEntry) => Promise<unknown>;
}

export function createRefusalTally({ clock, record }: RefusalTallyDeps): RefusalTally {
  /** `singly`: refusals with an entry of their own; `more`: those after them. */
  const open = new Map<string, { readonly refusal: Refusal; readonly since: number; singly: number; more: number }>();

  const noted = new WeakSet<object>();

  const write = (refusal: Refusal, more: { readonly count?: number; readonly since?: string }): Promise<unknown> =>
    record({
      at: new Date(clock.now()).toISOString(),
      tenant: '-',
      kind: 'refused',
      content: { error: 'UNAUTHENTICATED', ...refusal, ...more },
    });

  async function flush(all = false): Promise<void> {
    const over = [...open].filter(([, { since }]) => all || clock.now() - since >= WINDOW_MS);
    for (const [key] of over) open.delete(key); // before it is written: what comes meanwhile begins a new window
    for (const [, { refusal, since, more }] of over) {
      if (more > 0) await write(refusal, { count: more, since: new Date(since).toISOString() });
    }
  }

  async function note(refusal: Refusal, failure?: object): Promise<void> {
    if (failure !== undefined && noted.has(failure)) return;
    if (failure !== undefined) noted.add(failure);
    const printable = (text: string): string => text.slice(0, 200).replace(/[^\x20-\x7e]/g, '?');
    const { source, audience, reason } = refusal;
    const given = { source: printable(source), audience: printable(audience), reason: printable(reason) };
    const known = open.get(JSON.stringify(given));
    if (known === undefined || clock.now() - known.since >= WINDOW_MS) await flush();
    const told = known !== undefined || open.size < CAPACITY ? given : OTHERS;
    const key = JSON.stringify(told);
    const window = open.get(key) ?? { refusal: told, since: clock.now(), singly: 0, more: 0 };
    open.set(key, window);
    if (window.singly >= SINGLY) {
      window.more += 1;
      return;
    }
    window.singly += 1;
    await write(told, {});
  }

  return { note, flush };
}
