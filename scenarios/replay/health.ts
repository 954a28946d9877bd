/** The health of a network as one table of words, so that before, during and after an incident can be compared. */
import { canonicalText } from '../../protocols/canonical-json.ts';
import type { DeviceConfig } from '../../protocols/device/config.ts';
import type { Network } from '../../simulators/model/network.ts';

/** Name of a thing → how it is. */
export type Health = ReadonlyMap<string, string>;

/** What people of a site do all day: the first PC of each, over each application that has a port. */
const USER = 'pc';

/**
 * Ports, tunnels, sessions, neighbours and control connections as devices have them, their configuration, and what users reach.
 * `withoutHeld` takes out what holds a threat: it was approved and goes by itself, and is neither damage nor drift.
 */
export function readHealth(
  network: Network,
  tenant: string,
  withoutHeld: (config: DeviceConfig) => DeviceConfig = (config) => config,
): Health {
  const health = new Map<string, string>();
  for (const ref of network.devices()) {
    if (ref.tenant !== tenant) continue;
    const at = (what: string): string => `${ref.device} ${what}`;
    health.set(at('answers'), network.reachable(ref) ? 'yes' : 'no');
    health.set(
      at('configuration'),
      isAsIntended(withoutHeld(network.config(ref)), network.intendedConfig(ref)) ? 'intended' : 'other',
    );
    if (!network.alive(ref)) continue;
    for (const port of network.section(ref, 'interfaces')) health.set(at(`port ${port.name}`), port.oper);
    for (const tunnel of network.section(ref, 'tunnels')) health.set(at(`tunnel ${tunnel.tunnel}`), tunnel.bfd);
    for (const session of network.section(ref, 'bgp')) health.set(at(`bgp ${session.neighbor}`), session.state);
    for (const one of network.section(ref, 'ospf')) health.set(at(`ospf ${one.interface} ${one.neighbor}`), one.state);
    for (const one of network.section(ref, 'control'))
      health.set(at(`control ${one.controller} ${one.color}`), one.state);
    for (const one of network.section(ref, 'system').processes)
      health.set(at(`process ${one.name}`), one.running ? 'running' : 'stopped');
  }
  const { devices, hosts } = network.topology();
  const services = hosts.filter((one) => one.tenant === tenant && one.kind === 'server');
  for (const { device, config } of devices.filter((one) => one.tenant === tenant && one.config.role === 'edge')) {
    const user = hosts.find((one) => one.tenant === tenant && one.site === config.site && one.kind === USER);
    if (user === undefined) continue;
    for (const { name, vrf: _, address, services: ports } of services) {
      for (const { name: service, port } of ports) {
        if (service !== 'erp') continue;
        const { result } = network.probe(
          { tenant, device },
          { kind: 'tcp', host: user.name, vrf: user.vrf, destination: address, port },
        );
        health.set(`${user.name} reaches ${name}:${service}`, result);
      }
    }
  }
  return health;
}

const isAsIntended = (running: DeviceConfig, intended: DeviceConfig): boolean =>
  running === intended || canonicalText(running) === canonicalText(intended);

export interface Repair {
  /** What the incident had changed and still is not as before. */
  readonly unmended: readonly string[];
  /** What the incident had left alone and is now worse. */
  readonly regressed: readonly string[];
}

export function compareHealth(before: Health, during: Health, after: Health): Repair {
  const differs = (name: string, now: Health): boolean => before.get(name) !== now.get(name);
  const names = [...before.keys()];
  return {
    unmended: names.filter((name) => differs(name, during) && differs(name, after)),
    regressed: names.filter((name) => !differs(name, during) && differs(name, after)),
  };
}
