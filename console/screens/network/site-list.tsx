/** The sites as a table, what is open first. */
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';
import { type Site, STANDINGS } from './read-network.ts';
import { StandingMark } from './standing-mark.tsx';

const text = TEXT.network;

interface SiteListProps {
  readonly sites: readonly Site[];
  readonly selected: string | undefined;
  readonly query: URLSearchParams;
}

export function SiteList({ sites, selected, query }: SiteListProps) {
  const kept = Object.fromEntries(query);
  // Stable: within a standing, the order of the map.
  const order = sites.toSorted((a, b) => STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing));
  return (
    <table className="sites">
      <thead>
        <tr>
          <th scope="col">{text.site}</th>
          <th scope="col">{text.standing}</th>
          <th scope="col">{text.kind}</th>
          <th scope="col" className="wide-only">
            {text.devices}
          </th>
          <th scope="col" className="wide-only">
            {text.transports}
          </th>
          <th scope="col" className="wide-only number">
            {text.users}
          </th>
        </tr>
      </thead>
      <tbody>
        {order.map((site) => (
          <tr key={site.name} className={site.name === selected ? 'selected' : undefined}>
            <th scope="row">
              <Link
                screen="network"
                rest={[`site/${site.name}`]}
                query={kept}
                aria-current={site.name === selected ? 'true' : undefined}
              >
                {site.name}
              </Link>
            </th>
            <td>
              {site.standings.map((one) => (
                <StandingMark key={one} standing={one} />
              ))}
            </td>
            <td>{text.kinds[site.kind]}</td>
            <td className="wide-only mono">{site.devices.map(({ name }) => name).join(', ')}</td>
            <td className="wide-only">{site.colors.join(', ')}</td>
            <td className="wide-only number">{site.users}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
