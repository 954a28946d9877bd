/**
 * Where trouble sits that has no name: the thing that most of what is wrong hangs on, and least of what is well. It needs
 * no codebook, only the dependency graph: a provider carries its tunnels, a circuit its own, a device all of its site.
 */
import type { Case } from './case.ts';
import type { Unexplained } from './fit.ts';
import type { NetworkMap } from './network-map.ts';
import type { Entity, Observation } from './observation.ts';
import { type Place, placeOf } from './places.ts';
import { roleOf } from './role.ts';

export interface Located {
  readonly place: Place;
  /** Worth of what hangs on it (nats). */
  readonly nats: number;
  readonly covered: readonly Unexplained[];
}

/** What is well of the same kind and hangs on the same thing counts so much against it (nats). */
const WELL = 4;
/** Less than this is an accident (nats). */
const LEAST = 7;
/** Things named at most. */
const MAX_LOCATED = 2;

/** Resources that an observed thing hangs on, the smallest first. */
function bearersOf({ map }: Case, resource: string, entity: Entity): string[] {
  const { device, port, color, peer, peerColor, host, application, policy } = entity;
  const circuit = (of: string | undefined, by: string | undefined) => {
    const found = of === undefined || by === undefined ? undefined : map.circuitOf(of, by);
    const name = found && `circuit/${map.device(found.device)?.site}/${found.color}`;
    return found === undefined || name === undefined ? [] : [name, `node/${found.provider}`];
  };
  const node = (of: string | undefined) => (of === undefined || map.device(of) === undefined ? [] : [`node/${of}`]);
  return [
    // A configuration is told of by its device; a policy in it is the smaller thing.
    ...(device !== undefined && policy !== undefined ? [`policy/${device}/${policy}`] : []),
    resource,
    ...(device !== undefined && port !== undefined ? [`interface/${device}/${port}`] : []),
    ...circuit(device, color),
    ...circuit(peer, peerColor ?? color),
    ...[...(host === undefined ? [] : [host]), ...(application === undefined ? [] : map.serversOf(application))].map(
      (name) => `host/${name}`,
    ),
    ...node(device),
    ...node(peer),
  ];
}

/** What a host does of its own accord; its router carries it, and is no seat of it. */
const OWN: ReadonlySet<string> = new Set(['traffic=flood', 'traffic=scan']);
const isOwn = ({ feature, value }: Observation): boolean =>
  feature === 'rhythm' || feature === 'server' || OWN.has(`${feature}=${value}`);

/** Whether what was observed hangs on the place. */
const bears = (map: NetworkMap, place: Place, observation: Observation): boolean =>
  (place.host !== undefined || !isOwn(observation)) && hangsOn(map, place, observation.entity);

/** Whether the thing hangs on the place: on the very port, colour, policy or tunnel where the place is one. */
export function hangsOn(map: NetworkMap, place: Place, entity: Entity): boolean {
  if (place.policy !== undefined && entity.policy !== undefined && entity.policy !== place.policy) return false;
  const role = roleOf(place, entity, map);
  const isPart = place.port !== undefined || place.color !== undefined || place.peer !== undefined;
  if (isPart || (place.device === undefined && place.host === undefined)) return /^(self|far|net)=(@|$)/.test(role);
  return /^(self|far|served)=?(@|$)/.test(role);
}

/** The likeliest seats of what is wrong, the most telling first. */
export function localise(one: Case, wrong: readonly Unexplained[]): readonly Located[] {
  const found: Located[] = [];
  let left = wrong;
  while (found.length < MAX_LOCATED) {
    const names = new Set(left.flatMap(({ observation: { resource, entity } }) => bearersOf(one, resource, entity)));
    const features = new Set(left.map(({ observation }) => observation.feature));
    const well = one.items.filter(({ isNormal, observation }) => isNormal && features.has(observation.feature));
    const [best] = [...names]
      .flatMap((name) => placeOf(one.map, name) ?? [])
      .map((place) => {
        const covered = left.filter(({ observation }) => bears(one.map, place, observation));
        const against = well.filter(({ observation }) => bears(one.map, place, observation));
        const nats = covered.reduce((sum, each) => sum + each.nats, 0);
        return { place, covered, nats, rest: nats - WELL * against.reduce((sum, { weight }) => sum + weight, 0) };
      })
      .filter(({ nats }) => nats >= LEAST)
      .sort((a, b) => b.rest - a.rest);
    if (best === undefined) break;
    found.push(best);
    left = left.filter((each) => !best.covered.includes(each));
  }
  return found;
}
