/** Which of the causes concern what a question names: its devices, their sites and circuits, the application, or anything on them that a cause shows. */
import type { Explained } from './explain.ts';
import type { NetworkMap } from './network-map.ts';
import type { Observation } from './observation.ts';
import type { Place } from './places.ts';
import type { Question } from './run-diagnosis.ts';

/** Says of a cause, and of an observation, whether it concerns the question; all do when it names nothing. */
export interface Concern {
  cause(one: Explained): boolean;
  thing(one: Observation): boolean;
}

export function concernOf(map: NetworkMap, { devices = [], service }: Question): Concern {
  const named = new Set(devices.filter((name) => map.device(name) !== undefined));
  if (named.size === 0) return { cause: () => true, thing: () => true };
  const sites = new Set([...named].map((name) => map.device(name)?.site));
  const providers = new Set(
    map.inventory.circuits.filter(({ device }) => named.has(device)).map(({ provider }) => provider),
  );
  const servers = new Set(service === undefined ? [] : map.serversOf(service));
  const thing = ({ entity: { device, peer, site, host } }: Observation): boolean =>
    (device !== undefined && named.has(device)) ||
    (peer !== undefined && named.has(peer)) ||
    (device === undefined && site !== undefined && sites.has(site)) ||
    (host !== undefined && servers.has(host));
  /** What a controller prescribes holds at every site, for the application that it is about. */
  const prescribed = ({ kind, device, application }: Place): boolean =>
    kind.startsWith('policy') &&
    device !== undefined &&
    map.device(device)?.role === 'controller' &&
    (application === undefined || service === undefined || application === service);
  return {
    thing,
    cause: ({ place, shown }) =>
      prescribed(place) ||
      (place.device !== undefined && named.has(place.device)) ||
      (place.peer !== undefined && named.has(place.peer)) ||
      (place.host !== undefined && (servers.has(place.host) || sites.has(place.site))) ||
      (place.device === undefined && place.provider !== undefined && providers.has(place.provider)) ||
      shown.some(thing),
  };
}
