/**
 * Maps resources of the reference network to a network that may lack them: the one rule that replays of any size and of
 * foreign topologies share. A name that is there stays; otherwise each branch and hub of the case stands for a site of
 * the same role, counted around, preferably one that has what the case's own site has (second edge, cellular, router).
 */
import { bgpSessionName, tunnelName } from '../../protocols/device/names.ts';
import { ModelError, type Network, type Topology } from '../../simulators/model/network.ts';

/** A site of the network that is played. */
interface Site {
  readonly name: string;
  readonly hub: boolean;
  readonly devices: readonly string[];
  readonly features: ReadonlySet<Feature>;
}

type Feature = 'second-edge' | 'cellular' | 'lan-router';

/** What some branches of the reference network have and others lack. */
const FEATURES: Readonly<Record<string, readonly Feature[]>> = {
  br3: ['cellular'],
  br4: ['second-edge', 'cellular', 'lan-router'],
};

const YEAR_MS = 366 * 86_400_000;

const COLORS: Readonly<Record<string, string>> = { isp1_core: 'mpls', isp2_core: 'biz-internet', isp3_core: 'lte' };
const PORTS: Readonly<Record<string, string>> = { 'ge0/0': 'mpls', 'ge0/1': 'biz-internet', cell0: 'lte' };

/** What must be at a place: the name and, for a fault, its type. */
export interface Wanted {
  readonly resource: string;
  readonly type?: string;
}

export interface Placement {
  /** The name in the network that is played; a name that means nothing there stays as it is. */
  rename(name: string): string;
  /** A text with the sites it names renamed. */
  retell(text: string): string;
}

/** Finds places for all that is wanted, or says why there are none. */
export function placeCase(network: Network, tenant: string, wanted: readonly Wanted[]): Placement | string {
  const topology = network.topology();
  const sites = sitesOf(topology, tenant);
  const fits = ({ resource, type }: Wanted): boolean =>
    type === undefined ? exists(topology, tenant, resource) : bears(network, tenant, type, resource);
  if (wanted.every(fits)) return { rename: (name) => name, retell: (text) => text };
  const own = [...new Set(wanted.flatMap(({ resource }) => resource.match(SITE) ?? []))];
  const choices = own.map((site) => candidatesFor(site, sites));
  const empty = own.find((_, at) => choices[at]?.length === 0);
  if (empty !== undefined) return `the network has no ${empty.startsWith('hub') ? 'hub' : 'branch'}`;
  let missing: Wanted | undefined;
  for (const chosen of combine(choices)) {
    const renames = new Map(own.map((site, at) => [site, chosen[at] as Site]));
    const rename = (name: string): string => renameIn(topology, tenant, renames, name);
    const lacking = wanted.find(({ resource, ...rest }) => !fits({ ...rest, resource: rename(resource) }));
    missing ??= lacking;
    if (lacking === undefined) return { rename, retell: (text) => retell(renames, text) };
  }
  const { resource, type } = missing ?? { resource: 'the case' };
  return `the network has nothing of the role of ${resource}${type === undefined ? '' : ` that can bear ${type}`}`;
}

const SITE = /(?<![a-z0-9])(?:br|hub)\d+/g;

function sitesOf(topology: Topology, tenant: string): readonly Site[] {
  const devices = topology.devices.filter((one) => one.tenant === tenant && one.config.role !== 'controller');
  return [...new Set(devices.map(({ config }) => config.site))].map((name) => {
    const here = devices.filter(({ config }) => config.site === name);
    const cellular = topology.circuits.some(
      (one) => one.color === 'lte' && here.some(({ device }) => device === one.device),
    );
    const router = topology.lanRouters.some((one) => one.tenant === tenant && one.site === name);
    return {
      name,
      hub: here.some(({ config }) => config.role === 'hub'),
      devices: here.map(({ device }) => device),
      features: new Set<Feature>([
        ...(here.length > 1 ? (['second-edge'] as const) : []),
        ...(cellular ? (['cellular'] as const) : []),
        ...(router ? (['lan-router'] as const) : []),
      ]),
    };
  });
}

/** Sites of the same role: those that lack nothing first, then counted around from the site's own number. */
function candidatesFor(site: string, sites: readonly Site[]): readonly Site[] {
  const peers = sites.filter(({ hub }) => hub === site.startsWith('hub'));
  const start = Number(/\d+$/.exec(site)?.[0] ?? 1) - 1;
  const wanted = FEATURES[site] ?? [];
  const around = peers.map((_, at) => peers[(start + at) % peers.length] as Site);
  const lacks = ({ features }: Site): number => wanted.filter((feature) => !features.has(feature)).length;
  return around.toSorted((a, b) => lacks(a) - lacks(b));
}

/** Most combinations that are tried: two sites of a network with a thousand branches have a million. */
const MAX_TRIES = 400;

/** Every choice of one site each, no site twice, nearest first. */
function* combine(choices: readonly (readonly Site[])[]): Generator<readonly Site[]> {
  let tries = 0;
  function* extend(chosen: readonly Site[]): Generator<readonly Site[]> {
    const options = choices[chosen.length];
    if (options === undefined) {
      tries += 1;
      yield chosen;
      return;
    }
    for (const site of options) {
      if (tries >= MAX_TRIES) return;
      if (!chosen.includes(site)) yield* extend([...chosen, site]);
    }
  }
  yield* extend([]);
}

/** The name with sites, devices, hosts, ports and providers of the reference network replaced by their counterparts. */
function renameIn(topology: Topology, tenant: string, sites: ReadonlyMap<string, Site>, name: string): string {
  const circuits = topology.circuits.filter((one) => one.tenant === tenant);
  const moved = name.replace(/(?<![a-z0-9])((?:br|hub)\d+)(_[a-z0-9_]+)?/g, (whole, own: string, rest?: string) => {
    const site = sites.get(own);
    if (site === undefined) return whole;
    if (rest === undefined) return site.name;
    if (rest === '_edge') return site.devices[0] ?? whole;
    if (rest === '_edge_b') return site.devices[1] ?? whole;
    return `${site.name}${rest}`;
  });
  const ported = moved.replace(
    /^(interface\/|link\/)([^/:]+)([/:])(ge0\/[01]|cell0)(?=--|$)/,
    (whole, kind, device, mark, port) => {
      const color = PORTS[port];
      const circuit = circuits.find((one) => one.device === device && one.color === color);
      return circuit === undefined ? whole : `${kind}${device}${mark}${circuit.interface}`;
    },
  );
  const provided = ported.replace(/isp[123]_core/, (own) => {
    const device = /^link\/([^:]+):/.exec(ported)?.[1];
    const found = circuits.find((one) => one.color === COLORS[own] && (device === undefined || one.device === device));
    return found?.provider ?? own;
  });
  const tunnel = /^tunnel\/([^:]+):([^:]+?)--([^:]+):([^:]+)$/.exec(provided);
  if (tunnel !== null) return tunnelName(tunnel[1] ?? '', tunnel[2] ?? '', tunnel[3] ?? '', tunnel[4] ?? '');
  const session = /^session\/bgp\/(.+?)--(.+)$/.exec(provided);
  return session === null ? provided : bgpSessionName(session[1] ?? '', session[2] ?? '');
}

/** `branch 2` and `br2` in a question become the site that stands for it. */
function retell(sites: ReadonlyMap<string, Site>, text: string): string {
  return text.replace(/\b(branch|br|hub) ?(\d+)\b/gi, (whole, kind: string, number: string) => {
    const own = `${kind.toLowerCase() === 'hub' ? 'hub' : 'br'}${number}`;
    const site = sites.get(own);
    if (site === undefined || site.name === own) return whole;
    const other = /^br(\d+)$/.exec(site.name)?.[1];
    return other === undefined ? site.name : `branch ${other}`;
  });
}

function exists(topology: Topology, tenant: string, resource: string): boolean {
  const [kind, rest = ''] = resource.split(/\/(.*)/s);
  if (kind === 'node') return topology.devices.some((one) => one.tenant === tenant && one.device === rest);
  if (kind === 'host') return topology.hosts.some((one) => one.tenant === tenant && one.name === rest);
  return true;
}

/** A fault that would begin in a year, and is taken back: the network itself says whether the place can bear it. */
function bears(network: Network, tenant: string, type: string, resource: string): boolean {
  try {
    network.clear(network.inject({ tenant, type, resource, startAt: network.now() + YEAR_MS }));
    return true;
  } catch (error) {
    if (error instanceof ModelError && error.code !== 'FAULT_TYPE_UNKNOWN') return false;
    throw error;
  }
}
