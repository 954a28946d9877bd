/** How a fault is played in the tests: a table of cases, short ways to read a device, and one run for all of them. */
import { expect, it } from 'vitest';
import type { InterfaceState, TunnelState } from '../../../protocols/device/state.ts';
import type { ModelNetwork } from '../../../simulators/model/create-network.ts';
import type { ProbeRequest } from '../../../simulators/model/network.ts';
import { acme, acmeTopology, outline, START, startNetwork } from '../model/reference.ts';

export const SECOND = 1_000;
export const MINUTE = 60_000;

/** Short ways to read one device of a network. */
export function readerOf(network: ModelNetwork, device: string) {
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
export type Reader = ReturnType<typeof readerOf>;

export interface Case {
  readonly type: string;
  readonly resource: string;
  /** Device that is looked at, `br1_edge` when absent. */
  readonly at?: string;
  /** How long after the onset; a minute when absent. */
  readonly after?: number;
  readonly shows: (now: Reader) => boolean;
  /** Signs of look-alikes. */
  readonly hides: (now: Reader) => boolean;
  /** What else a repair must bring back. */
  readonly same?: (now: Reader) => unknown;
  /** How long the repair takes to show. */
  readonly mends?: number;
  /** A changed configuration is the cause. */
  readonly commits?: true;
}

const PAIR = { mpls: 'ge0/0', 'biz-internet': 'ge0/1' } as const;
/** The same on each colour that all sites have. */
export const onBoth = (make: (color: keyof typeof PAIR, port: string) => readonly Case[]): readonly Case[] =>
  (Object.entries(PAIR) as [keyof typeof PAIR, string][]).flatMap(([color, port]) => make(color, port));

/** All that a repair must bring back: configuration, state of ports, tunnels and sessions. */
function summary(network: ModelNetwork, device: string): string {
  const { color: _, ...modem } = { color: '', ...network.section(acme(device), 'cellular')[0] };
  const paths = network
    .section(acme(device), 'tunnels')
    .map((one) => `${one.tunnel} ${one.lossPct < 0.2} ${Math.round(one.latencyMs / 10)} ${one.jitterMs < 5}`);
  const { monthBytes = 0, ...signal } = modem;
  return JSON.stringify([outline(network, device), network.config(acme(device)), paths, signal, monthBytes > 5e9]);
}

/** Each fault shows its sign and not its look-alikes', and goes without a trace. */
export function playCases(cases: readonly Case[]): void {
  it.each(cases)('$type at $resource', (one) => {
    const { type, resource, at = 'br1_edge', after = MINUTE, shows, hides, same, mends, commits } = one;
    const network = startNetwork(acmeTopology(4));
    const before = summary(network, at);
    const healthy = readerOf(network, at);
    const alike = JSON.stringify(same?.(healthy));
    if (type !== 'lte_idle_by_design') expect(shows(healthy), 'its sign without the fault').toBe(false);

    const id = network.inject({ tenant: 'acme', type, resource });
    network.advanceTo(START + after);
    expect(shows(readerOf(network, at)), 'its sign').toBe(true);
    expect(hides(readerOf(network, at)), 'the sign of a look-alike').toBe(false);
    expect(healthy.events('trap.system_commit').length > 0, 'a commit').toBe(commits === true);

    network.clear(id);
    network.advanceTo(network.now() + (mends ?? MINUTE));
    expect(summary(network, at)).toBe(before);
    expect(JSON.stringify(same?.(healthy))).toBe(alike);
  });
}
