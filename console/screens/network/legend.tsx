/** What the marks mean, how many sites have each, and where they come from. */
import { Icon } from '../../parts/icon.tsx';
import { TEXT } from '../../text.ts';
import { type Site, STANDINGS, type Standing } from './read-network.ts';
import { StandingMark } from './standing-mark.tsx';

const text = TEXT.network;

interface LegendProps {
  readonly sites: readonly Site[];
  readonly lines: boolean;
  /** Lines of most sites are left out. */
  readonly large: boolean;
  readonly changing: boolean;
}

export function Legend({ sites, lines, large, changing }: LegendProps) {
  const count = (wanted: Standing): number => sites.filter(({ standings }) => standings.includes(wanted)).length;
  return (
    <footer className="legend">
      <ul aria-label={text.legend}>
        {STANDINGS.filter((one) => count(one) > 0).map((one) => (
          <li key={one}>
            <StandingMark standing={one} /> <b>{count(one)}</b>
          </li>
        ))}
        {changing && (
          <li className="severity info">
            <Icon name="clock" /> {text.changing}
          </li>
        )}
      </ul>
      <p className="quiet">
        {text.noMeasure} {lines && text.lines} {lines && large && text.frames}
      </p>
    </footer>
  );
}
