/** The network as the map, the squares and the list show it: sites with their devices, and on each what the broker knows of it now. */
import type { Approval, Containment, DeviceView, Incident, InventoryView, Severity } from '../../api/schema.ts';
import type { Live, State } from './courses.ts';

type Device = InventoryView['devices'][number];
type Circuit = InventoryView['topology']['circuits'][number];

/** What is known of a site or device beyond that it exists. */
export interface Marks {
  readonly incidents: readonly Incident[];
  readonly pending: readonly Approval[];
  readonly quarantined: readonly string[];
  readonly contained: readonly Containment[];
}

/** What a square or a node looks like; the worst of its marks. */
export type Standing = Severity | 'quarantine' | 'pending' | 'cut' | 'degraded' | 'quiet';

export interface Site {
  readonly name: string;
  readonly kind: 'hub' | 'controller' | 'branch';
  readonly critical: boolean;
  readonly devices: readonly Device[];
  readonly circuits: readonly Circuit[];
  readonly users: number;
  /** Transports by which it can be reached, e.g. `mpls`. */
  readonly colors: readonly string[];
  readonly marks: Marks;
  /** All that is known, and the worst of it. */
  readonly standings: readonly Standing[];
  readonly standing: Standing;
}

export interface Knowledge {
  readonly inventory: InventoryView;
  readonly incidents: readonly Incident[];
  /** All that the screen asked for; those that wait are marked. */
  readonly approvals: readonly Approval[];
  readonly devices: readonly DeviceView[];
  readonly containments: readonly Containment[];
  /** How the tunnels stood at the moment that is looked at. */
  readonly live: Live;
}

/** The worst first. */
export const STANDINGS: readonly Standing[] = [
  ...(['cut', 'critical', 'major', 'quarantine', 'degraded', 'minor', 'warning', 'pending'] as const),
  ...(['info', 'cleared', 'quiet'] as const),
];

const byName = new Intl.Collator('en', { numeric: true });
export const isOpen = ({ state }: Incident): boolean => state === 'open' || state === 'acknowledged';

/** Names of devices, sites and hosts in a resource: `tunnel/br2_edge:mpls--hub1_edge:mpls` names two devices. */
export const namesIn = (resource: string): readonly string[] => resource.split(/--|[/:]/);

/** Sites in the order people count: hubs and controllers first, `branch2` before `branch10`. */
export function readNetwork(known: Knowledge): readonly Site[] {
  const { devices, topology } = known.inventory;
  const bySite = group(devices, ({ site }) => [site]);
  const circuits = group(topology.circuits, ({ device }) => [device]);
  const hosts = group(topology.hosts, ({ site }) => [site]);
  const siteOf = new Map<string, string>([
    ...topology.hosts.map(({ name, site }) => [name, site] as const),
    ...devices.map(({ name, site }) => [name, site] as const),
    ...[...bySite.keys()].map((site) => [site, site] as const),
  ]);
  const sitesOf = (names: readonly string[]): readonly string[] => [
    ...new Set(names.flatMap((name) => siteOf.get(name) ?? [])),
  ];
  const incidents = group(known.incidents.filter(isOpen), (one) => sitesOf(one.resources.flatMap(namesIn)));
  const pending = group(
    known.approvals.filter(({ status }) => status === 'pending'),
    ({ intent }) => sitesOf(intent.target.devices),
  );
  const contained = group(
    known.containments.filter(({ state }) => state === 'active' || state === 'placing'),
    ({ traces }) => sitesOf(traces.map(({ device }) => device)),
  );
  const held = new Set(known.devices.filter(({ quarantine }) => quarantine.length > 0).map((one) => one.device.name));
  return [...bySite]
    .map(([name, members]) => {
      const lines = members.flatMap((device) => circuits.get(device.name) ?? []);
      const marks: Marks = {
        incidents: incidents.get(name) ?? [],
        pending: pending.get(name) ?? [],
        quarantined: members.flatMap((device) => (held.has(device.name) ? [device.name] : [])),
        contained: contained.get(name) ?? [],
      };
      return {
        name,
        kind: kindOf(members),
        critical: members.some(({ criticality }) => criticality === 'critical'),
        devices: members.toSorted((a, b) => byName.compare(a.name, b.name)),
        circuits: lines,
        users: (hosts.get(name) ?? []).reduce((sum, { users }) => sum + users, 0),
        colors: [...new Set(lines.map(({ color }) => color))].toSorted(),
        marks,
        ...standingsOf(marks, standingOfTunnels(kindOf(members), known.live.tunnels.get(name) ?? [])),
      };
    })
    .toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind] || byName.compare(a.name, b.name));
}

/** By one or several names of each; the order stays. */
function group<T>(all: readonly T[], namesOf: (one: T) => readonly string[]): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    for (const name of namesOf(one)) {
      const members = found.get(name);
      if (members === undefined) found.set(name, [one]);
      else members.push(one);
    }
  }
  return found;
}

const ORDER = { hub: 0, controller: 1, branch: 2 } as const;

function kindOf(members: readonly Device[]): Site['kind'] {
  if (members.some(({ role }) => role === 'hub')) return 'hub';
  return members.every(({ role }) => role === 'controller') ? 'controller' : 'branch';
}

/** One tunnel of a hub that is down is its branch's matter; half of them are the hub's. */
function standingOfTunnels(kind: Site['kind'], tunnels: readonly { readonly state: State }[]): Standing | undefined {
  const down = tunnels.filter(({ state }) => state === 'down').length;
  if (down === 0 || (kind === 'hub' && down * 2 < tunnels.length)) return undefined;
  return down === tunnels.length ? 'cut' : 'degraded';
}

function standingsOf(
  { incidents, pending, quarantined, contained }: Marks,
  tunnels: Standing | undefined,
): Pick<Site, 'standings' | 'standing'> {
  const found: readonly Standing[] = [
    ...(tunnels === undefined ? [] : [tunnels]),
    ...incidents.map(({ severity }) => severity),
    ...(quarantined.length > 0 || contained.length > 0 ? (['quarantine'] as const) : []),
    ...(pending.length > 0 ? (['pending'] as const) : []),
  ];
  const standings: readonly Standing[] = found.length === 0 ? ['quiet'] : [...new Set(found)];
  return { standings, standing: worstOf(standings) };
}

export const worstOf = (standings: readonly Standing[]): Standing =>
  STANDINGS.find((one) => standings.includes(one)) ?? 'quiet';

/** Whether a site is meant by what was typed: its name, a device, an address, a transport or a provider. */
export function matches(site: Site, typed: string): boolean {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return true;
  const words = [
    ...[site.name, site.kind, ...site.standings],
    ...site.devices.flatMap(({ name, systemIp }) => [name, systemIp]),
    ...site.circuits.flatMap(({ color, provider, address }) => [color, provider, address ?? '']),
  ];
  return words.some((word) => word.toLowerCase().includes(wanted));
}
