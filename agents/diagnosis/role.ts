/** How an observed thing relates to the place of a fault, as a short word: the keys of the codebook. */
import type { NetworkMap } from './network-map.ts';
import type { Entity } from './observation.ts';
import type { Place } from './places.ts';

/** `=` the very colour, port, tunnel or application of the fault, `~` another one, nothing where neither says. */
function mark(place: Place, entity: Entity, map: NetworkMap, isFar: boolean): string {
  if (place.application !== undefined && entity.application !== undefined)
    return place.application === entity.application ? '=' : '~';
  if (place.peerColor !== undefined && entity.kind === 'tunnel') {
    const near = entity.device === place.device && entity.color === place.color && entity.peer === place.peer;
    const far = entity.peer === place.device && entity.peerColor === place.color && entity.device === place.peer;
    return near || far ? '=' : '~';
  }
  if (place.peer !== undefined && (entity.kind === 'tunnel' || entity.kind === 'session')) {
    const ends = [entity.device, entity.peer];
    const isPair = ends.includes(place.device) && ends.includes(place.peer);
    return isPair && (place.color === undefined || entity.color === place.color) ? '=' : '~';
  }
  if (place.provider !== undefined && place.device === undefined) {
    const provider = (device = '', color = '') => map.circuitOf(device, color)?.provider;
    if (entity.color === undefined) return '';
    return provider(entity.device, entity.color) === place.provider ||
      (entity.peerColor !== undefined && provider(entity.peer, entity.peerColor) === place.provider)
      ? '='
      : '~';
  }
  if (place.port !== undefined && entity.port !== undefined && entity.device === place.device)
    return entity.port === place.port ? '=' : '~';
  if (place.color !== undefined && entity.color !== undefined)
    return (isFar ? (entity.peerColor ?? entity.color) : entity.color) === place.color ? '=' : '~';
  return '';
}

/** Whether people, or a device that asks for them, are at the other end of a tunnel. */
function isBeyond({ peer, peerColor }: Place, { kind, device, site }: Entity, map: NetworkMap): boolean {
  if (peer === undefined || peerColor === undefined) return false;
  if (kind === 'device') return device === peer;
  return (kind === 'application' || (kind === 'host' && device === undefined)) && site === map.device(peer)?.site;
}

/** Relation of the entity's device, site or host to the place. */
function relation(place: Place, entity: Entity, map: NetworkMap): string {
  if (place.host !== undefined) {
    if (entity.host !== undefined && entity.kind !== 'device') {
      if (entity.host === place.host) return 'self';
      return entity.site === place.site && entity.vrf === place.vrf ? 'lan' : 'other';
    }
    if (entity.kind === 'application') {
      if (entity.application !== undefined && map.serversOf(entity.application).includes(place.host)) return 'served';
      return entity.site === place.site ? 'site' : 'other';
    }
    const site = entity.site ?? (entity.device === undefined ? undefined : map.device(entity.device)?.site);
    return site === place.site ? 'site' : 'other';
  }
  if (place.device === undefined) return 'net';
  if (isBeyond(place, entity, map)) return 'far';
  if (entity.kind === 'application' || entity.kind === 'host') {
    if (entity.site === place.site) return 'self';
    // What the device itself saw of somebody far away.
    return entity.device !== undefined && entity.device === place.device ? 'from' : 'other';
  }
  if (entity.device === place.device) return 'self';
  if (entity.peer === place.device) return 'far';
  return entity.device !== undefined && map.device(entity.device)?.site === place.site ? 'mate' : 'other';
}

/** What kind of work it is that suffers: a fault that takes the servers leaves the web alone. Kinds of traffic, not names of anything. */
const work = (place: Place, { kind, application }: Entity): string =>
  kind === 'application' && application !== undefined && place.application === undefined ? `@${application}` : '';

export function roleOf(place: Place, entity: Entity, map: NetworkMap): string {
  const related = relation(place, entity, map);
  return `${related}${mark(place, entity, map, related === 'far')}${work(place, entity)}`;
}
