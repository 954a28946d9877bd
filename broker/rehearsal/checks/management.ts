/** Checks that a device stays who it is, stays manageable, and stays under the eyes of those who watch it. */
import type { AccessListEntry, DeviceConfig } from '../../../protocols/device/config.ts';
import { isInPlace } from '../../containment/measure.ts';
import type { Check } from '../check.ts';

/** Ports by which the broker reads and changes a device: SSH, SNMP, HTTPS, NETCONF over SSH (RFC 6242 §6). */
const MANAGEMENT_PORTS = [22, 161, 443, 830];

export const identityKept: Check = ({ old, changed }) => {
  const parts = ['hostname', 'role', 'siteId', 'site', 'systemIp'] as const;
  return parts.filter((part) => old[part] !== changed[part]).map((part) => `${part} would change`);
};

export const managementKept: Check = ({ old, changed, before, after }) => {
  const lost = [...before.reachable].filter((device) => !after.reachable.has(device));
  const had = new Set(denials(old));
  // The model does not follow the addresses of the underlay, so they stay as they are.
  const ports = old.interfaces.filter(({ color }) => color !== undefined);
  const moved = ports.filter((port) => {
    const now = changed.interfaces.find((one) => one.name === port.name);
    return now !== undefined && addressOf(now) !== addressOf(port);
  });
  return [
    ...lost.map((device) => `${device} could no longer be managed`),
    ...old.controllers.filter((one) => !changed.controllers.includes(one)).map((one) => `controller ${one} is removed`),
    ...denials(changed)
      .filter((entry) => !had.has(entry))
      .map(() => 'the control-plane list would deny management'),
    ...moved.map(({ name }) => `the WAN port ${name} would move`),
  ];
};

/** Who watches a device has an account on it, and what it tells has the time of a server. */
export const oversightKept: Check = ({ old, changed }) => {
  const now = new Map(changed.accounts.map(({ name, role }) => [name, role]));
  const had = new Set(old.accounts.map(({ name }) => name));
  return [
    ...old.accounts.filter(({ name }) => !now.has(name)).map(({ name }) => `the account ${name} would be removed`),
    ...old.accounts
      .filter(({ name, role }) => now.has(name) && now.get(name) !== role)
      .map(({ name }) => `the account ${name} would be ${now.get(name)}`),
    ...old.accounts.flatMap(({ name, role, disabled }) => lastDisabled(changed, { name, role }, disabled === true)),
    ...changed.accounts
      .filter(({ name, role }) => !had.has(name) && role === 'admin')
      .map(({ name }) => `${name} would become an administrator`),
    ...(old.ntpServers.length > 0 && changed.ntpServers.length === 0 ? ['the last time server would be removed'] : []),
  ];
};

/** An account may be disabled while another one of its role is good. */
function lastDisabled(
  { accounts }: DeviceConfig,
  { name, role }: DeviceConfig['accounts'][number],
  was: boolean,
): readonly string[] {
  const isNow = accounts.some((one) => one.name === name && one.disabled === true);
  const others = accounts.some((one) => one.name !== name && one.role === role && one.disabled !== true);
  return isNow && !was && !others ? [`no other account would be ${role}, with ${name} disabled`] : [];
}

/** No other change takes away, or gets round, what contains a threat. */
export const containmentsKept: Check = ({ input, device, old, changed }) =>
  (input.contained ?? [])
    .filter((trace) => trace.device === device && isInPlace(old, trace) && !isInPlace(changed, trace))
    .map(({ entry }) => `${entry} of a containment would no longer hold`);

const addressOf = ({ ipv4 }: DeviceConfig['interfaces'][number]): string => `${ipv4?.address}/${ipv4?.prefixLength}`;

/** Entries of the control-plane list that can keep the broker out. */
function denials({ accessLists, controlPlaneAcl }: DeviceConfig): readonly string[] {
  const entries = accessLists.find((list) => list.name === controlPlaneAcl)?.entries ?? [];
  const stops = ({ action, protocol, destinationPort }: AccessListEntry): boolean =>
    action === 'deny' &&
    ['any', 'tcp', 'udp'].includes(protocol) &&
    (destinationPort === undefined || MANAGEMENT_PORTS.includes(destinationPort));
  return entries.filter(stops).map((entry) => JSON.stringify(entry));
}
