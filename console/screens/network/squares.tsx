/** Every site as a square: a thousand at a glance, each a link with its name and state in words. */
import { Icon } from '../../parts/icon.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';
import type { Site } from './read-network.ts';
import { LOOKS } from './standing-mark.tsx';

const text = TEXT.network;
/** Above so many sites the squares carry no names. */
const NAMED = 150;

interface SquaresProps {
  readonly sites: readonly Site[];
  readonly selected: string | undefined;
  readonly query: URLSearchParams;
}

export function Squares({ sites, selected, query }: SquaresProps) {
  const kept = Object.fromEntries(query);
  const named = sites.length <= NAMED;
  return (
    <ul className={`squares ${named ? 'named' : ''}`}>
      {sites.map(({ name, standing, kind }) => (
        <li key={name}>
          <Link
            screen="network"
            rest={[`site/${name}`]}
            query={kept}
            className={standing === 'quiet' ? 'quiet-square' : 'loud-square'}
            style={{ color: `var(${LOOKS[standing].color})` }}
            aria-current={name === selected ? 'true' : undefined}
            aria-label={`${name}: ${text.standings[standing]}`}
            title={`${name} · ${text.kinds[kind]} · ${text.standings[standing]}`}
          >
            {standing !== 'quiet' && <Icon name={LOOKS[standing].icon} size={14} />}
            {named && <span>{name}</span>}
          </Link>
        </li>
      ))}
    </ul>
  );
}
