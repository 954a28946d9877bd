/** Observations of tunnels, each end for itself: BFD, IPsec, counters, loss, delay. */
import type { Entity, Observation, Sighting } from '../observation.ts';
import { NORMAL, told } from '../observation.ts';
import { readTunnelEnds } from '../tunnel-ends.ts';
import type { Context } from './context.ts';
import { median, sourceOf } from './context.ts';

/** Loss that people notice (percent); voice allows one. */
const LOSS_PCT = 1;
/** Delay above what the best tunnel of the same colours needs (milliseconds, there and back). */
const SLOWER_MS = 15;
const MUCH_SLOWER_MS = 60;
/** Variation that the jitter buffer of a phone must work for (milliseconds). */
const JITTER_MS = 15;
/** Changes of state since boot: a few after an accident, many when it goes on. */
const SOME_TRANSITIONS = 2;
const MANY_TRANSITIONS = 12;

/** The two ends of `tunnel/br2_edge:mpls--hub1_edge:mpls`, the reporting one first. */
export function tunnelEntity({ resource }: Pick<Sighting, 'resource'>, reporter: string): Entity | undefined {
  const [first, second] = readTunnelEnds(resource) ?? [];
  if (first === undefined || second === undefined) return undefined;
  const [near, far] = reporter === second.device ? [second, first] : [first, second];
  return { kind: 'tunnel', device: near.device, color: near.color, peer: far.device, peerColor: far.color };
}

const isLastResort = ({ color, peerColor }: Entity): boolean => color === 'lte' || peerColor === 'lte';

export function readTunnels(context: Context): readonly Observation[] {
  const { of, map } = context;
  const lastResortUp = new Set<string>();
  const entityOf = (one: Sighting): Entity | undefined => {
    const entity = tunnelEntity(one, sourceOf(one));
    if (entity?.device === undefined || map.device(entity.device) === undefined) return undefined;
    // Told by the director, of the device that was asked for: the end is not said; the first named one stands.
    return entity;
  };
  for (const one of of('bfd.state')) {
    const entity = entityOf(one);
    if (entity && isLastResort(entity) && one.value === 'up') lastResortUp.add(one.resource);
  }
  const each = (signal: string, feature: string, value: (read: Sighting, entity: Entity) => string): Observation[] =>
    of(signal).flatMap((one) => {
      const entity = entityOf(one);
      // A last-resort tunnel that is down is idle by design; one that is up says that all else is lost.
      if (entity === undefined || isLastResort(entity)) return [];
      return [told(one, feature, value(one, entity), entity)];
    });
  const isUp = new Map(of('bfd.state').map((one) => [`${one.resource} ${sourceOf(one)}`, one.value === 'up']));
  const alive = (one: Sighting): boolean => isUp.get(`${one.resource} ${sourceOf(one)}`) !== false;
  const best = new Map<string, number>();
  const keyOf = ({ color, peerColor }: Entity): string => `${color} ${peerColor}`;
  for (const one of of('tunnel.latency_ms')) {
    const entity = entityOf(one);
    const read = Number(one.value);
    if (entity === undefined || !alive(one) || read <= 0) continue;
    best.set(keyOf(entity), Math.min(best.get(keyOf(entity)) ?? Number.POSITIVE_INFINITY, read));
  }
  const usualTx = median(of('bfd.tx_interval').map(({ value }) => Number(value)));
  const usualJitter = median(of('tunnel.jitter_ms').map(({ value }) => Number(value)));
  const counter = (least: number) => (one: Sighting) => (Number(one.value) >= least ? 'many' : NORMAL);
  return [
    ...each('bfd.state', 'bfd', ({ value }) => (value === 'up' ? NORMAL : 'down')),
    ...each('ipsec.sa', 'sa', ({ value }) => (value === 'established' ? NORMAL : String(value))),
    ...each('bfd.transitions', 'transitions', ({ value }) => {
      const read = Number(value);
      return read >= MANY_TRANSITIONS ? 'many' : read >= SOME_TRANSITIONS ? 'some' : NORMAL;
    }),
    ...each('bfd.tx_interval', 'bfd-interval', ({ value }) => (Number(value) * 4 < usualTx ? 'short' : NORMAL)),
    ...each('ipsec.replay_drops', 'replay', counter(20)),
    ...each('ipsec.auth_drops', 'auth-drops', counter(20)),
    ...each('tunnel.loss_pct', 'loss', (one) =>
      !alive(one) ? NORMAL : Number(one.value) >= LOSS_PCT ? 'lossy' : NORMAL,
    ),
    ...each('tunnel.latency_ms', 'delay', (one, entity) => {
      const more = alive(one) ? Number(one.value) - (best.get(keyOf(entity)) ?? 0) : 0;
      return more >= MUCH_SLOWER_MS ? 'much' : more >= SLOWER_MS ? 'more' : NORMAL;
    }),
    ...each('tunnel.jitter_ms', 'jitter', (one) =>
      alive(one) && Number(one.value) >= Math.max(JITTER_MS, 3 * usualJitter) ? 'high' : NORMAL,
    ),
    ...of('bfd.state').flatMap((one) => {
      const entity = entityOf(one);
      if (entity === undefined || !isLastResort(entity)) return [];
      return [told(one, 'last-resort', lastResortUp.has(one.resource) ? 'up' : NORMAL, entity)];
    }),
  ];
}
