/** The three ways to look at the network, each at an address of its own. */
import { Link } from '../../shell/link.tsx';
import type { Place } from '../../shell/route.ts';
import { TEXT } from '../../text.ts';

const text = TEXT.network;
export const WAYS = ['map', 'squares', 'list'] as const;
/** What of an address goes along to every other one of this screen. */
const KEPT = ['view', 'q', 'at', 'change'];

export const keptOf = (query: URLSearchParams): { readonly [name: string]: string | undefined } =>
  Object.fromEntries(KEPT.map((name) => [name, query.get(name) ?? undefined]));

export function Ways({ place, now }: { readonly place: Place; readonly now: (typeof WAYS)[number] }) {
  return (
    <nav className="switch" aria-label={text.ways}>
      {WAYS.map((one) => (
        <Link
          key={one}
          screen="network"
          rest={place.rest}
          query={{ ...keptOf(place.query), view: one === 'map' ? undefined : one }}
          aria-current={one === now ? 'page' : undefined}
        >
          {text[one]}
        </Link>
      ))}
    </nav>
  );
}
