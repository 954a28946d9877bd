/** What was is told as it was: flow records by the way of their minute, statistics as of their sample, leases by the way to their server. */
import { describe, expect, it } from 'vitest';
import { controllerRoutes } from '../../../protocols/controller/routes.ts';
import type { ModelNetwork } from '../../../simulators/model/create-network.ts';
import { acme, acmeTopology, readPlain, START, startNetwork } from './reference.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const inject = (network: ModelNetwork, type: string, resource: string): string =>
  network.inject({ tenant: 'acme', type, resource });
const flows = (network: ModelNetwork, after: number, until: number) =>
  network
    .flows('acme', after, until, 100_000)
    .filter((one) => one.device === 'br1_edge' && one.egress.startsWith('tun-'));
const waysOf = (all: ReturnType<typeof flows>): readonly string[] => [...new Set(all.map((one) => one.color ?? ''))];

describe('the network as it was', () => {
  it('keeps the way of past minutes in flow records, through a fault and a commit', () => {
    const network = startNetwork(acmeTopology(2));
    network.advanceTo(START + 10 * MINUTE);
    const before = flows(network, START, START + 10 * MINUTE);
    expect(waysOf(before)).toContain('mpls');

    const cut = inject(network, 'link_detach', 'interface/br1_edge/ge0/0');
    network.advanceTo(START + 20 * MINUTE);
    const config = network.config(acme('br1_edge'));
    network.commit(acme('br1_edge'), { ...config, tunnels: config.tunnels.slice(0, -1) }, 'netops');
    network.advanceTo(START + 30 * MINUTE);

    expect(flows(network, START, START + 10 * MINUTE)).toEqual(before);
    const during = flows(network, START + 11 * MINUTE, START + 30 * MINUTE);
    expect(waysOf(during)).toEqual(['biz-internet']);
    network.clear(cut);
    network.advanceTo(START + 40 * MINUTE);
    expect(flows(network, START + 11 * MINUTE, START + 30 * MINUTE)).toEqual(during);
    expect(waysOf(flows(network, START + 35 * MINUTE, START + 40 * MINUTE))).toContain('mpls');
  });

  it('tells the same flows whatever span is asked for, and changes nothing by looking', () => {
    const network = startNetwork(acmeTopology(2));
    inject(network, 'link_flap', 'interface/br1_edge/ge0/0');
    network.advanceTo(START + 15 * MINUTE);
    const present = JSON.stringify(network.devices().map((ref) => readPlain(network, ref.device)));
    const whole = flows(network, START, START + 15 * MINUTE);
    const parts = Array.from({ length: 15 }, (_, n) => flows(network, START + n * MINUTE, START + (n + 1) * MINUTE));
    expect(parts.flat()).toEqual(whole);
    expect(whole.length).toBeGreaterThan(0);
    expect(JSON.stringify(network.devices().map((ref) => readPlain(network, ref.device)))).toBe(present);
  });

  it('samples statistics at the same instants however often anybody asks', () => {
    const run = (askedEvery: number): readonly unknown[] => {
      const network = startNetwork(acmeTopology(2));
      const routes = controllerRoutes(network, 'acme');
      const ask = (path: string) => routes.get(`/dataservice/statistics/${path}`)?.({ deviceId: 'br1_edge' });
      network.advanceTo(START + 7 * MINUTE);
      inject(network, 'asymmetric_provider_loss', 'circuit/br1/mpls');
      for (let at = START + 7 * MINUTE; at <= START + 34 * MINUTE; at += MINUTE) {
        network.advanceTo(at);
        if (at === START + 23 * MINUTE) inject(network, 'if_admin_shutdown', 'interface/br1_edge/ge0/1');
        if ((at - START) % askedEvery === 0) for (const path of ['interface', 'cos', 'slam']) ask(path);
      }
      return ['interface', 'cos', 'slam'].map(ask);
    };
    const often = run(MINUTE);
    expect(run(100 * HOUR)).toEqual(often);
    expect(run(9 * MINUTE)).toEqual(often);
    expect(JSON.stringify(often)).toContain(`"lastupdated":${START + 30 * MINUTE}`);
  });

  it('gives no lease by relay while the server is out of reach, and one as soon as it is not', () => {
    const network = startNetwork(acmeTopology(2));
    const helped = (device: string): boolean =>
      network
        .section(acme(device), 'arp')
        .some((one) => one.interface === 'ge0/3' && one.address.startsWith('169.254.'));
    const cuts = ['ge0/0', 'ge0/1'].map((port) => inject(network, 'link_detach', `interface/br1_edge/${port}`));
    network.advanceTo(START + HOUR);
    expect(helped('br1_edge'), 'a lease outlives its server').toBe(false);
    network.advanceTo(START + 25 * HOUR);
    expect([helped('br1_edge'), helped('br2_edge')]).toEqual([true, false]);
    for (const cut of cuts) network.clear(cut);
    network.advanceTo(network.now() + 3 * MINUTE);
    expect(helped('br1_edge')).toBe(false);
    // The way to the server ends at its own port.
    inject(network, 'lan_interface_down', 'interface/hub1_edge/ge0/3');
    network.advanceTo(network.now() + 25 * HOUR);
    expect([helped('br1_edge'), helped('br2_edge')]).toEqual([true, true]);
  });
});
