/** Network: the sites as a map, as squares or as a list, live or as they stood some hours ago, and a panel of the one at hand or of a path. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Incident } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Icon } from '../../parts/icon.tsx';
import { Empty, Failure, Loading } from '../../parts/notice.tsx';
import { Words } from '../../parts/words.tsx';
import { useKeys } from '../../shell/keys.ts';
import { Link } from '../../shell/link.tsx';
import { goTo, toPath } from '../../shell/route.ts';
import type { ScreenProps } from '../../shell/screens.ts';
import { TEXT } from '../../text.ts';
import { type Live, liveAt } from './courses.ts';
import { layOut } from './lay-out.ts';
import { Legend } from './legend.tsx';
import { NetworkMap } from './map.tsx';
import { PathPanel } from './path-panel.tsx';
import { ReachNote, useReach } from './reach.tsx';
import { isOpen, matches, namesIn, readNetwork, type Site } from './read-network.ts';
import { SiteList } from './site-list.tsx';
import { SitePanel } from './site-panel.tsx';
import { Squares } from './squares.tsx';
import { TimeSlider } from './time-slider.tsx';
import type { Traced } from './trace-path.ts';
import { useChanging } from './use-changing.ts';
import { FEW, useCourses } from './use-courses.ts';
import { useSurvey } from './use-survey.ts';
import { keptOf, WAYS, Ways } from './ways.tsx';
import './network.css';

const text = TEXT.network;
const INVENTORY_MS = 60_000;
const MARKS_MS = 5_000;
const NONE: readonly never[] = [];
const NOTHING: Live = { links: [], tunnels: new Map(), ports: new Map() };
const NO_PATH: ReadonlySet<string> = new Set();
/** Devices of sites that come into view, or where something is open, that the hubs are asked about at a time. */
const MOST_SEEN = 50;
const edgesOf = (sites: readonly Site[]): readonly string[] =>
  sites.flatMap(({ devices }) => devices.flatMap(({ name, role }) => (role === 'edge' ? [name] : [])));
/** First part of an address that means the path between two hosts. */
const PATH = 'path';

/** All that the screen asked for, and the sites as they stood at the moment that is looked at. */
function useNetwork(at: number | undefined) {
  const { data: inventory, problem, reload } = useAnswer('/api/inventory', {}, { every: INVENTORY_MS });
  const { data: incidents } = useAnswer('/api/incidents', {}, { every: MARKS_MS });
  const { data: approvals } = useAnswer('/api/approvals', { status: 'pending' }, { every: MARKS_MS });
  const { data: devices } = useAnswer('/api/devices', {}, { every: INVENTORY_MS });
  const { data: containments } = useAnswer('/api/containments', {}, { every: MARKS_MS });
  const watched = useCourses(inventory);
  const { courses } = watched;
  // Now is after everything that was heard, whatever this machine's clock says.
  const moment = at ?? Number.POSITIVE_INFINITY;
  const live = useMemo(
    () => (inventory === undefined ? NOTHING : liveAt(courses, inventory, moment)),
    [inventory, courses, moment],
  );
  const sites = useMemo(() => {
    if (inventory === undefined) return undefined;
    const then = (since: string): boolean => Date.parse(since) <= moment;
    return readNetwork({
      ...{ inventory, live, devices: devices?.devices ?? NONE, containments: containments?.containments ?? NONE },
      incidents: (incidents?.incidents ?? NONE).flatMap((one) => asOf(one, moment) ?? []),
      approvals: (approvals?.approvals ?? NONE).filter(({ createdAt }) => then(createdAt)),
    });
  }, [inventory, incidents, approvals, devices, containments, live, moment]);
  return { inventory, sites, live, watched, moment, devices: devices?.devices ?? NONE, problem, reload };
}

/** The incident as it was then: one that ended later was open. */
function asOf(incident: Incident, moment: number): Incident | undefined {
  if (Date.parse(incident.openedAt) > moment) return undefined;
  const endedLater = !isOpen(incident) && Date.parse(incident.updatedAt) > moment;
  return endedLater ? { ...incident, state: 'open' } : incident;
}

/** The site that an address means: `site/branch2`, or any resource, e.g. `node/br2_edge`. */
function siteAt(sites: readonly Site[], resource: string): Site | undefined {
  const names = namesIn(resource).slice(1);
  return (
    sites.find(({ name }) => names.includes(name)) ??
    sites.find(({ devices }) => devices.some(({ name }) => name === names[0]))
  );
}

export default function NetworkScreen({ place }: ScreenProps) {
  const { tenant } = useSession();
  const chosen = Date.parse(place.query.get('at') ?? '');
  const at = Number.isFinite(chosen) ? chosen : undefined;
  const { inventory, sites, devices, live, watched, moment, problem, reload } = useNetwork(at);
  const changing = useChanging(watched.ring);
  const survey = useSurvey(inventory, watched.ring);
  const isLarge = (inventory?.devices.length ?? 0) > FEW;
  const { ask } = survey;
  const look = useCallback(
    (seen: readonly Site[]): void => {
      if (isLarge && at === undefined) ask(edgesOf(seen).slice(0, MOST_SEEN));
    },
    [ask, isLarge, at],
  );
  // Where something is open comes first, without being asked for.
  useEffect(() => look((sites ?? []).filter(({ standing }) => standing !== 'quiet')), [sites, look]);
  const [traced, setTraced] = useState<Traced>();
  const way = WAYS.find((one) => one === place.query.get('view')) ?? 'map';
  const typed = place.query.get('q') ?? '';
  const [first, from = '', to = ''] = place.rest;
  const isPath = first === PATH;
  const resource = isPath ? undefined : first;
  const path = useCallback(
    (rest: readonly string[], more: { readonly [name: string]: string | undefined } = {}): string => {
      return toPath(tenant, 'network', rest, { ...keptOf(place.query), ...more });
    },
    [tenant, place.query],
  );
  const open = useCallback((site: string): void => goTo(path([`site/${site}`])), [path]);
  const close = useCallback((): void => goTo(path([])), [path]);
  const reached = useReach(place.query.get('change') ?? undefined);
  const { reach } = reached;
  const found = useMemo(
    () =>
      (sites ?? []).filter(
        (site) =>
          matches(site, typed) &&
          (reach === undefined ||
            reach.sites.has(site.name) ||
            site.devices.some(({ name }) => reach.devices.has(name))),
      ),
    [sites, typed, reach],
  );
  const selected = resource === undefined || sites === undefined ? undefined : siteAt(sites, resource);
  const layout = useMemo(() => layOut(sites ?? []), [sites]);
  const picture = useMemo(
    () => ({
      sites: sites ?? [],
      layout,
      selected: selected?.name,
      found: typed === '' && reach === undefined ? undefined : new Set(found.map(({ name }) => name)),
      links: live.links,
      up: new Set([...live.tunnels].flatMap(([site, all]) => (all.every(({ state }) => state === 'up') ? [site] : []))),
      path: traced === undefined ? NO_PATH : new Set(traced.hops.flatMap(({ tunnel }) => tunnel ?? [])),
      changing: new Set(
        (sites ?? []).flatMap((one) => (one.devices.some(({ name }) => changing.has(name)) ? [one.name] : [])),
      ),
    }),
    [sites, layout, selected?.name, typed, reach, found, changing, live, traced],
  );

  useKeys(
    TEXT.screens.network,
    useMemo(() => {
      const step = (by: number, among: readonly Site[]) => (): void => {
        const at = among.findIndex(({ name }) => name === selected?.name);
        const next = among[at === -1 ? 0 : (at + by + among.length) % among.length];
        if (next !== undefined) open(next.name);
      };
      const loud = found.filter(({ standing }) => standing !== 'quiet');
      return [
        { keys: 'j', does: text.keyNext, run: step(1, found) },
        { keys: 'k', does: text.keyBefore, run: step(-1, found) },
        { keys: 'n', does: text.keyLoud, run: step(1, loud) },
        { keys: 'p', does: text.keyPath, run: () => goTo(path([PATH])) },
        ...(first === undefined ? [] : [{ keys: 'Escape', does: text.keyClose, run: close }]),
      ];
    }, [found, selected?.name, open, close, first, path]),
  );

  if (sites === undefined || inventory === undefined)
    return problem === undefined ? <Loading /> : <Failure problem={problem} retry={() => void reload()} />;
  if (sites.length === 0)
    return (
      <Empty icon="map" title={text.empty}>
        <p>
          <Words text={text.emptyHint} />
        </p>
      </Empty>
    );
  return (
    <div className={`network ${first === undefined ? '' : 'with-panel'}`}>
      <h1 className="unseen">{TEXT.screens.network}</h1>
      <div className="network-bar">
        <Ways place={place} now={way} />
        <input
          type="text"
          aria-label={text.filter}
          placeholder={text.filter}
          value={typed}
          onChange={(event) =>
            goTo(path(place.rest, { q: event.target.value === '' ? undefined : event.target.value }), { replace: true })
          }
        />
        <Link screen="network" rest={[PATH]} query={Object.fromEntries(place.query)}>
          {text.pathOpen}
        </Link>
        <p className="quiet" role="status">
          {typed === '' ? text.sites(sites.length) : text.shownOf(found.length, sites.length)}
          {typed === '' && ` · ${text.devicesOf(inventory.devices.length)} · ${tellTunnels(live)}`}
        </p>
        {isLarge && (
          <p className="survey quiet">
            <button type="button" disabled={at !== undefined} onClick={() => ask(edgesOf(found), true)}>
              {text.survey(edgesOf(found).length)}
            </button>{' '}
            <span role="status">
              {survey.progress !== undefined && text.surveyed(survey.progress.done, survey.progress.all)}
              {survey.progress?.problem !== undefined && ` · ${survey.progress.problem.message}`}
            </span>
          </p>
        )}
        <TimeSlider
          courses={watched.courses}
          at={at}
          choose={(wanted) =>
            goTo(path(place.rest, { at: wanted === undefined ? undefined : new Date(wanted).toISOString() }), {
              replace: true,
            })
          }
        />
        <ReachNote found={reached} sites={found.length} rest={place.rest} query={keptOf(place.query)} />
        {watched.problem !== undefined && (
          <p className="live-lost" role="alert">
            <Icon name="warning" /> {text.liveLost} {watched.problem.message}
          </p>
        )}
      </div>
      <div className="network-view">
        {found.length === 0 ? (
          <Empty icon="search" title={text.noneFound}>
            <p>{text.noneFoundHint}</p>
          </Empty>
        ) : (
          <>
            {way === 'map' && <NetworkMap picture={picture} open={open} look={look} />}
            {way === 'squares' && <Squares sites={found} selected={selected?.name} query={place.query} />}
            {way === 'list' && <SiteList sites={found} selected={selected?.name} query={place.query} />}
          </>
        )}
      </div>
      <Legend
        sites={sites}
        lines={way === 'map'}
        large={layout.blocks.length > 0}
        changing={picture.changing.size > 0}
      />
      {isPath && (
        <aside className="site-panel" aria-label={text.path}>
          <button type="button" className="close" aria-label={text.close} title={text.close} onClick={close}>
            <Icon name="cross" />
          </button>
          <PathPanel
            {...{ inventory, from, to, at: moment }}
            courses={watched.courses}
            show={setTraced}
            choose={(a, b) => goTo(path([PATH, a === '' ? '-' : a, ...(b === '' ? [] : [b])]))}
          />
        </aside>
      )}
      {resource !== undefined && (
        <aside className="site-panel" aria-label={text.site}>
          <button type="button" className="close" aria-label={text.close} title={text.close} onClick={close}>
            <Icon name="cross" />
          </button>
          {selected === undefined ? (
            <Empty icon="search" title={text.unknown}>
              <p>{text.unknownHint}</p>
            </Empty>
          ) : (
            <SitePanel
              key={selected.name}
              site={selected}
              resource={resource}
              topology={inventory.topology}
              devices={devices}
              changing={changing}
              {...{ live, watched, at: moment, isNow: at === undefined }}
            />
          )}
        </aside>
      )}
    </div>
  );
}

function tellTunnels({ links }: Live): string {
  const all = links.flatMap(({ tunnels }) => tunnels);
  if (all.length === 0) return text.noneHeard;
  return text.tunnelsUp(all.filter(({ state }) => state === 'up').length, all.length);
}
