/** Faults of access circuits, of the ports that they end at, and of the providers behind them. */
import type { Color } from '../../protocols/device/config.ts';
import type { Condition } from '../model/condition.ts';
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import { type Circuit, type DeviceRef, ModelError } from '../model/network.ts';
import { deviceOf, slip } from './edit.ts';

/** A port of a device; tunnel interfaces are none. */
const isPort = (place: FaultPlace): boolean => place.device !== undefined && place.interface !== undefined;

/** The access circuit that a place is, or is the port of. */
function circuitOf({ device, interface: port }: FaultPlace, ground: FaultGround): Circuit | undefined {
  if (device === undefined || port === undefined) return undefined;
  return ground.topology.circuits.find(
    (one) => one.tenant === device.tenant && one.device === device.device && one.interface === port,
  );
}

const isCircuit = (place: FaultPlace, ground: FaultGround): boolean => circuitOf(place, ground) !== undefined;
const roleOf = (place: FaultPlace, ground: FaultGround): string =>
  place.device === undefined ? '' : ground.config(place.device).role;
const colorOf = (place: FaultPlace, ground: FaultGround): Color | undefined => circuitOf(place, ground)?.color;
const isLte = (place: FaultPlace, ground: FaultGround): boolean => colorOf(place, ground) === 'lte';

/** The port of a place, as conditions name it. */
function portOf(place: FaultPlace): DeviceRef & { readonly interface: string } {
  if (place.interface === undefined) throw new ModelError('KIND_UNFIT', `${place.resource} is no port`);
  return { ...deviceOf(place), interface: place.interface };
}

type PortCondition = Extract<Condition, { readonly interface: string }>;
type Rest<C> = C extends unknown ? Omit<C, 'tenant' | 'device' | 'interface'> : never;

/** Makes conditions hold at the port of a place; undoing lets go of each. */
function imposeAt(ground: FaultGround, place: FaultPlace, ...conditions: readonly Rest<PortCondition>[]): () => void {
  const port = portOf(place);
  const undo = conditions.map((one) => ground.impose({ ...port, ...one }));
  return () => {
    for (const release of undo) release();
  };
}

const cut = (ground: FaultGround, place: FaultPlace): (() => void) => imposeAt(ground, place, { kind: 'no-carrier' });

/** A share of packets never exceeds 95 %: what carries nothing is an outage. */
const share = (one: number, degree: number): number => Math.min(0.95, one * degree);

/** Shares of packets, as the catalogue's incidents show them (T04, P03) or of their order. */
const RETURN_LOSS = 0.05;
const CORRUPTED = 0.08;
const SILENTLY_LOST = 0.03;
const BROWNOUT_LOSS = 0.06;
/** Milliseconds one way: T06 (80 to 280 ms there and back), a brown-out's longer detours, T07 (45 to 70 ms by day). */
const REROUTED_MS = 100;
const BROWNOUT_MS = 20;
const JITTER_MS = 57;
const BUSINESS_HOURS = [9, 18] as const;
/** What a wrong token bucket lets through: a tenth of the contract, and no more than one branch wants. */
const BUCKET_SHARE = 0.1;
const BUCKET_MOST_BPS = 20_000_000;
/** What operators leave a SIM whose volume is used up. */
const CAPPED_BPS = 128_000;
/** Seconds between two bounces of a bad connector. */
const BOUNCE_LEAST_MS = 3_000;
const BOUNCE_MORE_MS = 3_000;
/** O06. */
const LOW_MTU = 500;

/** Carrier comes and goes at irregular intervals of a few seconds until it is mended. */
function flap(ground: FaultGround, place: FaultPlace): () => void {
  let release: (() => void) | undefined;
  let cancel = (): void => undefined;
  let bounces = 0;
  const bounce = (): void => {
    if (release === undefined) release = cut(ground, place);
    else {
      release();
      release = undefined;
    }
    bounces += 1;
    const after = BOUNCE_LEAST_MS + BOUNCE_MORE_MS * ground.fraction('bounce', place.resource, bounces);
    cancel = ground.schedule(ground.now() + Math.round(after), bounce);
  };
  bounce();
  return () => {
    cancel();
    release?.();
  };
}

/** Commits one field of a port; undoing puts the old value back where the new one still stands. */
function setPort<Key extends 'enabled' | 'mtu'>(
  ground: FaultGround,
  place: FaultPlace,
  key: Key,
  value: { enabled: boolean; mtu: number }[Key],
): () => void {
  const { interface: name, ...ref } = portOf(place);
  const old = ground.config(ref).interfaces.find((port) => port.name === name)?.[key];
  const put = (from: unknown, to: unknown) => (running: ReturnType<FaultGround['config']>) =>
    running.interfaces.some((port) => port.name === name && port[key] === from)
      ? {
          ...running,
          interfaces: running.interfaces.map((port) => (port.name === name ? { ...port, [key]: to } : port)),
        }
      : undefined;
  if (old === value) return () => undefined;
  return slip(ground, ref, (running) => put(old, value)(running) ?? running, put(value, old));
}

export const transportFaults: readonly FaultType[] = [
  {
    type: 'link_down',
    kinds: ['link', 'interface', 'circuit'],
    mechanism: 'Carrier is lost on the access circuit; the edge fails over to the second transport.',
    fits: isPort,
    apply: cut,
  },
  {
    type: 'link_flap',
    kinds: ['link', 'interface', 'circuit'],
    mechanism: 'A loose connector bounces the port every few seconds, and all that rides on it each time.',
    fits: isPort,
    apply: flap,
  },
  {
    type: 'link_packet_corruption',
    kinds: ['link', 'interface', 'circuit'],
    mechanism: 'A damaged cable corrupts a share of the frames in both directions; receivers drop them on their CRC.',
    fits: isPort,
    graded: true,
    apply: (ground, place, degree) => imposeAt(ground, place, { kind: 'corruption', share: share(CORRUPTED, degree) }),
  },
  {
    type: 'link_detach',
    kinds: ['interface'],
    mechanism: 'The port hardware is gone: its row and its tunnels disappear instead of reporting down.',
    fits: isPort,
    apply: (ground, place) => imposeAt(ground, place, { kind: 'port-absent' }),
  },
  {
    type: 'silent_partial_loss',
    kinds: ['interface'],
    mechanism: 'A forwarding defect behind one egress port drops a small share of the packets and counts none.',
    fits: isCircuit,
    graded: true,
    apply: (ground, place, degree) =>
      imposeAt(ground, place, { kind: 'silent-loss', share: share(SILENTLY_LOST, degree) }),
  },
  {
    type: 'hub_wan_port_down',
    kinds: ['interface', 'link'],
    mechanism: 'The WAN port of a hub lost carrier, so all branches lose their tunnels of that colour to that hub.',
    fits: (place, ground) => isCircuit(place, ground) && roleOf(place, ground) === 'hub',
    apply: cut,
  },
  {
    type: 'lan_interface_down',
    kinds: ['interface', 'link'],
    mechanism: 'A LAN port lost link: its connected prefix leaves the table and the people behind it are cut off.',
    fits: (place, ground) => isPort(place) && !isCircuit(place, ground) && roleOf(place, ground) !== 'controller',
    apply: cut,
  },
  {
    type: 'if_admin_shutdown',
    kinds: ['interface'],
    mechanism: 'An operator shut the interface down; hardware and circuit are fine.',
    fits: isPort,
    apply: (ground, place) => setPort(ground, place, 'enabled', false),
  },
  {
    type: 'asymmetric_provider_loss',
    kinds: ['circuit'],
    mechanism:
      'The return path of one access circuit, towards the branch, drops packets; the other direction is clean.',
    fits: (place, ground) => isCircuit(place, ground) && roleOf(place, ground) === 'edge',
    graded: true,
    apply: (ground, place, degree) =>
      imposeAt(ground, place, { kind: 'circuit-loss', direction: 'in', share: share(RETURN_LOSS, degree) }),
  },
  {
    type: 'circuit_high_latency',
    kinds: ['circuit', 'link'],
    mechanism: 'The provider moved the path: the delay rises at once and stays flat, in both directions.',
    fits: isCircuit,
    graded: true,
    apply: (ground, place, degree) => imposeAt(ground, place, { kind: 'circuit-delay', delayMs: REROUTED_MS * degree }),
  },
  {
    type: 'circuit_jitter',
    kinds: ['circuit'],
    mechanism: 'The shared medium of the access provider is crowded in business hours, so that the delay varies.',
    fits: isCircuit,
    graded: true,
    apply: (ground, place, degree) =>
      imposeAt(ground, place, { kind: 'circuit-jitter', jitterMs: JITTER_MS * degree, hours: BUSINESS_HOURS }),
  },
  {
    type: 'circuit_capacity_bottleneck',
    kinds: ['link', 'circuit'],
    mechanism: 'A token bucket outside our devices lets through far less than the contract says.',
    fits: isCircuit,
    graded: true,
    apply: (ground, place, degree) => {
      const contract = circuitOf(place, ground)?.capacityBps ?? 0;
      const bps = Math.round(Math.min(contract * BUCKET_SHARE, BUCKET_MOST_BPS) / degree);
      return imposeAt(ground, place, { kind: 'circuit-shaped', bps });
    },
  },
  {
    type: 'provider_brownout',
    kinds: ['node', 'circuit'],
    mechanism: 'A provider, or the part of it behind one circuit, stays up and drops and delays some of the packets.',
    fits: (place, ground) => place.provider !== undefined && (place.kind === 'node' || isCircuit(place, ground)),
    graded: true,
    apply(ground, place, degree) {
      const loss = share(BROWNOUT_LOSS, degree);
      const delayMs = BROWNOUT_MS * degree;
      if (place.kind === 'node') {
        return ground.impose({ kind: 'provider-brownout', provider: place.provider ?? '', share: loss, delayMs });
      }
      return imposeAt(
        ground,
        place,
        { kind: 'circuit-loss', direction: 'both', share: loss },
        { kind: 'circuit-delay', delayMs },
      );
    },
  },
  {
    type: 'provider_outage',
    kinds: ['node'],
    mechanism: 'The shared provider core carries nothing any more while local loops stay lit.',
    fits: (place) => place.provider !== undefined,
    apply: (ground, place) => ground.impose({ kind: 'provider-outage', provider: place.provider ?? '' }),
  },
  {
    type: 'lte_data_cap',
    kinds: ['circuit', 'interface'],
    mechanism: 'The volume of the mobile plan is used up, so the operator slows the SIM down to next to nothing.',
    fits: isLte,
    apply: (ground, place) => imposeAt(ground, place, { kind: 'lte-quota-used', bps: CAPPED_BPS }),
  },
  {
    type: 'lte_detached',
    kinds: ['interface'],
    mechanism: 'The SIM lost service: nothing is broken for users, but the next primary failure will be an outage.',
    fits: isLte,
    apply: (ground, place) => imposeAt(ground, place, { kind: 'lte-detached' }),
  },
  {
    type: 'lte_idle_by_design',
    kinds: ['interface'],
    mechanism: 'No fault: a last-resort circuit keeps no tunnels while a primary transport works.',
    condition: true,
    fits: isLte,
    apply: () => () => undefined,
  },
  {
    type: 'path_mtu_mismatch',
    kinds: ['interface'],
    mechanism: 'The MTU of a port was lowered; senders adapt as long as they are told that fragmentation is needed.',
    fits: isPort,
    apply: (ground, place) => setPort(ground, place, 'mtu', LOW_MTU),
  },
  {
    type: 'path_mtu_only',
    kinds: ['interface', 'circuit'],
    mechanism: 'A port of ours or a link inside the provider takes smaller packets and says so; senders adapt.',
    fits: (place, ground) => (place.kind === 'interface' ? isPort(place) : isCircuit(place, ground)),
    apply: (ground, place) =>
      place.kind === 'interface'
        ? setPort(ground, place, 'mtu', LOW_MTU)
        : imposeAt(ground, place, { kind: 'circuit-mtu', mtu: LOW_MTU, silent: false }),
  },
  {
    type: 'path_mtu_blackhole',
    kinds: ['interface', 'circuit'],
    mechanism: 'A link inside the provider takes smaller packets and its ICMP answers are lost: large ones vanish.',
    fits: isCircuit,
    apply: (ground, place) => imposeAt(ground, place, { kind: 'circuit-mtu', mtu: LOW_MTU, silent: true }),
  },
];
