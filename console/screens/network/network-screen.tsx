/** Network: the sites as a map, as squares or as a list, marked with what is open, and a panel of the one at hand. */
import { useCallback, useMemo } from 'react';
import { useSession } from '../../api/session-context.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Icon } from '../../parts/icon.tsx';
import { Empty, Failure, Loading } from '../../parts/notice.tsx';
import { useKeys } from '../../shell/keys.ts';
import { Link } from '../../shell/link.tsx';
import type { Place } from '../../shell/route.ts';
import { goTo, toPath } from '../../shell/route.ts';
import type { ScreenProps } from '../../shell/screens.ts';
import { TEXT } from '../../text.ts';
import { layOut } from './lay-out.ts';
import { Legend } from './legend.tsx';
import { NetworkMap } from './map.tsx';
import { matches, namesIn, readNetwork, type Site } from './read-network.ts';
import { SiteList } from './site-list.tsx';
import { SitePanel } from './site-panel.tsx';
import { Squares } from './squares.tsx';
import { useChanging } from './use-changing.ts';
import './network.css';

const text = TEXT.network;
const INVENTORY_MS = 60_000;
const MARKS_MS = 5_000;
const WAYS = ['map', 'squares', 'list'] as const;
const NONE: readonly never[] = [];

function useNetwork() {
  const { data: inventory, problem, reload } = useAnswer('/api/inventory', {}, { every: INVENTORY_MS });
  const { data: incidents } = useAnswer('/api/incidents', {}, { every: MARKS_MS });
  const { data: approvals } = useAnswer('/api/approvals', { status: 'pending' }, { every: MARKS_MS });
  const { data: devices } = useAnswer('/api/devices', {}, { every: INVENTORY_MS });
  const { data: containments } = useAnswer('/api/containments', {}, { every: MARKS_MS });
  const sites = useMemo(
    () =>
      inventory === undefined
        ? undefined
        : readNetwork({
            inventory,
            incidents: incidents?.incidents ?? NONE,
            approvals: approvals?.approvals ?? NONE,
            devices: devices?.devices ?? NONE,
            containments: containments?.containments ?? NONE,
          }),
    [inventory, incidents, approvals, devices, containments],
  );
  return { inventory, sites, devices: devices?.devices ?? NONE, problem, reload };
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
  const { inventory, sites, devices, problem, reload } = useNetwork();
  const changing = useChanging();
  const way = WAYS.find((one) => one === place.query.get('view')) ?? 'map';
  const typed = place.query.get('q') ?? '';
  const [resource] = place.rest;
  const path = useCallback(
    (rest: readonly string[], more: { readonly [name: string]: string | undefined } = {}): string => {
      const kept = { view: place.query.get('view') ?? undefined, q: place.query.get('q') ?? undefined };
      return toPath(tenant, 'network', rest, { ...kept, ...more });
    },
    [tenant, place.query],
  );
  const open = useCallback((site: string): void => goTo(path([`site/${site}`])), [path]);
  const close = useCallback((): void => goTo(path([])), [path]);
  const found = useMemo(() => (sites ?? []).filter((site) => matches(site, typed)), [sites, typed]);
  const selected = resource === undefined || sites === undefined ? undefined : siteAt(sites, resource);
  const layout = useMemo(() => layOut(sites ?? []), [sites]);
  const picture = useMemo(
    () => ({
      sites: sites ?? [],
      layout,
      selected: selected?.name,
      found: typed === '' ? undefined : new Set(found.map(({ name }) => name)),
      changing: new Set(
        (sites ?? []).flatMap((one) => (one.devices.some(({ name }) => changing.has(name)) ? [one.name] : [])),
      ),
    }),
    [sites, layout, selected?.name, typed, found, changing],
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
        ...(resource === undefined ? [] : [{ keys: 'Escape', does: text.keyClose, run: close }]),
      ];
    }, [found, selected?.name, open, close, resource]),
  );

  if (sites === undefined || inventory === undefined)
    return problem === undefined ? <Loading /> : <Failure problem={problem} retry={() => void reload()} />;
  if (sites.length === 0)
    return (
      <Empty icon="map" title={text.empty}>
        <p>{text.emptyHint}</p>
      </Empty>
    );
  return (
    <div className={`network ${resource === undefined ? '' : 'with-panel'}`}>
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
        <p className="quiet" role="status">
          {typed === '' ? text.sites(sites.length) : text.shownOf(found.length, sites.length)}
          {typed === '' && ` · ${text.devicesOf(inventory.devices.length)}`}
        </p>
      </div>
      <div className="network-view">
        {found.length === 0 ? (
          <Empty icon="search" title={text.noneFound}>
            <p>{text.noneFoundHint}</p>
          </Empty>
        ) : (
          <>
            {way === 'map' && <NetworkMap picture={picture} open={open} />}
            {way === 'squares' && <Squares sites={found} selected={selected?.name} query={place.query} />}
            {way === 'list' && <SiteList sites={found} selected={selected?.name} query={place.query} />}
          </>
        )}
      </div>
      <Legend sites={sites} lines={way === 'map'} changing={picture.changing.size > 0} />
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
            />
          )}
        </aside>
      )}
    </div>
  );
}

function Ways({ place, now }: { readonly place: Place; readonly now: (typeof WAYS)[number] }) {
  const q = place.query.get('q') ?? undefined;
  return (
    <nav className="switch" aria-label={text.ways}>
      {WAYS.map((one) => (
        <Link
          key={one}
          screen="network"
          rest={place.rest}
          query={{ view: one === 'map' ? undefined : one, q }}
          aria-current={one === now ? 'page' : undefined}
        >
          {text[one]}
        </Link>
      ))}
    </nav>
  );
}
