/** Answers of the API in a component: kept while somebody looks, asked for anew at intervals, on demand and after a lost connection. */
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import type { Session } from '../login/session.ts';
import { agentsConnection, connection } from './connection.ts';
import { type Problem, toProblem } from './problem.ts';
import type { Answers, Gettable } from './schema.ts';
import { useSession } from './session-context.ts';

export interface Shown<T> {
  /** The latest answer; it stays while a newer one is asked for, and when that fails. */
  readonly data?: T;
  readonly problem?: Problem;
  readonly loading: boolean;
}

/** `/api/…` is the broker's, all else the agents'. */
const isBrokers = (path: string): boolean => path.startsWith('/api/');
export const request = (session: Session, path: string, init?: RequestInit): Promise<Response> =>
  isBrokers(path) ? session.broker(path, init) : session.agents(path, init);

class Entry {
  shown: Shown<unknown> = { loading: true };
  readonly listeners = new Set<() => void>();
  private underway: Promise<void> | undefined;
  private again = false;
  private readonly session: Session;
  readonly path: string;

  constructor(session: Session, path: string) {
    this.session = session;
    this.path = path;
  }

  /** Requests do not overlap: one that comes while another runs is answered by a further one. */
  reload(): Promise<void> {
    if (this.underway !== undefined) {
      this.again = true;
      return this.underway;
    }
    this.underway = this.ask().finally(() => {
      this.underway = undefined;
      if (!this.again) return;
      this.again = false;
      void this.reload();
    });
    return this.underway;
  }

  private async ask(): Promise<void> {
    try {
      const data: unknown = await (await request(this.session, this.path)).json();
      this.tell({ data, loading: false });
    } catch (error) {
      const { data } = this.shown;
      this.tell({ ...(data === undefined ? {} : { data }), problem: toProblem(error), loading: false });
    }
  }

  private tell(shown: Shown<unknown>): void {
    this.shown = shown;
    for (const listener of this.listeners) listener();
  }
}

const entries = new Map<string, Entry>();

function reloadShown(which: (path: string) => boolean): void {
  for (const entry of entries.values()) if (entry.listeners.size > 0 && which(entry.path)) void entry.reload();
}
// What the agents answer needs both: a login is renewed at the broker.
connection.subscribe((state) => state === 'ok' && reloadShown(() => true));
agentsConnection.subscribe((state) => state === 'ok' && reloadShown((path) => !isBrokers(path)));

function entryOf(session: Session, path: string): Entry {
  const key = `${session.id} ${path}`;
  const known = entries.get(key);
  if (known !== undefined) return known;
  const entry = new Entry(session, path);
  entries.set(key, entry);
  void entry.reload();
  return entry;
}

/** Asks again for everything whose path begins so, where somebody looks; forgets it where nobody does. */
export function refresh(prefix: string): void {
  for (const [key, entry] of entries) {
    if (!key.slice(key.indexOf(' ') + 1).startsWith(prefix)) continue;
    if (entry.listeners.size > 0) void entry.reload();
    else entries.delete(key);
  }
}

/** Forgets every answer, as when another tenant is looked at. */
export const forgetAnswers = (): void => entries.clear();

/** The path of a route with its parameters and query filled in, each encoded. */
export function fill(route: string, params: { readonly [name: string]: string | number | undefined } = {}): string {
  const rest = new URLSearchParams();
  let path = route;
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue;
    if (path.includes(`{${name}}`)) path = path.replace(`{${name}}`, encodeURIComponent(value));
    else rest.set(name, String(value));
  }
  return rest.size === 0 ? path : `${path}?${rest.toString()}`;
}

/**
 * What a GET route answers, e.g. `useAnswer('/api/approvals/{id}', { id }, { every: 2000 })`. `every` asks again after so
 * many milliseconds while the page is seen; `when: false` asks nothing.
 */
export function useAnswer<Route extends Gettable>(
  route: Route,
  params: { readonly [name: string]: string | number | undefined } = {},
  { every, when = true }: { readonly every?: number | undefined; readonly when?: boolean } = {},
): Shown<Answers[Route]> & { readonly reload: () => Promise<void> } {
  const session = useSession();
  const path = fill(route, params);
  const entry = useMemo(() => (when ? entryOf(session, path) : undefined), [session, path, when]);
  const subscribe = useCallback(
    (listener: () => void) => {
      entry?.listeners.add(listener);
      return () => void entry?.listeners.delete(listener);
    },
    [entry],
  );
  const shown = useSyncExternalStore(subscribe, () => entry?.shown ?? NOTHING);
  useEffect(() => {
    if (every === undefined || entry === undefined) return;
    const timer = setInterval(() => {
      if (!document.hidden && connection.get() === 'ok') void entry.reload();
    }, every);
    return () => clearInterval(timer);
  }, [every, entry]);
  const reload = useCallback(async () => entry?.reload(), [entry]);
  return { ...(shown as Shown<Answers[Route]>), reload };
}

const NOTHING: Shown<never> = { loading: false };
