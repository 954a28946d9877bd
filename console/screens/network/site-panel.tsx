/** The panel of a site: what is open there, what waits, what was changed lately, and what the inventory knows of it. */
import type { DeviceView, InventoryView } from '../../api/schema.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Severity } from '../../parts/severity.tsx';
import { Ago, Countdown } from '../../parts/time.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';
import { StatusMark } from '../approvals/status-mark.tsx';
import type { Live } from './courses.ts';
import { DeviceFacts } from './device-facts.tsx';
import { Drift } from './drift.tsx';
import { Lines } from './lines.tsx';
import type { Site } from './read-network.ts';
import { StandingMark } from './standing-mark.tsx';
import type { Watched } from './use-courses.ts';

const text = TEXT.network;
const CHANGES_MS = 10_000;
/** Changes and hosts that are listed. */
const LISTED = 6;

interface SitePanelProps {
  readonly site: Site;
  /** As in the address; a device that it names is shown first. */
  readonly resource: string;
  readonly topology: InventoryView['topology'];
  readonly devices: readonly DeviceView[];
  readonly changing: ReadonlySet<string>;
  readonly live: Live;
  readonly watched: Watched;
  /** Epoch milliseconds that are looked at, and whether that is now. */
  readonly at: number;
  readonly isNow: boolean;
}

export function SitePanel({ site, resource, topology, devices, changing, live, watched, at, isNow }: SitePanelProps) {
  const { marks } = site;
  const hosts = topology.hosts.filter((host) => host.site === site.name);
  const drifting = site.devices.filter(({ role }) => role !== 'controller').map(({ name }) => name);
  const first = resource.split('/')[1];
  const order = site.devices.toSorted((a, b) => Number(b.name === first) - Number(a.name === first));
  return (
    <>
      <header>
        <h2>{site.name}</h2>
        <p className="about">
          {text.kinds[site.kind]} · <StandingMark standing={site.standing} />
        </p>
      </header>
      <Lines site={site} live={live} courses={watched.courses} at={at} isNow={isNow} measure={watched.measure} />
      <section>
        <h3>{text.incidents}</h3>
        {marks.incidents.length === 0 && <p className="quiet">{text.noIncidents}</p>}
        <ul>
          {marks.incidents.map((one) => (
            <li key={one.id}>
              <Severity level={one.severity} />{' '}
              <Link screen="incidents" rest={[one.id]}>
                {one.title}
              </Link>
              <small className="quiet">
                <Ago at={one.openedAt} /> · <span className="mono">{one.resources.join(', ')}</span>
              </small>
            </li>
          ))}
        </ul>
      </section>
      {marks.pending.length > 0 && (
        <section className="waiting">
          <h3>{text.waits}</h3>
          <ul>
            {marks.pending.map((one) => (
              <li key={one.id}>
                <Link screen="approvals" rest={[one.id]}>
                  {one.intent.tool}
                </Link>{' '}
                <span className="mono">{one.intent.target.devices.join(', ')}</span>
                <small className="quiet">
                  <Countdown until={one.expiresAt} /> · {one.requester.human}
                </small>
              </li>
            ))}
          </ul>
        </section>
      )}
      {marks.contained.length > 0 && (
        <section>
          <h3>{text.contained}</h3>
          <ul>
            {marks.contained.map((one) => (
              <li key={one.id}>
                <b>{one.tool}</b> {one.purpose}
                <small className="quiet">
                  {text.containedUntil} <Countdown until={one.until} />
                </small>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Changes site={site} />
      {drifting.length > 0 && <Drift devices={drifting} />}
      {order.map((device) => (
        <DeviceFacts
          key={device.name}
          device={device}
          view={devices.find((one) => one.device.name === device.name)}
          circuits={site.circuits.filter((one) => one.device === device.name)}
          changing={changing.has(device.name)}
        />
      ))}
      {hosts.length > 0 && (
        <section>
          <h3>{text.hosts}</h3>
          <ul className="hosts">
            {hosts.slice(0, LISTED).map((host) => (
              <li key={host.name}>
                {host.name} <span className="mono quiet">{host.address}</span>
              </li>
            ))}
          </ul>
          {hosts.length > LISTED && <p className="quiet">{text.moreHosts(hosts.length - LISTED)}</p>}
        </section>
      )}
    </>
  );
}

/** What was proposed for the devices of the site and decided, the latest first. */
function Changes({ site }: { readonly site: Site }) {
  const { data } = useAnswer('/api/approvals', {}, { every: CHANGES_MS });
  const here = new Set(site.devices.map(({ name }) => name));
  const changes = (data?.approvals ?? [])
    .filter(({ status, intent }) => status !== 'pending' && intent.target.devices.some((name) => here.has(name)))
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
    .slice(0, LISTED);
  return (
    <section>
      <h3>{text.changes}</h3>
      {data !== undefined && changes.length === 0 && <p className="quiet">{text.noChanges}</p>}
      <ul>
        {changes.map((one) => (
          <li key={one.id}>
            <Link screen="approvals" rest={[one.id]}>
              {one.intent.tool}
            </Link>{' '}
            <StatusMark status={one.status} />
            <small className="quiet">
              <Ago at={one.createdAt} /> · {one.requester.human}
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
