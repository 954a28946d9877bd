/** Observations of BGP sessions, control connections, OMP peers and virtual gateways. */
import type { Observation, Sighting } from '../observation.ts';
import { NORMAL, told } from '../observation.ts';
import type { Context } from './context.ts';
import { median, portOf, sourceOf } from './context.ts';

/** RFC 4271 §4.5, RFC 4486 §4: the errors that name a cause; any other error only says that a session ended. */
const BGP_ERRORS: { readonly [code: string]: string } = { '2/2': 'bad-as', '6/1': 'max-prefixes' };

function endsOf(one: Sighting): { readonly device: string; readonly peer: string } | undefined {
  const [, a, b] = /^session\/bgp\/(.+?)--(.+)$/.exec(one.resource) ?? [];
  if (a === undefined || b === undefined) return undefined;
  return sourceOf(one) === a ? { device: a, peer: b } : { device: b, peer: a };
}

function readBgp({ of, map }: Context): Observation[] {
  const sessions = (signal: string, feature: string, value: (read: string, like: string) => string): Observation[] =>
    of(signal).flatMap((one) => {
      const ends = endsOf(one);
      return ends === undefined
        ? []
        : [told(one, feature, value(String(one.value), likeOf(ends)), { kind: 'session', ...ends })];
    });
  // Hubs tell each other of the whole network, edges of one site: each is compared with its like.
  const likeOf = ({ device, peer }: { readonly device: string; readonly peer: string }): string =>
    `${map.device(device)?.role} ${map.device(peer)?.role}`;
  const received = new Map<string, number[]>();
  for (const one of of('bgp.prefixes_rx')) {
    const ends = endsOf(one);
    if (ends === undefined) continue;
    const known = received.get(likeOf(ends)) ?? [];
    received.set(likeOf(ends), known);
    known.push(Number(one.value));
  }
  const usual = new Map([...received].map(([like, values]) => [like, median(values)]));
  return [
    ...sessions('bgp.state', 'bgp', (read) => (read === 'established' ? NORMAL : 'down')),
    ...sessions('bgp.last_error', 'bgp-error', (read) => BGP_ERRORS[read] ?? NORMAL),
    ...sessions('bgp.prefixes_rx', 'prefixes', (read, like) =>
      Number(read) > 4 * (usual.get(like) ?? 0) + 20 ? 'flood' : NORMAL,
    ),
  ];
}

function readControl({ of }: Context): Observation[] {
  const connections = of('ctrl.conn').flatMap((one) => {
    const [, controller, device, color] = /^session\/control\/(.+?)--([^:]+):(.+)$/.exec(one.resource) ?? [];
    if (device === undefined || color === 'lte') return [];
    const [, reason] = /\((.*)\)/.exec(String(one.value)) ?? [];
    const value = one.value === 'up' ? NORMAL : `down-${reason ?? 'unknown'}`;
    return [told(one, 'control', value, { kind: 'control' as const, device, color, peer: controller })];
  });
  const peers = of('omp.peer').flatMap((one) => {
    const [, controller, device] = /^session\/omp\/(.+?)--(.+)$/.exec(one.resource) ?? [];
    const value = one.value === 'up' ? NORMAL : String(one.value);
    return device === undefined
      ? []
      : [told(one, 'omp', value, { kind: 'control' as const, device, peer: controller })];
  });
  return [...connections, ...peers];
}

export const readSessions = (context: Context): readonly Observation[] => [
  ...readBgp(context),
  ...readControl(context),
  ...context.of('vrrp.state').flatMap((one) => {
    const at = portOf(one.resource);
    return at === undefined
      ? []
      : [told(one, 'vrrp', one.value === 'initialize' ? 'lost' : NORMAL, { kind: 'port', ...at })];
  }),
];
