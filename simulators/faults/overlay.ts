/** Faults of tunnels: their keys, their rekeys, what may enter them, and the packets that keep them alive. */
import type { AccessListEntry, BfdConfig, DeviceConfig, TunnelConfig } from '../../protocols/device/config.ts';
import { formatPrefix, type Prefix, parsePrefix } from '../model/address.ts';
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import type { DeviceRef } from '../model/network.ts';
import { deviceOf, filterSlip, isRouter, slip } from './edit.ts';

const hasTunnels = (place: FaultPlace, ground: FaultGround): boolean =>
  place.device !== undefined && ground.config(place.device).tunnels.length > 0;
const isTunnel = (place: FaultPlace): boolean => place.device !== undefined && place.tunnels !== undefined;
const isWanPort = (place: FaultPlace, ground: FaultGround): boolean => wanColor(place, ground) !== undefined;

const wanColor = ({ device, interface: name }: FaultPlace, ground: FaultGround) =>
  device && ground.config(device).interfaces.find((port) => port.name === name)?.color;

/** The WAN circuit of an edge or hub behind a circuit place. */
const isWanCircuit = (place: FaultPlace, ground: FaultGround): boolean =>
  hasTunnels(place, ground) && isWanPort(place, ground);

/** Commits fields of the tunnel ends of a place; undoing puts back those that still are as they were set. */
function setTunnels(
  ground: FaultGround,
  place: FaultPlace,
  change: (tunnel: TunnelConfig) => Partial<TunnelConfig>,
): () => void {
  const ref = deviceOf(place);
  const edits = new Map(
    ground
      .config(ref)
      .tunnels.filter((one) => place.tunnels?.includes(one.name))
      .map((before) => [before.name, { before, set: change(before) }]),
  );
  const still = (tunnel: TunnelConfig, key: keyof TunnelConfig): boolean =>
    JSON.stringify(tunnel[key]) === JSON.stringify(edits.get(tunnel.name)?.set[key]);
  const mend = (tunnel: TunnelConfig): TunnelConfig => {
    const edit = edits.get(tunnel.name);
    if (edit === undefined) return tunnel;
    const keys = (Object.keys(edit.set) as (keyof TunnelConfig)[]).filter((key) => still(tunnel, key));
    return { ...tunnel, ...Object.fromEntries(keys.map((key) => [key, edit.before[key]])) };
  };
  return slip(
    ground,
    ref,
    (running) => ({ ...running, tunnels: running.tunnels.map((one) => ({ ...one, ...edits.get(one.name)?.set })) }),
    (running) => {
      const tunnels = running.tunnels.map(mend);
      return JSON.stringify(tunnels) === JSON.stringify(running.tunnels) ? undefined : { ...running, tunnels };
    },
  );
}

/** Another key of the same length: the bytes of `key` complemented. */
const rotateKey = (key: string): string =>
  Buffer.from(Buffer.from(key, 'base64').map((byte) => byte ^ 0xff)).toString('base64');

/** A proposal that no peer has, with a lifetime short enough for its period to show within an hour. */
const OTHER_PROPOSAL = 'aes128gcm-sha256-ecp256';
const SHORT_LIFETIME_SECONDS = 600;
/** The default window of many vendors: too small where queues follow the encryption. */
const SMALL_WINDOW = 64;
/** Detection within 150 ms: less than the variation of a wide-area path. */
const HASTY: Pick<BfdConfig, 'txIntervalMs' | 'multiplier'> = { txIntervalMs: 50, multiplier: 3 };

/** Prefixes that together cover everything but one: the sibling at each length (RFC 4632 §3.1). */
function allBut({ network, length }: Prefix): readonly string[] {
  return Array.from({ length }, (_, at) => {
    const bit = 2 ** (31 - at);
    const above = Math.floor(network / (2 * bit)) * 2 * bit;
    const sibling = above + (Math.floor(network / bit) % 2 === 0 ? bit : 0);
    return formatPrefix({ network: sibling, length: at + 1 });
  });
}

/** The LAN that a tunnel's far end is wanted for: servers behind a hub, people behind a branch. */
function farLan(place: FaultPlace, ground: FaultGround): Prefix | undefined {
  if (place.device === undefined || place.peer === undefined) return undefined;
  const { interfaces } = ground.config({ tenant: place.device.tenant, device: place.peer });
  const lan = [20, 10].map((vrf) => interfaces.find((port) => port.vrf === vrf && port.color === undefined));
  const ipv4 = lan.find((port) => port?.ipv4 !== undefined)?.ipv4;
  return ipv4 && parsePrefix(`${ipv4.address}/${ipv4.prefixLength}`);
}

/** A filter on the control plane; a device without one is given one. */
const CONTROL_FILTER = 'acl-control-in';

function filterControl(ground: FaultGround, ref: DeviceRef, entry: AccessListEntry): () => void {
  const list = ground.config(ref).controlPlaneAcl;
  if (list !== undefined) return filterSlip(ground, ref, list, entry);
  return slip(
    ground,
    ref,
    (running) => ({ ...withList(running, CONTROL_FILTER, entry), controlPlaneAcl: CONTROL_FILTER }),
    (running) => {
      if (running.controlPlaneAcl !== CONTROL_FILTER) return undefined;
      const { controlPlaneAcl: _, ...rest } = withoutList(running, CONTROL_FILTER);
      return rest;
    },
  );
}

const withoutList = (running: DeviceConfig, name: string): DeviceConfig => ({
  ...running,
  accessLists: running.accessLists.filter((one) => one.name !== name),
});
const withList = (running: DeviceConfig, name: string, entry: AccessListEntry): DeviceConfig => ({
  ...running,
  accessLists: [...withoutList(running, name).accessLists, { name, entries: [entry] }],
});

/** A filter on one WAN port: in the list that is there, or in a new one that goes with the slip. */
function filterPort(ground: FaultGround, place: FaultPlace, entry: AccessListEntry): () => void {
  const ref = deviceOf(place);
  const name = place.interface ?? '';
  const list = ground.config(ref).interfaces.find((port) => port.name === name)?.accessListIn;
  if (list !== undefined) return filterSlip(ground, ref, list, entry);
  const made = `acl-${name.replaceAll('/', '-')}-in`;
  return slip(
    ground,
    ref,
    (running) => ({
      ...withList(running, made, entry),
      interfaces: running.interfaces.map((port) => (port.name === name ? { ...port, accessListIn: made } : port)),
    }),
    (running) =>
      running.interfaces.some((port) => port.name === name && port.accessListIn === made)
        ? {
            ...withoutList(running, made),
            interfaces: running.interfaces.map((port) => {
              const { accessListIn, ...rest } = port;
              return accessListIn === made ? rest : port;
            }),
          }
        : undefined,
  );
}

const NO_BFD: AccessListEntry = { name: 'deny-3784', action: 'deny', protocol: 'udp', destinationPort: 3784 };

export const overlayFaults: readonly FaultType[] = [
  {
    type: 'ipsec_peer_key_mismatch',
    kinds: ['node'],
    mechanism: 'The identity key was replaced, so that no peer accepts a handshake any more.',
    fits: hasTunnels,
    apply(ground, place) {
      const ref = deviceOf(place);
      const good = ground.config(ref).ipsec.identityKey;
      const wrong = rotateKey(good);
      const replace = (from: string, to: string) =>
        ground.commit(ref, (running) =>
          running.ipsec.identityKey === from ? { ...running, ipsec: { ...running.ipsec, identityKey: to } } : undefined,
        );
      replace(good, wrong);
      return () => replace(wrong, good);
    },
  },
  {
    type: 'ike_rekey_mismatch',
    kinds: ['tunnel'],
    mechanism: 'One end got another proposal and lifetime: each rekey is refused once before it succeeds.',
    fits: isTunnel,
    apply: (ground, place) =>
      setTunnels(ground, place, () => ({ proposal: OTHER_PROPOSAL, lifetimeSeconds: SHORT_LIFETIME_SECONDS })),
  },
  {
    type: 'anti_replay_drops',
    kinds: ['tunnel'],
    mechanism: 'The replay window became smaller than priority queueing reorders, so late packets are thrown away.',
    fits: isTunnel,
    apply: (ground, place) => setTunnels(ground, place, () => ({ replayWindow: SMALL_WINDOW })),
  },
  {
    type: 'traffic_selector_omits_prefix',
    kinds: ['tunnel'],
    mechanism:
      'The selectors cover everything but the far LAN: a valid route leads into a tunnel that refuses packets.',
    fits: (place, ground) => isTunnel(place) && farLan(place, ground) !== undefined,
    apply(ground, place) {
      const omitted = farLan(place, ground);
      return setTunnels(ground, place, () => ({ selectors: omitted === undefined ? [] : allBut(omitted) }));
    },
  },
  {
    type: 'overlay_port_blocked',
    kinds: ['circuit'],
    mechanism: 'A filter at the access provider drops the UDP port of the overlay and lets everything else pass.',
    fits: isWanCircuit,
    apply: (ground, place) =>
      ground.impose({ kind: 'overlay-blocked', ...deviceOf(place), interface: place.interface ?? '' }),
  },
  {
    type: 'nat_rebinding',
    kinds: ['circuit'],
    mechanism: 'The translation upstream moved the public endpoint; peers have to learn the new one.',
    fits: isWanCircuit,
    apply: (ground, place) =>
      ground.impose({
        kind: 'nat-moved',
        ...deviceOf(place),
        interface: place.interface ?? '',
        // Every time another endpoint.
        binding: Math.floor(ground.now() / 1_000),
      }),
  },
  {
    type: 'bfd_port_blocked',
    kinds: ['node', 'interface'],
    mechanism: 'A filter drops the BFD packets of the tunnels, which are declared down although the path is alive.',
    fits: (place, ground) => (place.kind === 'interface' ? isWanCircuit(place, ground) : isRouter(place, ground)),
    apply: (ground, place) =>
      place.kind === 'interface' ? filterPort(ground, place, NO_BFD) : filterControl(ground, deviceOf(place), NO_BFD),
  },
  {
    type: 'bfd_timers_too_aggressive',
    kinds: ['policy'],
    mechanism: 'The detection time became shorter than the normal variation of delay: healthy paths are declared dead.',
    fits: (place, ground) =>
      place.device !== undefined &&
      ground.config(place.device).bfd.some((one) => `bfd-${one.color}` === place.policy && one.color !== 'lte'),
    apply(ground, place) {
      const ref = deviceOf(place);
      const color = place.policy?.slice('bfd-'.length);
      const good = ground.config(ref).bfd.find((one) => one.color === color);
      const put = (running: DeviceConfig, timers: typeof HASTY): DeviceConfig => ({
        ...running,
        bfd: running.bfd.map((one) => (one.color === color ? { ...one, ...timers } : one)),
      });
      const isHasty = (one: BfdConfig): boolean =>
        one.color === color && one.txIntervalMs === HASTY.txIntervalMs && one.multiplier === HASTY.multiplier;
      return slip(
        ground,
        ref,
        (running) => put(running, HASTY),
        (running) =>
          good !== undefined && running.bfd.some(isHasty)
            ? put(running, { txIntervalMs: good.txIntervalMs, multiplier: good.multiplier })
            : undefined,
      );
    },
  },
  {
    type: 'icmp_frag_needed_filtered',
    kinds: ['node'],
    mechanism: 'A filter discards ICMP type 3 code 4, so that senders never learn that a path takes smaller packets.',
    fits: isRouter,
    apply: (ground, place) =>
      filterControl(ground, deviceOf(place), {
        name: 'deny-frag-needed',
        action: 'deny',
        protocol: 'icmp',
        icmpType: 3,
        icmpCode: 4,
      }),
  },
  {
    type: 'icmp_blocked_only',
    kinds: ['node'],
    mechanism: 'A filter drops echo requests to the device; everything else works as before.',
    fits: isRouter,
    apply: (ground, place) =>
      filterControl(ground, deviceOf(place), { name: 'deny-echo', action: 'deny', protocol: 'icmp', icmpType: 8 }),
  },
];
