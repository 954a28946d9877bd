/** Where the page is: `/console/{tenant}/{screen}/…?…`. Every view has an address, and going there is a matter of history only. */
import { useSyncExternalStore } from 'react';
import { BASE } from '../login/login.ts';

export interface Place {
  readonly tenant: string;
  readonly screen: string;
  /** What follows the screen, decoded: e.g. the id of an approval. */
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
}

const listeners = new Set<() => void>();
const tell = (): void => {
  for (const listener of listeners) listener();
};
window.addEventListener('popstate', tell);

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** Path and query as they stand. */
export const here = (): string => `${window.location.pathname}${window.location.search}`;

export function readPlace(address: string): Place {
  const url = new URL(address, window.location.origin);
  const parts = url.pathname
    .slice(BASE.length)
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  const [tenant = '', screen = '', ...rest] = parts;
  return { tenant, screen, rest, query: url.searchParams };
}

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** The address of a view: `toPath('acme', 'approvals', ['apr_1'])`. */
export function toPath(
  tenant: string,
  screen: string,
  rest: readonly string[] = [],
  query: { readonly [name: string]: string | undefined } = {},
): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const path = BASE + [tenant, screen, ...rest].map(encodeURIComponent).join('/');
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

/** `replace` where the step back would lead nowhere of use, as while a filter is typed. */
export function goTo(path: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  if (path === here()) return;
  if (replace) window.history.replaceState(null, '', path);
  else window.history.pushState(null, '', path);
  tell();
}

export function usePlace(): Place {
  return readPlace(useSyncExternalStore(subscribe, here));
}
