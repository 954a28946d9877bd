/** Every fault of circuits, ports and tunnels, at two places each: its telling sign, not its look-alike's, and its repair. */
import { describe, expect, it } from 'vitest';
import type { InterfaceState, TunnelState } from '../../../protocols/device/state.ts';
import type { ModelNetwork } from '../../../simulators/model/create-network.ts';
import type { ProbeRequest } from '../../../simulators/model/network.ts';
import { acme, acmeTopology, outline, START, startNetwork } from '../model/reference.ts';

const SECOND = 1_000;
const MINUTE = 60_000;

/** Short ways to read one device of a network. */
function readerOf(network: ModelNetwork, device: string) {
  const port = (name: string): InterfaceState | undefined =>
    network.section(acme(device), 'interfaces').find((one) => one.name === name);
  const tunnels = (color: string): readonly TunnelState[] =>
    network.section(acme(device), 'tunnels').filter((one) => one.color === color);
  const events = (name: string) => network.events('acme', 0, 10_000).filter((one) => one.name === name);
  const probe = (request: Partial<ProbeRequest> & Pick<ProbeRequest, 'kind' | 'destination'>) =>
    network.probe(acme(device), { vrf: 10, ...request });
  const address = (of: string, name: string): string =>
    network.config(acme(of)).interfaces.find((one) => one.name === name)?.ipv4?.address ?? '';
  return {
    network,
    device,
    port,
    tunnels,
    events,
    probe,
    /** Every tunnel of the colour loses as much, in percent. */
    loses: (color: string, least: number, most: number): boolean =>
      tunnels(color).every((one) => one.lossPct >= least && one.lossPct <= most),
    up: (color: string): boolean => tunnels(color).every((one) => one.bfd === 'up'),
    controlUp: (color: string): boolean =>
      network.section(acme(device), 'control').every((one) => one.color !== color || one.state === 'up'),
    hits: (entry: string): number =>
      network.section(acme(device), 'accessLists').find((one) => one.entry === entry)?.hits ?? 0,
    /** From one WAN port to another device's, outside of any tunnel. */
    underlay: (name: string, far: string, kind: 'icmp' | 'tcp' = 'icmp') =>
      probe({ kind, vrf: 0, source: name, destination: address(far, name), ...(kind === 'tcp' ? { port: 179 } : {}) }),
    modem: () => network.section(acme(device), 'cellular')[0],
  };
}
type Reader = ReturnType<typeof readerOf>;

interface Case {
  readonly type: string;
  readonly resource: string;
  /** Device that is looked at, `br1_edge` when absent. */
  readonly at?: string;
  /** How long after the onset; a minute when absent. */
  readonly after?: number;
  readonly shows: (now: Reader) => boolean;
  /** Signs of look-alikes. */
  readonly hides: (now: Reader) => boolean;
  /** How long the repair takes to show. */
  readonly mends?: number;
  /** A changed configuration is the cause. */
  readonly commits?: true;
}

const PAIR = { mpls: 'ge0/0', 'biz-internet': 'ge0/1' } as const;
const onBoth = (make: (color: keyof typeof PAIR, port: string) => readonly Case[]): readonly Case[] =>
  (Object.entries(PAIR) as [keyof typeof PAIR, string][]).flatMap(([color, port]) => make(color, port));

const lostClasses = (now: Reader): string =>
  now
    .events('trap.approute_sla_change')
    .map((one) => one.detail)
    .join('\n');

const CASES: readonly Case[] = [
  ...onBoth((color, port): readonly Case[] => [
    {
      type: 'link_flap',
      resource: `circuit/br2/${color}`,
      at: 'br2_edge',
      shows: (now) => now.events('trap.interface_state').length > 5 && (now.tunnels(color)[0]?.bfdTransitions ?? 0) > 1,
      hides: (now) => (now.port(port)?.inErrors ?? 1) > 0 || now.events('trap.system_commit').length > 0,
    },
    {
      type: 'link_packet_corruption',
      resource: `interface/br1_edge/${port}`,
      shows: (now) => (now.port(port)?.inErrors ?? 0) > 20 && now.loses(color, 6, 11),
      hides: (now) => now.port(port)?.oper !== 'up' || !now.up(color),
    },
    {
      type: 'link_detach',
      resource: `interface/br1_edge/${port}`,
      shows: (now) => now.port(port) === undefined && now.tunnels(color).length === 0,
      hides: (now) => now.events('trap.system_commit').length > 0,
    },
    {
      type: 'silent_partial_loss',
      resource: `interface/br1_edge/${port}`,
      shows: (now) => now.tunnels(color).every((one) => one.fwdLoss > 0.02 && one.revLoss < 0.005),
      hides: (now) => (now.port(port)?.inErrors ?? 1) > 0 || (now.port(port)?.outDiscards ?? 1) > 0,
    },
    {
      type: 'hub_wan_port_down',
      resource: `interface/hub1_edge/${port}`,
      shows: (now) => now.tunnels(color).every((one) => (one.bfd === 'down') === (one.peer === 'hub1_edge')),
      hides: (now) => now.port(port)?.oper !== 'up',
    },
    {
      type: 'asymmetric_provider_loss',
      resource: `circuit/br1/${color}`,
      shows: (now) => now.tunnels(color).every((one) => one.revLoss > 0.04 && one.fwdLoss < 0.005),
      hides: (now) => (now.port(port)?.inErrors ?? 1) > 0 || !now.up(color),
    },
    {
      type: 'circuit_high_latency',
      resource: `circuit/br1/${color}`,
      after: 31 * MINUTE,
      shows: (now) =>
        now.tunnels(color).every((one) => one.latencyMs >= 280 && one.latencyMs < 290) &&
        /lost voice/.test(lostClasses(now)),
      hides: (now) => !now.loses(color, 0, 0.1) || /critical/.test(lostClasses(now)),
    },
    {
      type: 'circuit_jitter',
      resource: `circuit/br1/${color}`,
      after: 2 * 60 * MINUTE,
      shows: (now) => now.tunnels(color).every((one) => one.jitterMs >= 45 && one.jitterMs <= 70),
      hides: (now) => now.tunnels(color).some((one) => one.latencyMs > 90 || one.lossPct > 0.5),
    },
    {
      type: 'circuit_capacity_bottleneck',
      resource: `circuit/br1/${color}`,
      after: 3 * 60 * MINUTE,
      shows: (now) => now.tunnels(color).every((one) => one.lossPct > 1 && one.latencyMs > 100),
      hides: (now) =>
        (now.port(port)?.inErrors ?? 1) > 0 || (now.port(port)?.inBps ?? 0) > 0.3 * (now.port(port)?.speedBps ?? 0),
    },
    {
      type: 'provider_brownout',
      resource: `node/${color === 'mpls' ? 'isp1_core' : 'isp2_core'}`,
      at: 'br2_edge',
      shows: (now) => now.loses(color, 4.5, 8),
      hides: (now) => !now.up(color) || (now.port(port)?.inErrors ?? 1) > 0,
    },
    {
      type: 'provider_brownout',
      resource: `circuit/br1/${color}`,
      shows: (now) => now.loses(color, 4.5, 8),
      hides: (now) => readerOf(now.network, 'br2_edge').loses(color, 4.5, 8),
    },
    {
      type: 'path_mtu_mismatch',
      resource: `interface/br1_edge/${port}`,
      commits: true,
      shows: (now) => now.port(port)?.mtu === 500 && now.underlay(port, 'hub1_edge').result === 'ok',
      hides: (now) => !now.up(color) || now.events('trap.system_commit').length !== 1,
    },
    {
      type: 'overlay_port_blocked',
      resource: `circuit/br1/${color}`,
      after: 2 * MINUTE,
      shows: (now) =>
        now.tunnels(color).every((one) => one.bfd === 'down' && one.ipsec === 'no-handshake') && !now.controlUp(color),
      hides: (now) => now.port(port)?.oper !== 'up' || now.underlay(port, 'hub1_edge').result !== 'ok',
    },
    {
      type: 'bfd_port_blocked',
      resource: `interface/br1_edge/${port}`,
      commits: true,
      shows: (now) =>
        now.tunnels(color).every((one) => one.bfd === 'down' && one.ipsec === 'established') &&
        now.hits('deny-3784') > 10,
      hides: (now) => !now.controlUp(color) || !now.up(color === 'mpls' ? 'biz-internet' : 'mpls'),
    },
    {
      type: 'bfd_timers_too_aggressive',
      resource: `policy/br1_edge/bfd-${color}`,
      commits: true,
      after: 3 * MINUTE,
      shows: (now) => now.tunnels(color).every((one) => one.bfdTransitions >= 3 && one.txIntervalMs === 50),
      hides: (now) => now.events('trap.interface_state').length > 0 || now.underlay(port, 'hub1_edge').result !== 'ok',
    },
    {
      type: 'nat_rebinding',
      resource: `circuit/br2/${color}`,
      at: 'br2_edge',
      shows: (now) =>
        now.events('trap.tloc_ip_change').length === 1 && now.tunnels(color).every((one) => one.bfdTransitions === 2),
      hides: (now) => now.events('trap.interface_state').length > 0 || now.events('trap.ctrl_conn').length === 0,
    },
    {
      type: 'path_mtu_blackhole',
      resource: `circuit/br1/${color}`,
      shows: (now) => size(now, port) === '500 silent',
      hides: (now) => now.port(port)?.mtu !== 1500 || !now.up(color),
    },
    {
      type: 'path_mtu_only',
      resource: `circuit/br1/${color}`,
      shows: (now) => size(now, port) === '500 told',
      hides: (now) => now.port(port)?.mtu !== 1500 || !now.up(color),
    },
    ...['br1', 'br2'].map(
      (site): Case => ({
        type: 'ike_rekey_mismatch',
        resource: `tunnel/${site}_edge:${color}--hub1_edge:${color}`,
        at: `${site}_edge`,
        commits: true,
        after: 31 * MINUTE,
        shows: (now) => {
          const times = now
            .events('trap.ipsec_rekey')
            .filter((one) => one.severity === 'minor' && one.device === now.device);
          const gaps = times.slice(1).map((one, at) => one.at - (times[at]?.at ?? 0));
          return (
            times.length === 3 && gaps.every((gap) => gap === 600 * SECOND) && now.tunnels(color)[0]?.disconnects === 3
          );
        },
        hides: (now) => now.events('trap.interface_state').length > 0 || (now.tunnels(color)[1]?.disconnects ?? 1) > 0,
      }),
    ),
    {
      type: 'anti_replay_drops',
      resource: `tunnel/br1_edge:${color}--hub1_edge:${color}`,
      commits: true,
      after: 10 * MINUTE,
      shows: (now) => now.network.section(acme('br1_edge'), 'tunnels').some((one) => one.replayDrops > 10),
      hides: (now) => !now.up(color) || !now.loses(color, 0, 0.1),
    },
    {
      type: 'traffic_selector_omits_prefix',
      resource: `tunnel/br1_edge:${color}--hub1_edge:${color}`,
      commits: true,
      shows: (now) => now.network.config(acme('br1_edge')).tunnels.some((one) => one.selectors.length === 24),
      hides: (now) => !now.up(color) || now.events('trap.bgp_peer').length > 0,
    },
  ]),
  ...(['br1_edge', 'hub2_edge'] as const).map(
    (device): Case => ({
      type: 'lan_interface_down',
      resource: `interface/${device}/ge0/2`,
      at: device,
      shows: (now) =>
        now.port('ge0/2')?.oper === 'down' &&
        now.network
          .section(acme(device), 'routes')
          .every((one) => one.protocol !== 'connected' || one.interface !== 'ge0/2'),
      hides: (now) => !now.up('mpls') || now.events('trap.system_commit').length > 0,
    }),
  ),
  ...(['br3', 'br4'] as const).flatMap((site): readonly Case[] => [
    {
      type: 'lte_data_cap',
      resource: `circuit/${site}/lte`,
      at: `${site}_edge`,
      shows: (now) => (now.modem()?.monthBytes ?? 0) > 5e9,
      hides: (now) => now.modem()?.registered !== true,
    },
    {
      type: 'lte_detached',
      resource: `interface/${site}_edge/cell0`,
      at: `${site}_edge`,
      shows: (now) => now.modem()?.registered === false && now.modem()?.attached === false,
      hides: (now) => now.port('cell0')?.admin !== 'up' || !now.up('mpls') || !now.up('biz-internet'),
    },
    {
      type: 'lte_idle_by_design',
      resource: `interface/${site}_edge/cell0`,
      at: `${site}_edge`,
      shows: (now) => now.modem()?.registered === true && now.tunnels('lte').length === 0,
      hides: (now) => now.events('trap.bfd_state').length > 0,
    },
  ]),
  ...(['br1_edge', 'hub1_edge'] as const).flatMap((device): readonly Case[] => [
    {
      type: 'icmp_frag_needed_filtered',
      resource: `node/${device}`,
      at: device,
      commits: true,
      shows: (now) => now.network.section(acme(device), 'accessLists').some((one) => one.entry === 'deny-frag-needed'),
      hides: (now) => ping(now, device) !== 'ok',
    },
    {
      type: 'icmp_blocked_only',
      resource: `node/${device}`,
      at: device,
      commits: true,
      shows: (now) => ping(now, device) === 'timeout' && now.hits('deny-echo') > 0,
      hides: (now) => !now.up('mpls') || !now.controlUp('mpls') || !now.network.reachable(acme(device)),
    },
    {
      type: 'bfd_port_blocked',
      resource: `node/${device}`,
      at: device,
      commits: true,
      shows: (now) =>
        (['mpls', 'biz-internet'] as const).every((color) =>
          now.tunnels(color).every((one) => one.bfd === 'down' && one.ipsec === 'established'),
        ),
      hides: (now) => !now.controlUp('mpls') || now.port('ge0/0')?.oper !== 'up',
    },
    {
      type: 'ipsec_peer_key_mismatch',
      resource: `node/${device}`,
      at: device,
      commits: true,
      shows: (now) =>
        now.tunnels('mpls').every((one) => one.ipsec === 'no-handshake') &&
        now.tunnels('mpls').every((one) => one.authDrops > 3),
      hides: (now) => !now.controlUp('mpls') || now.port('ge0/0')?.oper !== 'up',
    },
  ]),
];

/** Largest packet from a WAN port to the hub's, and whether the sender was told. */
function size(now: Reader, port: string): string {
  const found = now.probe({
    kind: 'df-size',
    vrf: 0,
    source: port,
    destination: now.network.config(acme('hub1_edge')).interfaces.find((one) => one.name === port)?.ipv4?.address ?? '',
  }).figures;
  return `${found?.size} ${found?.nextHopMtu === undefined ? 'silent' : 'told'}`;
}

/** A neighbour's ping to the WAN port of a device. */
const ping = (now: Reader, device: string): string =>
  readerOf(now.network, device === 'br2_edge' ? 'br1_edge' : 'br2_edge').underlay('ge0/0', device).result;

/** All that a repair must bring back: configuration, state of ports, tunnels and sessions. */
function summary(network: ModelNetwork, device: string): string {
  const { color: _, ...modem } = { color: '', ...network.section(acme(device), 'cellular')[0] };
  const paths = network
    .section(acme(device), 'tunnels')
    .map((one) => `${one.tunnel} ${one.lossPct < 0.2} ${Math.round(one.latencyMs / 10)} ${one.jitterMs < 5}`);
  const { monthBytes = 0, ...signal } = modem;
  return JSON.stringify([outline(network, device), network.config(acme(device)), paths, signal, monthBytes > 5e9]);
}

describe('faults of transport and overlay', () => {
  it.each(CASES)(
    '$type at $resource',
    ({ type, resource, at = 'br1_edge', after = MINUTE, shows, hides, mends, commits }) => {
      const network = startNetwork(acmeTopology(4));
      const before = summary(network, at);
      const healthy = readerOf(network, at);
      if (type !== 'lte_idle_by_design') expect(shows(healthy), 'its sign without the fault').toBe(false);

      const id = network.inject({ tenant: 'acme', type, resource });
      network.advanceTo(START + after);
      expect(shows(readerOf(network, at)), 'its sign').toBe(true);
      expect(hides(readerOf(network, at)), 'the sign of a look-alike').toBe(false);
      expect(healthy.events('trap.system_commit').length > 0, 'a commit').toBe(commits === true);

      network.clear(id);
      network.advanceTo(network.now() + (mends ?? MINUTE));
      expect(summary(network, at)).toBe(before);
    },
  );

  it('judges an SLA exactly: the mean over six polls, whatever the onset', () => {
    const network = startNetwork(acmeTopology(2));
    // 8 percent during x of 3,600 s, and 0.05 always: voice (1 %) needs 428 s, critical (2 %) 878 s, bulk (5 %) 2,228 s.
    const onset = START + 250 * SECOND;
    const fault = { tenant: 'acme', type: 'link_packet_corruption', resource: 'circuit/br1/mpls', startAt: onset };
    network.inject({ ...fault, endAt: START + 3_600 * SECOND });
    network.advanceTo(START + 3 * 60 * MINUTE);
    const told = network
      .events('acme', 0, 1_000)
      .filter(
        (one) =>
          one.name === 'trap.approute_sla_change' &&
          one.device === 'br1_edge' &&
          one.resource.endsWith('hub1_edge:mpls'),
      )
      .map((one) => `${(one.at - START) / SECOND} ${one.detail.replace('tun-mpls-hub1_edge ', '')}`);
    expect(told).toEqual([
      '1200 lost voice video critical',
      '3000 lost bulk',
      '5400 regained bulk',
      '6600 regained critical',
      '7200 regained voice video',
    ]);
    expect(network.nextEventAt()).toBeUndefined();
  });

  it('grows with its intensity and composes with others at the same place', () => {
    const network = startNetwork(acmeTopology(2));
    const at = { tenant: 'acme', resource: 'circuit/br1/mpls' };
    const strong = network.inject({ ...at, type: 'asymmetric_provider_loss', intensity: 4 });
    const late = network.inject({ ...at, type: 'circuit_high_latency', intensity: 0.5 });
    const now = readerOf(network, 'br1_edge');
    expect(now.loses('mpls', 16, 24)).toBe(true);
    expect(now.tunnels('mpls').every((one) => one.latencyMs >= 180 && one.latencyMs < 190)).toBe(true);
    network.clear(strong);
    expect(now.loses('mpls', 0, 0.1)).toBe(true);
    expect(now.tunnels('mpls').every((one) => one.latencyMs >= 180)).toBe(true);
    network.clear(late);
    expect(now.tunnels('mpls').every((one) => one.latencyMs < 90)).toBe(true);
  });

  it('leaves an edit alone that somebody made over it', () => {
    const network = startNetwork(acmeTopology(2));
    const id = network.inject({ tenant: 'acme', type: 'path_mtu_mismatch', resource: 'interface/br1_edge/ge0/0' });
    const running = network.config(acme('br1_edge'));
    const mended = running.interfaces.map((port) => (port.name === 'ge0/0' ? { ...port, mtu: 1400 } : port));
    network.commit(acme('br1_edge'), { ...running, interfaces: mended }, 'somebody');
    network.clear(id);
    expect(network.config(acme('br1_edge')).interfaces.find((port) => port.name === 'ge0/0')?.mtu).toBe(1400);
    expect(network.section(acme('br1_edge'), 'commits').map((one) => one.user)).toEqual(['netops', 'somebody']);
  });
});
