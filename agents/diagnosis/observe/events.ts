/** Observations of events of the last hours: which kind, of what, how often; and of the records that people keep. */
import { z } from 'zod';
import { parseJson } from '../../inventory.ts';
import type { Entity, Observation, Sighting } from '../observation.ts';
import { told } from '../observation.ts';
import { placeOf } from '../places.ts';
import type { Context } from './context.ts';
import { nameOf, portOf } from './context.ts';
import { tunnelEntity } from './tunnels.ts';

/** How far back events count as being of the matter at hand (milliseconds). */
const RECENT_MS = 2 * 3_600_000;
/** The same thing again and again. */
const OFTEN = 4;

/** Events that say something of their own; what only repeats a state that is read is left out. */
const TELLING: { readonly [name: string]: string } = {
  'trap.linkDown': 'link',
  'trap.ctrl_auth_fail': 'auth-fail',
  'trap.tloc_ip_change': 'address-moved',
  'trap.ipsec_rekey': 'rekey',
  'trap.process_restart': 'restart',
  'trap.memory': 'memory',
  'trap.coldStart': 'cold-start',
  'trap.cert_expired': 'certificate',
  'trap.zbf_table_full': 'table-full',
  'trap.zbf_half_open': 'half-open',
  'trap.pseudo_commit': 'push',
  'trap.dhcp_server': 'dhcp',
  'trap.interface_bw': 'line-full',
  'trap.ospf_neighbor': 'ospf',
  'trap.aaa_login_fail': 'login-fail',
};

/** What an announcement is about. */
export function entityOf({ map }: Pick<Context, 'map'>, { resource }: Pick<Sighting, 'resource'>): Entity | undefined {
  const at = portOf(resource);
  if (at !== undefined) {
    return { kind: 'port', ...at, color: map.circuitAt(at.device, at.port)?.color, site: map.device(at.device)?.site };
  }
  const tunnel = tunnelEntity({ resource }, '');
  if (tunnel !== undefined) return tunnel;
  const [, controller, device, color] = /^session\/control\/(.+?)--([^:]+):(.+)$/.exec(resource) ?? [];
  if (device !== undefined) return { kind: 'control', device, color, peer: controller };
  const place = placeOf(map, resource);
  if (place?.device === undefined) return undefined;
  return { kind: 'device', device: place.device, policy: place.policy, site: place.site };
}

function readEvents(context: Context): Observation[] {
  const groups = new Map<string, Sighting[]>();
  for (const one of context.of(...Object.keys(TELLING))) {
    if (Date.parse(one.observedAt) < context.now - RECENT_MS) continue;
    const key = `${one.signal} ${one.resource}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const telling = [...groups.values()].flatMap((events) => {
    const [first] = events;
    const entity = first && entityOf(context, first);
    if (first === undefined || entity === undefined) return [];
    const value = `${TELLING[first.signal]}${events.length >= OFTEN ? '-often' : ''}`;
    return [{ ...told(first, 'event', value, entity), evidence: events.map(({ id }) => id) }];
  });
  const commits = context
    .of('trap.system_commit')
    .filter(({ observedAt }) => Date.parse(observedAt) >= context.now - RECENT_MS)
    .flatMap((one) => {
      const entity = entityOf(context, one);
      const value = /software/.test(String(one.value)) ? 'upgrade' : 'commit';
      return entity === undefined ? [] : [told(one, 'event', value, entity)];
    });
  return [...telling, ...new Map(commits.map((one) => [`${one.value} ${one.resource}`, one])).values()];
}

const span = z.object({ from: z.string(), until: z.string() });

/** Windows and tickets that hold now, or did of late. */
function readRecords(context: Context): Observation[] {
  const { of, map, now } = context;
  return [...of('change.window'), ...of('change.ticket')].flatMap((one) => {
    const parsed = span.safeParse(parseJson(one.value));
    const place = placeOf(map, one.resource);
    if (!parsed.success || place === undefined) return [];
    const from = Date.parse(parsed.data.from);
    const until = Date.parse(parsed.data.until);
    if (from > now || until < now - 12 * RECENT_MS) return [];
    const what = one.signal === 'change.window' ? 'window' : 'ticket';
    const entity: Entity =
      place.host === undefined
        ? { kind: 'device', device: place.device, site: place.site }
        : { kind: 'host', host: place.host, site: place.site, vrf: place.vrf };
    return [told(one, 'record', `${what}${until >= now ? '' : '-over'}`, entity)];
  });
}

/** Sources that somebody wrote down; by role. */
function readKnown({ of, map }: Context): Observation[] {
  return of('list.known_source').flatMap((one) => {
    const host = map.hostAt(nameOf(one.resource));
    const role = /"role":"([\w-]+)"/.exec(String(one.value))?.[1];
    const entity: Entity = { kind: 'host', host: host?.name, site: host?.site, vrf: host?.vrf };
    return role === undefined ? [] : [told(one, 'known', role, entity)];
  });
}

export const readHappenings = (context: Context): readonly Observation[] => [
  ...readEvents(context),
  ...readRecords(context),
  ...readKnown(context),
];
