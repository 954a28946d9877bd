/** Which processes run on a host: one behind each service, as the agent on it reports. */
import type { HostProcess } from '../../../protocols/device/host.ts';
import type { Host } from '../network.ts';
import { conditionsOf, holds, type World } from '../world.ts';

/** Programs behind services, as common distributions name them. */
const PROGRAMS: Readonly<Record<string, string>> = {
  dns: 'named',
  dhcp: 'dhcpd',
  erp: 'httpd',
  sip: 'sipd',
  ntp: 'ntpd',
  backup: 'rsyncd',
};

/** Process behind a service. */
export const processOf = (service: string): string => PROGRAMS[service] ?? service;

export function hostProcesses(world: World, host: Host): readonly HostProcess[] {
  const place = `${host.tenant}/${host.name}`;
  const stopped = new Set(conditionsOf(world, 'host-process-stopped', place).map((one) => one.process));
  const silent = holds(world, 'host-down', place);
  return host.services.map((service) => {
    const process = processOf(service.name);
    const state = silent ? 'unreachable' : stopped.has(process) ? 'stopped' : 'running';
    return { host: host.name, process, state };
  });
}
