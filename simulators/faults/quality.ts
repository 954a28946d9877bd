/** Faults that leave everything up and make it slow: queues, marks, steering, servers, processors. */
import type { DeviceConfig, QosClass } from '../../protocols/device/config.ts';
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import type { Host } from '../model/network.ts';
import { deviceOf, isRouter, slip } from './edit.ts';
import { hostOf } from './surroundings.ts';

const isServer = (place: FaultPlace, ground: FaultGround): boolean => (hostOf(place, ground)?.services.length ?? 0) > 0;

/** What a packet through a slow hub, and a request at a slow server, wait longer, milliseconds. */
const SLOW_DEVICE_MS = 60;
const SLOW_SERVER_MS = 800;
/** A buffer that somebody set by hand: at 80 ms it allows 1.6 Mbit/s. */
const SMALL_WINDOW_BYTES = 16_384;
/** A pattern that backtracks without end on a long run of letters (CWE-1333). */
const COSTLY_RULE = { name: 'sig-2041', pattern: '^(?:[A-Za-z]+)+=$' } as const;

export const qualityFaults: readonly FaultType[] = [
  {
    type: 'approute_pins_bad_path',
    kinds: ['policy'],
    mechanism: 'The steering rule lists one colour strictly, so traffic stays there whether the SLA is met or not.',
    fits: (place, ground) => ruleOf(place, ground) !== undefined,
    apply(ground, place) {
      const good = ruleOf(place, ground);
      const ref = deviceOf(place);
      const pinned = { colors: good?.colors.slice(-1) ?? [], strict: true };
      const set = (to: Pick<Rule, 'colors' | 'strict'>) => (running: DeviceConfig) => ({
        ...running,
        appRoutes: running.appRoutes.map((one) => (one.name === good?.name ? { ...one, ...to } : one)),
      });
      return slip(ground, ref, set(pinned), (running) => {
        const now = running.appRoutes.find((one) => one.name === good?.name);
        const untouched = now?.strict === true && now.colors.join() === pinned.colors.join();
        return untouched && good !== undefined ? set({ colors: good.colors, strict: good.strict })(running) : undefined;
      });
    },
  },
  {
    type: 'qos_misqueue',
    kinds: ['policy'],
    mechanism: 'The queueing policy that was rolled out gives the voice class neither bandwidth nor priority.',
    fits: (place, ground) => voiceClass(place, ground) !== undefined,
    apply(ground, place) {
      const good = voiceClass(place, ground);
      const ref = deviceOf(place);
      const put = (running: DeviceConfig, to: QosClass | undefined): DeviceConfig => ({
        ...running,
        qos: running.qos.map((policy) =>
          policy.name === place.policy
            ? {
                ...policy,
                classes: policy.classes.map((one) => (one.class === 'voice' && to !== undefined ? to : one)),
              }
            : policy,
        ),
      });
      const starved = good && { ...good, bandwidthPct: 0, priority: false };
      const undo = slip(
        ground,
        ref,
        (running) => put(running, starved),
        (running) => {
          const now = running.qos
            .find((one) => one.name === place.policy)
            ?.classes.find((one) => one.class === 'voice');
          return now?.bandwidthPct === 0 && !now.priority ? put(running, good) : undefined;
        },
      );
      // The director wants it so: the device is in sync with a wrong intention.
      ground.intend(ref, (intended) => put(intended, starved));
      return () => {
        ground.intend(ref, (intended) => put(intended, good));
        undo();
      };
    },
  },
  {
    type: 'dscp_remark',
    kinds: ['interface'],
    mechanism: 'A rule writes code point 0 into everything that leaves by the tunnel, so calls queue with downloads.',
    fits: (place, ground) => tunnelsOf(place, ground).length > 0,
    apply(ground, place) {
      const ref = deviceOf(place);
      const names = tunnelsOf(place, ground);
      const marked = ground
        .config(ref)
        .tunnels.filter((one) => names.includes(one.name) && one.dscpRewrite === undefined)
        .map((one) => one.name);
      return slip(
        ground,
        ref,
        (running) => ({
          ...running,
          tunnels: running.tunnels.map((one) => (marked.includes(one.name) ? { ...one, dscpRewrite: 0 } : one)),
        }),
        (running) =>
          running.tunnels.some((one) => marked.includes(one.name) && one.dscpRewrite === 0)
            ? {
                ...running,
                tunnels: running.tunnels.map(({ dscpRewrite, ...one }) =>
                  dscpRewrite === undefined || (marked.includes(one.name) && dscpRewrite === 0)
                    ? one
                    : { ...one, dscpRewrite },
                ),
              }
            : undefined,
      );
    },
  },
  {
    type: 'circuit_saturated_by_host',
    kinds: ['host', 'circuit'],
    mechanism: 'One host moves so much legitimate data that the circuit of its site reaches its contract.',
    graded: true,
    fits: (place, ground) => sourceOf(place, ground) !== undefined,
    apply(ground, place, degree) {
      const source = sourceOf(place, ground);
      if (source === undefined) return () => undefined;
      const { host, destination, contractBps } = source;
      const traffic = { pattern: 'bulk', since: ground.now(), destination, bps: 1.2 * degree * contractBps } as const;
      return ground.impose({ kind: 'host-sends', tenant: place.tenant, host: host.name, traffic });
    },
  },
  {
    type: 'server_overload',
    kinds: ['host'],
    mechanism: 'More people ask the server than it can serve, so that all wait in its queue.',
    graded: true,
    fits: isServer,
    apply: (ground, place, degree) =>
      ground.impose({ kind: 'host-overload', tenant: place.tenant, host: place.host ?? '', factor: degree }),
  },
  {
    type: 'far_end_slow',
    kinds: ['node', 'host'],
    mechanism: 'The far end of many paths, a hub or a server, holds every packet or request longer.',
    graded: true,
    fits: (place, ground) => (place.host === undefined ? isRouter(place, ground) : isServer(place, ground)),
    apply: (ground, place, degree) =>
      place.host === undefined
        ? ground.impose({ kind: 'slow-device', ...deviceOf(place), delayMs: SLOW_DEVICE_MS * degree })
        : ground.impose({
            kind: 'host-delay',
            tenant: place.tenant,
            host: place.host,
            delayMs: SLOW_SERVER_MS * degree,
          }),
  },
  {
    type: 'tcp_receive_window',
    kinds: ['host'],
    mechanism: 'A small receive buffer on one host holds its transfers at a window per round trip.',
    graded: true,
    fits: (place, ground) => ['pc', 'guest', 'server'].includes(hostOf(place, ground)?.kind ?? ''),
    apply: (ground, place, degree) =>
      ground.impose({
        kind: 'host-window',
        tenant: place.tenant,
        host: place.host ?? '',
        bytes: Math.round(SMALL_WINDOW_BYTES / degree),
      }),
  },
  {
    type: 'cpu_saturation',
    kinds: ['node'],
    mechanism: 'A new inspection signature backtracks on every packet and takes the whole processor.',
    fits: (place, ground) => place.device !== undefined && ground.config(place.device).firewall !== undefined,
    apply(ground, place) {
      const withRules = (
        running: DeviceConfig,
        edit: (
          rules: NonNullable<DeviceConfig['firewall']>['inspection'],
        ) => NonNullable<DeviceConfig['firewall']>['inspection'],
      ): DeviceConfig =>
        running.firewall === undefined
          ? running
          : { ...running, firewall: { ...running.firewall, inspection: edit(running.firewall.inspection) } };
      const others = (rules: readonly { readonly name: string; readonly pattern: string }[]) =>
        rules.filter((one) => one.name !== COSTLY_RULE.name);
      return slip(
        ground,
        deviceOf(place),
        (running) => withRules(running, (rules) => [...others(rules), COSTLY_RULE]),
        (running) =>
          running.firewall?.inspection.some((one) => one.name === COSTLY_RULE.name) === true
            ? withRules(running, others)
            : undefined,
      );
    },
  },
];

type Rule = DeviceConfig['appRoutes'][number];

/** The steering rule that `policy/<director>/approute-<name>` names. */
function ruleOf(place: FaultPlace, ground: FaultGround): Rule | undefined {
  if (place.device === undefined) return undefined;
  return ground.config(place.device).appRoutes.find((one) => place.policy === `approute-${one.name}`);
}

/** The voice class of a queueing policy. */
function voiceClass(place: FaultPlace, ground: FaultGround): QosClass | undefined {
  if (place.device === undefined) return undefined;
  const policy = ground.config(place.device).qos.find((one) => one.name === place.policy);
  return policy?.classes.find((one) => one.class === 'voice');
}

/** Tunnels behind an interface: those of a tunnel interface, or all that leave by a WAN port. */
function tunnelsOf(place: FaultPlace, ground: FaultGround): readonly string[] {
  if (place.tunnels !== undefined || place.device === undefined) return place.tunnels ?? [];
  const { interfaces, tunnels } = ground.config(place.device);
  const color = interfaces.find((one) => one.name === place.interface)?.color;
  return tunnels.filter((one) => one.color === color).map((one) => one.name);
}

interface Source {
  readonly host: Host;
  readonly destination: string;
  readonly contractBps: number;
}

/** Who fills which circuit, and to where: the host itself, or the host of the site whose traffic takes the circuit. */
function sourceOf(place: FaultPlace, ground: FaultGround): Source | undefined {
  const { topology } = ground;
  const mine = topology.circuits.filter((one) => one.tenant === place.tenant);
  const hosts = topology.hosts.filter((one) => one.tenant === place.tenant);
  const circuit = mine.find((one) => one.device === place.device?.device && one.interface === place.interface);
  const site = place.device === undefined ? undefined : ground.config(place.device).site;
  const candidates =
    place.host === undefined
      ? hosts.filter((one) => one.site === site)
      : hosts.filter((one) => one.name === place.host);
  for (const host of candidates) {
    const devices = topology.devices.filter((one) => one.tenant === place.tenant && one.config.site === host.site);
    for (const { config } of devices) {
      const breakout = config.breakouts.find((one) => one.vrf === host.vrf && one.application === undefined);
      // Guests leave by their breakout; staff and servers take the overlay, which prefers the first circuit.
      const used = mine.find(
        (one) =>
          one.device === config.hostname &&
          (breakout === undefined || config.role === 'hub'
            ? one.color === config.interfaces[0]?.color
            : one.color === breakout.color),
      );
      if (used === undefined || (place.host === undefined && used !== circuit)) continue;
      const inside = breakout === undefined || config.role === 'hub';
      const destination = inside
        ? hosts.find((one) => one.kind === 'server' && one.site !== host.site)?.address
        : topology.externals.find((one) => one.name === 'web.example')?.address;
      if (['pc', 'guest', 'server'].includes(host.kind) && destination !== undefined) {
        return { host, destination, contractBps: used.capacityBps };
      }
    }
  }
  return undefined;
}
