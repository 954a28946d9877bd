/** Faults of the overlay's routing. */
import type { BgpConfig, DeviceConfig, StaticRoute } from '../../protocols/device/config.ts';
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import type { DeviceRef } from '../model/network.ts';
import { deviceOf, filterSlip, isRouter, slip } from './edit.ts';

const CORP_VRF = 10;
/** How many parts of the corp LAN a careless redistribution announces: above every neighbour's limit. */
const LEAKED_PREFIXES = 60;

const withBgp = (running: DeviceConfig, edit: (bgp: BgpConfig) => BgpConfig): DeviceConfig =>
  running.bgp === undefined ? running : { ...running, bgp: edit(running.bgp) };

/** Commits a change of the BGP section; undoing puts one leaf back while it still has the wrong value. */
function bgpSlip<Key extends 'localAs' | 'exports'>(
  ground: FaultGround,
  ref: DeviceRef,
  key: Key,
  wrong: BgpConfig[Key],
): () => void {
  const good = ground.config(ref).bgp?.[key];
  const set = (value: BgpConfig[Key]) => (running: DeviceConfig) =>
    withBgp(running, (bgp) => ({ ...bgp, [key]: value }));
  return slip(ground, ref, set(wrong), (running) =>
    good !== undefined && running.bgp?.[key] === wrong ? set(good)(running) : undefined,
  );
}

/** Takes networks out of, and puts networks into, what a device originates. */
function networkSlip(
  ground: FaultGround,
  ref: DeviceRef,
  { drop = [], add = [] }: { readonly drop?: readonly string[]; readonly add?: readonly string[] },
): () => void {
  const order = ground.config(ref).bgp?.networks ?? [];
  const rank = (network: string): number => (order.includes(network) ? order.indexOf(network) : order.length);
  const edit = (out: readonly string[], into: readonly string[]) => (running: DeviceConfig) =>
    withBgp(running, (bgp) => ({
      ...bgp,
      // What comes back comes back to its old place.
      networks: [...bgp.networks.filter((one) => !out.includes(one) && !into.includes(one)), ...into].toSorted(
        (a, b) => rank(a) - rank(b),
      ),
    }));
  return slip(ground, ref, edit(drop, add), (running) => {
    const networks = running.bgp?.networks ?? [];
    const changed = add.some((one) => networks.includes(one)) || drop.some((one) => !networks.includes(one));
    return changed ? edit(add, drop)(running) : undefined;
  });
}

const sameRoute = (a: StaticRoute) => (b: StaticRoute) =>
  a.vrf === b.vrf && a.prefix === b.prefix && a.nextHop === b.nextHop;

/** Commits one static route; undoing takes exactly this one out again. */
function staticSlip(ground: FaultGround, ref: DeviceRef, route: StaticRoute): () => void {
  const is = sameRoute(route);
  return slip(
    ground,
    ref,
    (running) => ({ ...running, staticRoutes: [...running.staticRoutes.filter((one) => !is(one)), route] }),
    (running) =>
      running.staticRoutes.some(is)
        ? { ...running, staticRoutes: running.staticRoutes.filter((one) => !is(one)) }
        : undefined,
  );
}

/** The corp LAN of another site, the second branch before any other: what somebody would reach from here. */
function remoteLan(ground: FaultGround, { device }: FaultPlace): string | undefined {
  const others = ground.topology.devices.filter(
    (one) =>
      one.tenant === device?.tenant &&
      one.config.role === 'edge' &&
      device !== undefined &&
      one.config.site !== ground.config(device).site,
  );
  const chosen = others[1] ?? others[0];
  const wanted = others.find((one) => one.config.siteId === 2) ?? chosen;
  const lan = wanted?.config.interfaces.find((port) => port.vrf === CORP_VRF)?.ipv4?.address;
  return lan?.replace(/\d+$/, '0/24');
}

const corpLan = (config: DeviceConfig): string | undefined =>
  config.interfaces.find((port) => port.vrf === CORP_VRF)?.ipv4?.address.replace(/\d+$/, '0/24');

/** The server that everybody needs. */
const businessServer = (ground: FaultGround, { tenant }: FaultPlace) =>
  ground.topology.hosts.find((host) => host.tenant === tenant && host.services.some((one) => one.name === 'erp'));

/** What the device prefers among its neighbours; of one value alone nothing can be swapped. */
const preferencesOf = ({ bgp }: DeviceConfig): ReadonlySet<number> =>
  new Set((bgp?.neighbors ?? []).map((one) => one.localPreference));

const isEdge = (place: FaultPlace, ground: FaultGround): boolean =>
  place.device !== undefined && ground.config(place.device).role === 'edge' && isRouter(place, ground);

export const routingFaults: readonly FaultType[] = [
  {
    type: 'bgp_asn_mismatch',
    kinds: ['node'],
    mechanism: 'The local AS no longer matches what the peers expect.',
    fits: isRouter,
    apply: (ground, place) => {
      const ref = deviceOf(place);
      return bgpSlip(ground, ref, 'localAs', (ground.config(ref).bgp?.localAs ?? 0) + 97);
    },
  },
  {
    type: 'bgp_port_blocked',
    kinds: ['node'],
    mechanism: 'A filter on the control plane stops the TCP port that BGP runs on.',
    fits: isRouter,
    apply: (ground, place) => {
      const ref = deviceOf(place);
      return filterSlip(ground, ref, ground.config(ref).controlPlaneAcl ?? '', {
        name: 'deny-179',
        action: 'deny',
        protocol: 'tcp',
        destinationPort: 179,
      });
    },
  },
  {
    type: 'max_prefix_exceeded',
    kinds: ['session', 'node'],
    mechanism: 'A careless redistribution announces parts of the LAN and trips the limit of the peers.',
    fits: isEdge,
    apply: (ground, place) => {
      const ref = deviceOf(place);
      const base = (corpLan(ground.config(ref)) ?? '0.0.0.0/24').split('.').slice(0, 3).join('.');
      const add = Array.from({ length: LEAKED_PREFIXES }, (_, at) => `${base}.${4 * at}/30`);
      return networkSlip(ground, ref, { add });
    },
  },
  {
    type: 'missing_route_advertisement',
    kinds: ['node'],
    mechanism: 'The network statement of the corp LAN is gone, so that the prefix is no longer originated.',
    fits: (place, ground) =>
      isRouter(place, ground) &&
      ground.config(deviceOf(place)).bgp?.networks.includes(corpLan(ground.config(deviceOf(place))) ?? '') === true,
    apply: (ground, place) => {
      const ref = deviceOf(place);
      return networkSlip(ground, ref, { drop: [corpLan(ground.config(ref)) ?? ''] });
    },
  },
  {
    type: 'prefix_hijack',
    kinds: ['node'],
    mechanism:
      'A loopback with the address of the business server is announced here, and its longer match draws the traffic.',
    fits: (place, ground) => isEdge(place, ground) && businessServer(ground, place) !== undefined,
    apply(ground, place) {
      const ref = deviceOf(place);
      const prefix = `${businessServer(ground, place)?.address ?? ''}/32`;
      const undoRoute = staticSlip(ground, ref, { vrf: CORP_VRF, prefix, nextHop: 'discard' });
      const undoNetwork = networkSlip(ground, ref, { add: [prefix] });
      return () => {
        undoNetwork();
        undoRoute();
      };
    },
  },
  {
    type: 'route_leak',
    kinds: ['node', 'policy'],
    mechanism: 'The export policy lets everything through, so that routes of one hub are told to the other.',
    fits: (place, ground) => isRouter(place, ground) && (place.policy === undefined || place.policy === 'overlay-out'),
    apply: (ground, place) => bgpSlip(ground, deviceOf(place), 'exports', 'all'),
  },
  {
    type: 'route_policy_misconfig',
    kinds: ['policy'],
    mechanism: 'The local preferences of the two hubs are swapped, so that the longer path wins.',
    fits: (place, ground) =>
      isEdge(place, ground) && place.policy === 'overlay-in' && preferencesOf(ground.config(deviceOf(place))).size > 1,
    apply(ground, place) {
      const ref = deviceOf(place);
      const swap = (running: DeviceConfig): DeviceConfig => {
        const preferences = [...preferencesOf(running)];
        const [most, least] = [Math.max(...preferences), Math.min(...preferences)];
        return withBgp(running, (bgp) => ({
          ...bgp,
          neighbors: bgp.neighbors.map((one) => ({ ...one, localPreference: most + least - one.localPreference })),
        }));
      };
      const wrong = new Map(swap(ground.config(ref)).bgp?.neighbors.map((one) => [one.address, one.localPreference]));
      return slip(ground, ref, swap, (running) =>
        running.bgp?.neighbors.every((one) => wrong.get(one.address) === one.localPreference) === true
          ? swap(running)
          : undefined,
      );
    },
  },
  {
    type: 'routing_daemon_down',
    kinds: ['node'],
    mechanism: 'The routing process died; nothing listens on its port.',
    fits: isRouter,
    apply: (ground, place) => ground.impose({ kind: 'process-stopped', ...deviceOf(place), process: 'bgpd' }),
  },
  {
    type: 'routing_loop',
    kinds: ['node'],
    mechanism: 'Two devices have static routes for the same remote LAN that point at each other.',
    fits: (place, ground) =>
      isRouter(place, ground) &&
      ground.config(deviceOf(place)).tunnels.length > 0 &&
      remoteLan(ground, place) !== undefined,
    apply(ground, place) {
      const ref = deviceOf(place);
      const prefix = remoteLan(ground, place) ?? '';
      const tunnel = ground.config(ref).tunnels[0];
      if (tunnel === undefined) return () => undefined;
      const far = { tenant: ref.tenant, device: tunnel.peer };
      const here = staticSlip(ground, ref, { vrf: CORP_VRF, prefix, nextHop: tunnel.remoteAddress });
      const there = staticSlip(ground, far, { vrf: CORP_VRF, prefix, nextHop: tunnel.localAddress });
      return () => {
        there();
        here();
      };
    },
  },
  {
    type: 'static_blackhole',
    kinds: ['node'],
    mechanism: 'A static route with a better distance discards what is meant for one remote LAN.',
    fits: (place, ground) => isRouter(place, ground) && remoteLan(ground, place) !== undefined,
    apply: (ground, place) =>
      staticSlip(ground, deviceOf(place), {
        vrf: CORP_VRF,
        prefix: remoteLan(ground, place) ?? '',
        nextHop: 'discard',
      }),
  },
  {
    type: 'vrf_leak_missing',
    kinds: ['policy'],
    mechanism: 'The leak between two business VRFs was removed at the hub, so that they no longer exchange prefixes.',
    fits: (place, ground) =>
      place.device !== undefined && ground.config(place.device).vrfLeaks.some((leak) => leak.name === place.policy),
    apply(ground, place) {
      const ref = deviceOf(place);
      const gone = ground.config(ref).vrfLeaks.filter((leak) => leak.name === place.policy);
      return slip(
        ground,
        ref,
        (running) => ({ ...running, vrfLeaks: running.vrfLeaks.filter((leak) => leak.name !== place.policy) }),
        (running) =>
          running.vrfLeaks.some((leak) => leak.name === place.policy)
            ? undefined
            : { ...running, vrfLeaks: [...running.vrfLeaks, ...gone] },
      );
    },
  },
  {
    type: 'ospf_area_mismatch',
    kinds: ['node'],
    mechanism: 'The area of the LAN port is not the one of its neighbour.',
    fits: (place, ground) => place.device !== undefined && ground.config(place.device).ospf.length > 0,
    apply(ground, place) {
      const ref = deviceOf(place);
      const good = ground.config(ref).ospf;
      const wrong = good.map((one) => ({ ...one, area: '0.0.0.51' }));
      return slip(
        ground,
        ref,
        (running) => ({ ...running, ospf: wrong }),
        (running) => (running.ospf.every((one) => one.area === '0.0.0.51') ? { ...running, ospf: good } : undefined),
      );
    },
  },
  {
    type: 'ospf_filtered',
    kinds: ['node', 'interface'],
    mechanism: 'A filter on the LAN port drops protocol 89, so that hellos never arrive.',
    fits: (place, ground) =>
      place.device !== undefined &&
      ground
        .config(place.device)
        .ospf.some((one) => place.interface === undefined || one.interface === place.interface),
    apply(ground, place) {
      const ref = deviceOf(place);
      const { interfaces, ospf } = ground.config(ref);
      const port = interfaces.find((one) => one.name === (place.interface ?? ospf[0]?.interface));
      return filterSlip(ground, ref, port?.accessListIn ?? '', { name: 'deny-ospf', action: 'deny', protocol: 'ospf' });
    },
  },
];
