/** Faults between a user and an application: filters, translation, the state of a firewall. */
import type { NatPool } from '../../protocols/device/config.ts';
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import type { Host } from '../model/network.ts';
import { deviceOf, filterSlip, slip } from './edit.ts';

/** The table of a firewall is filled within so many seconds. */
const FILL_SECONDS = 100;
/** Source ports that are left of a pool after the slip. */
const FEW_PORTS = 16;

/** Hosts behind a device that open sessions: a few people, or servers. */
function busyHosts(ground: FaultGround, place: FaultPlace): readonly Host[] {
  if (place.device === undefined) return [];
  const { site } = ground.config(place.device);
  const here = ground.topology.hosts.filter((one) => one.tenant === place.tenant && one.site === site);
  const people = here.filter((one) => one.kind === 'pc');
  return (people.length > 0 ? people : here.filter((one) => one.kind === 'server')).slice(0, 2);
}

const server = (ground: FaultGround, place: FaultPlace): Host | undefined =>
  ground.topology.hosts.find((one) => one.tenant === place.tenant && one.services.some((each) => each.name === 'erp'));

/** Changes one pool; undoing puts it back while it is still as it was left. */
function poolSlip(ground: FaultGround, place: FaultPlace, edit: (pool: NatPool) => NatPool): () => void {
  const ref = deviceOf(place);
  const good = ground.config(ref).nat[0];
  if (good === undefined) return () => undefined;
  const wrong = edit(good);
  const put = (pool: NatPool) => (nat: readonly NatPool[]) => nat.map((one) => (one.name === pool.name ? pool : one));
  return slip(
    ground,
    ref,
    (running) => ({ ...running, nat: put(wrong)(running.nat) }),
    (running) =>
      JSON.stringify(running.nat.find((one) => one.name === good.name)) === JSON.stringify(wrong)
        ? { ...running, nat: put(good)(running.nat) }
        : undefined,
  );
}

const translates = (place: FaultPlace, ground: FaultGround): boolean =>
  place.device !== undefined && ground.config(place.device).nat.length > 0;

export const applicationFaults: readonly FaultType[] = [
  {
    type: 'acl_blocks_app',
    kinds: ['node'],
    mechanism: 'A new rule on the LAN port drops the port of the application.',
    fits: (place, ground) =>
      place.device !== undefined &&
      ground.config(place.device).interfaces.some((port) => port.vrf === 10 && port.accessListIn !== undefined),
    apply: (ground, place) => {
      const ref = deviceOf(place);
      const list = ground.config(ref).interfaces.find((port) => port.vrf === 10)?.accessListIn ?? '';
      return filterSlip(ground, ref, list, {
        name: 'deny-443',
        action: 'deny',
        protocol: 'tcp',
        destinationPort: 443,
      });
    },
  },
  {
    type: 'fw_session_table_full',
    kinds: ['node'],
    mechanism: 'A few hosts open more sessions than the firewall has room for: new ones are refused, others live on.',
    graded: true,
    fits: (place, ground) =>
      place.device !== undefined &&
      ground.config(place.device).firewall !== undefined &&
      busyHosts(ground, place).length > 0,
    apply(ground, place, degree) {
      const hosts = busyHosts(ground, place);
      const most = ground.config(deviceOf(place)).firewall?.maxSessions ?? 0;
      const goal = server(ground, place)?.address ?? '';
      const undo = hosts.map((host) =>
        ground.impose({
          kind: 'host-sends',
          tenant: host.tenant,
          host: host.name,
          traffic: {
            pattern: 'many-sessions',
            destination: goal,
            port: 443,
            perSecond: Math.ceil((degree * most) / FILL_SECONDS / hosts.length),
            since: ground.now(),
          },
        }),
      );
      return () => {
        for (const one of undo) one();
      };
    },
  },
  {
    type: 'snat_port_exhaustion',
    kinds: ['node'],
    mechanism: 'The pool of the guests has too few source ports for the flows that go to one popular destination.',
    fits: translates,
    apply: (ground, place) => poolSlip(ground, place, (pool) => ({ ...pool, portsPerAddress: FEW_PORTS })),
  },
  {
    type: 'nat_mapping_removed',
    kinds: ['node'],
    mechanism: 'The port range of a live pool was changed without draining it, which throws its mappings away.',
    fits: translates,
    apply: (ground, place) =>
      poolSlip(ground, place, (pool) => ({ ...pool, portsPerAddress: pool.portsPerAddress - 1_024 })),
  },
];
