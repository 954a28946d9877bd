/** A link within the console: a real one, so that it can be copied and opened elsewhere, that does not load the page anew. */
import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from 'react';
import { useSession } from '../api/session-context.ts';
import { goTo, toPath } from './route.ts';

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  readonly screen: string;
  readonly rest?: readonly string[];
  readonly query?: { readonly [name: string]: string | undefined };
  readonly children: ReactNode;
}

export function Link({ screen, rest = [], query = {}, children, onClick, ...more }: LinkProps) {
  const { tenant } = useSession();
  const path = toPath(tenant, screen, rest, query);
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    goTo(path);
  };
  return (
    <a {...more} href={path} onClick={follow}>
      {children}
    </a>
  );
}
