/** Faults between a user and an application: filters, translation, the state of a firewall. */
import { isDeepStrictEqual } from 'node:util';
import type { NatPool } from '../../protocols/device/config.ts';
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import type { Host } from '../model/network.ts';
import { deviceOf, filterSlip, peopleFilter, slip, undoAll } from './edit.ts';
import { hostsAt, standsBy, type Target, targetInside, targetOutside } from './surroundings.ts';

/** The table of a firewall is filled within so many seconds: faster than it forgets, slow enough to fill it whole. */
const TABLE_SECONDS = 180;
/** The same of a pool of ports, whose mappings last shorter. */
const POOL_SECONDS = 100;
/** What fills up has begun before it hurts: from the onset on it takes so long. */
const HURTS_AFTER_SECONDS = 40;
/** Sessions come from a few hosts. */
const FEW = 3;
/** Ports that are taken out of a pool. */
const TAKEN_PORTS = 1_024;

/** Hosts that open sessions through a device: of these kinds, behind it, while it does not only stand by. */
function openersAt(ground: FaultGround, place: FaultPlace, fits: (host: Host) => boolean): readonly Host[] {
  if (place.device === undefined || standsBy(place.device, ground)) return [];
  return hostsAt(ground, place.tenant, ground.config(place.device).site).filter(fits).slice(0, FEW);
}

const insiders = (ground: FaultGround, place: FaultPlace): readonly Host[] => {
  if (place.device === undefined || ground.config(place.device).firewall === undefined) return [];
  const people = openersAt(ground, place, (host) => host.kind === 'pc');
  return (people.length > 0 ? people : openersAt(ground, place, (host) => host.kind === 'server')).filter(
    (host) => targetInside(host, ground) !== undefined,
  );
};

/** A host opens whole sessions, one after another: `room` of them in so many seconds. */
function openSessions(ground: FaultGround, host: Host, to: Target, room: number, seconds: number): () => void {
  const since = ground.now() - 1_000 * (seconds - HURTS_AFTER_SECONDS);
  const perSecond = Math.ceil(room / seconds);
  return ground.impose({
    kind: 'host-sends',
    tenant: host.tenant,
    host: host.name,
    traffic: { pattern: 'many-sessions', destination: to.address, port: to.port, perSecond, since },
  });
}

/** The first pool of a device that translates a LAN with hosts in it, and one of these hosts. */
function pooled(ground: FaultGround, place: FaultPlace): { readonly pool: NatPool; readonly host: Host } | undefined {
  if (place.device === undefined) return undefined;
  const { breakouts, nat } = ground.config(place.device);
  for (const rule of breakouts) {
    const pool = rule.application === undefined ? nat.find((one) => one.name === rule.nat) : undefined;
    const [host] = openersAt(ground, place, ({ vrf, kind }) => vrf === rule.vrf && kind !== 'access-point');
    if (pool !== undefined && host !== undefined) return { pool, host };
  }
  return undefined;
}

export const applicationFaults: readonly FaultType[] = [
  {
    type: 'acl_blocks_app',
    kinds: ['node'],
    mechanism: 'A new rule on the LAN port drops the port of the application.',
    fits: (place, ground) => peopleFilter(place, ground) !== undefined,
    apply: (ground, place) =>
      filterSlip(ground, deviceOf(place), peopleFilter(place, ground) ?? '', {
        name: 'deny-443',
        action: 'deny',
        protocol: 'tcp',
        destinationPort: 443,
      }),
  },
  {
    type: 'fw_session_table_full',
    kinds: ['node'],
    mechanism: 'A few hosts open more sessions than the firewall has room for: new ones are refused, others live on.',
    graded: true,
    fits: (place, ground) => insiders(ground, place).length > 0,
    apply(ground, place, degree) {
      const hosts = insiders(ground, place);
      const most = ground.config(deviceOf(place)).firewall?.maxSessions ?? 0;
      const room = (degree * most) / hosts.length;
      return undoAll(
        ...hosts.flatMap((host) => {
          const to = targetInside(host, ground);
          return to === undefined ? [] : [openSessions(ground, host, to, room, TABLE_SECONDS)];
        }),
      );
    },
  },
  {
    type: 'snat_port_exhaustion',
    kinds: ['node'],
    mechanism: 'The guests open more flows to one popular destination than their pool has source ports.',
    graded: true,
    fits: (place, ground) => pooled(ground, place) !== undefined && targetOutside(ground) !== undefined,
    apply(ground, place, degree) {
      const found = pooled(ground, place);
      const to = targetOutside(ground);
      if (found === undefined || to === undefined) return () => undefined;
      const ports = found.pool.addresses * found.pool.portsPerAddress;
      return openSessions(ground, found.host, to, degree * ports, POOL_SECONDS);
    },
  },
  {
    type: 'nat_mapping_removed',
    kinds: ['node'],
    mechanism: 'Ports were taken out of a live pool without draining it, which throws all its mappings away.',
    fits: (place, ground) => place.device !== undefined && ground.config(place.device).nat.length > 0,
    apply(ground, place) {
      const ref = deviceOf(place);
      const good = pooled(ground, place)?.pool ?? ground.config(ref).nat[0];
      if (good === undefined) return () => undefined;
      const wrong = {
        ...good,
        portsPerAddress: good.portsPerAddress - Math.min(TAKEN_PORTS, good.portsPerAddress / 2),
      };
      const put = (pool: NatPool, nat: readonly NatPool[]) => nat.map((one) => (one.name === pool.name ? pool : one));
      return slip(
        ground,
        ref,
        (running) => ({ ...running, nat: put(wrong, running.nat) }),
        (running) => {
          const now = running.nat.find((one) => one.name === good.name);
          return isDeepStrictEqual(now, wrong) ? { ...running, nat: put(good, running.nat) } : undefined;
        },
      );
    },
  },
];
