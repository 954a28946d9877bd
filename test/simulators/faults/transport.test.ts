/** Every fault of circuits, ports and providers, at two places each: its telling sign, not its look-alike's, its repair. */
import { describe, expect, it } from 'vitest';
import { acme, acmeTopology, START, startNetwork } from '../model/reference.ts';
import { type Case, MINUTE, onBoth, playCases, type Reader, readerOf, SECOND } from './play-case.ts';

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
  ...(['br1', 'br2'] as const).flatMap((site): readonly Case[] => [
    {
      type: 'path_mtu_mismatch',
      resource: `interface/${site}_edge/ge0/2`,
      at: `${site}_edge`,
      commits: true,
      shows: (now) => lanSize(now) === 500,
      hides: (now) => !now.up('mpls') || readerOf(now.network, 'br3_edge').port('ge0/2')?.mtu !== 1500,
    },
    {
      type: 'link_packet_corruption',
      resource: `interface/${site}_edge/ge0/2`,
      at: `${site}_edge`,
      shows: (now) => (now.port('ge0/2')?.inErrors ?? 0) > 20 && lanLoss(now) > 5,
      hides: (now) => !now.loses('mpls', 0, 0.1) || now.port('ge0/2')?.oper !== 'up',
    },
  ]),
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

/** From the LAN to the ERP: the largest packet, and what pings lose in percent. */
const ERP_ADDRESS = '10.100.20.10';
const lanSize = (now: Reader) => now.probe({ kind: 'df-size', destination: ERP_ADDRESS }).figures?.size;
const lanLoss = (now: Reader) =>
  now.probe({ kind: 'icmp', destination: ERP_ADDRESS, count: 200 }).figures?.lossPct ?? 0;

describe('faults of transport', () => {
  playCases(CASES);

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

  it('judges every tunnel anew when the director asks for more', () => {
    const network = startNetwork(acmeTopology(2));
    const director = network.config(acme('director'));
    const strict = director.slaClasses.map((one) => (one.name === 'voice' ? { ...one, latencyMs: 50 } : one));
    network.commit(acme('director'), { ...director, slaClasses: strict }, 'netops');
    const met = (): ReadonlySet<string> =>
      new Set(network.section(acme('br1_edge'), 'tunnels').map((one) => one.slaClasses.join(' ')));
    expect(met()).toEqual(new Set(['voice video critical bulk']));
    network.advanceTo(START + 11 * MINUTE);
    expect(met()).toEqual(new Set(['video critical bulk']));
    network.commit(acme('director'), director, 'netops');
    network.advanceTo(START + 3 * 60 * MINUTE);
    expect(met()).toEqual(new Set(['voice video critical bulk']));
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
