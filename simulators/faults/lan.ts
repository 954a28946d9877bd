/** Faults of a site's LAN: who gives addresses, who has which, and the radio. */
import type { DeviceConfig, DhcpScope } from '../../protocols/device/config.ts';
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import type { DeviceRef, Host } from '../model/network.ts';
import { deviceOf, slip } from './edit.ts';

const CORP_VRF = 10;

export const hostOf = (ground: FaultGround, place: FaultPlace): Host | undefined =>
  ground.topology.hosts.find((one) => one.tenant === place.tenant && one.name === place.host);

/** A host on the LAN of a branch: not a server, not the poller. */
const isOnLan = (place: FaultPlace, ground: FaultGround): boolean => {
  const host = hostOf(ground, place);
  return host !== undefined && ['pc', 'guest', 'camera', 'printer'].includes(host.kind);
};

/** Other hosts of the same LAN. */
const neighboursOf = (ground: FaultGround, host: Host): readonly Host[] =>
  ground.topology.hosts.filter(
    (one) => one.tenant === host.tenant && one.site === host.site && one.vrf === host.vrf && one.name !== host.name,
  );

const lastOctet = (address: string, last: number): string => address.replace(/\d+$/, String(last));

const scopeAt = (config: DeviceConfig): DhcpScope | undefined =>
  config.dhcp.find((one) => one.vrf === CORP_VRF) ?? config.dhcp[0];

/** Changes or removes one scope; undoing puts it back as it was, while it is still as it was left. */
function scopeSlip(ground: FaultGround, ref: DeviceRef, edit: (scope: DhcpScope) => DhcpScope | undefined): () => void {
  const good = scopeAt(ground.config(ref));
  const wrong = good && edit(good);
  const without = (running: DeviceConfig) => running.dhcp.filter((one) => one.name !== good?.name);
  return slip(
    ground,
    ref,
    (running) => ({ ...running, dhcp: [...without(running), ...(wrong === undefined ? [] : [wrong])] }),
    (running) => {
      const now = running.dhcp.find((one) => one.name === good?.name);
      if (good === undefined || JSON.stringify(now) !== JSON.stringify(wrong)) return undefined;
      return { ...running, dhcp: [good, ...without(running)] };
    },
  );
}

/** The first port that relays, or the one that is named. */
const relayPort = (config: DeviceConfig, name: string | undefined) =>
  config.interfaces.find((one) => one.dhcpHelpers.length > 0 && (name === undefined || one.name === name));

const withHelpers = (running: DeviceConfig, port: string, dhcpHelpers: readonly string[]): DeviceConfig => ({
  ...running,
  interfaces: running.interfaces.map((one) => (one.name === port ? { ...one, dhcpHelpers } : one)),
});

const hasScope = (place: FaultPlace, ground: FaultGround): boolean =>
  place.device !== undefined && ground.config(place.device).dhcp.length > 0;

export const lanFaults: readonly FaultType[] = [
  {
    type: 'arp_poisoning',
    kinds: ['host'],
    mechanism: 'A host answers for the addresses of its neighbours and of the gateway with its own MAC.',
    fits: isOnLan,
    apply(ground, place) {
      const host = hostOf(ground, place);
      if (host === undefined) return () => undefined;
      const victims = neighboursOf(ground, host).map((one) => one.address);
      const addresses = [lastOctet(host.address, 1), ...victims];
      return ground.impose({ kind: 'forged-arp', tenant: host.tenant, host: host.name, addresses });
    },
  },
  {
    type: 'duplicate_ip',
    kinds: ['host'],
    mechanism: 'A host uses the address of a neighbour, and both steal the traffic of the other.',
    fits: (place, ground) => {
      const host = hostOf(ground, place);
      return isOnLan(place, ground) && host !== undefined && neighboursOf(ground, host).length > 0;
    },
    apply(ground, place) {
      const host = hostOf(ground, place);
      const victim = host && neighboursOf(ground, host)[0];
      if (host === undefined || victim === undefined) return () => undefined;
      return ground.impose({
        kind: 'stolen-address',
        tenant: host.tenant,
        host: host.name,
        address: victim.address,
      });
    },
  },
  {
    type: 'host_wrong_gateway',
    kinds: ['host'],
    mechanism: 'One host has a gateway set by hand that nobody has.',
    fits: isOnLan,
    apply(ground, place) {
      const host = hostOf(ground, place);
      if (host === undefined) return () => undefined;
      const gateway = lastOctet(host.address, 253);
      return ground.impose({ kind: 'host-gateway', tenant: host.tenant, host: host.name, gateway });
    },
  },
  {
    type: 'rogue_dhcp',
    kinds: ['host'],
    mechanism: 'A host answers DHCP requests of its LAN and names a gateway that is not there.',
    fits: isOnLan,
    apply(ground, place) {
      const host = hostOf(ground, place);
      if (host === undefined) return () => undefined;
      const router = lastOctet(host.address, 250);
      return ground.impose({ kind: 'rogue-dhcp', tenant: host.tenant, host: host.name, router });
    },
  },
  {
    type: 'lan_wifi_problem',
    kinds: ['host'],
    mechanism: 'The radio of an access point loses and delays frames before they reach the edge.',
    graded: true,
    fits: (place, ground) => {
      const host = hostOf(ground, place);
      return host?.kind === 'access-point' || host?.accessPoint !== undefined;
    },
    apply(ground, place, degree) {
      const host = hostOf(ground, place);
      if (host === undefined) return () => undefined;
      return ground.impose({
        kind: 'bad-radio',
        tenant: host.tenant,
        host: host.accessPoint ?? host.name,
        share: Math.min(0.9, 0.07 * degree),
        delayMs: 45 * degree,
      });
    },
  },
  {
    type: 'dhcp_scope_missing',
    kinds: ['node'],
    mechanism: 'The pool of the corp LAN is gone from the configuration; clients lose their addresses as leases end.',
    fits: hasScope,
    apply: (ground, place) => scopeSlip(ground, deviceOf(place), () => undefined),
  },
  {
    type: 'dhcp_wrong_gateway',
    kinds: ['node'],
    mechanism: 'The router option of the corp LAN names an address that nobody has.',
    fits: hasScope,
    apply: (ground, place) =>
      scopeSlip(ground, deviceOf(place), (scope) => ({ ...scope, router: lastOctet(scope.router, 254) })),
  },
  {
    type: 'dhcp_relay_broken',
    kinds: ['node', 'interface'],
    mechanism: 'The helper address of the LAN port is wrong, so that requests never reach the server.',
    fits: (place, ground) =>
      place.device !== undefined && relayPort(ground.config(place.device), place.interface) !== undefined,
    apply(ground, place) {
      const ref = deviceOf(place);
      const port = relayPort(ground.config(ref), place.interface);
      if (port === undefined) return () => undefined;
      const good = port.dhcpHelpers;
      const wrong = good.map((address) => lastOctet(address, 250));
      return slip(
        ground,
        ref,
        (running) => withHelpers(running, port.name, wrong),
        (running) => {
          const now = running.interfaces.find((one) => one.name === port.name)?.dhcpHelpers;
          return JSON.stringify(now) === JSON.stringify(wrong) ? withHelpers(running, port.name, good) : undefined;
        },
      );
    },
  },
  {
    type: 'dhcp_service_down',
    kinds: ['node', 'host'],
    mechanism: 'The DHCP process is stopped, so that no scope of that server gives or renews addresses.',
    fits: (place, ground) =>
      hasScope(place, ground) || hostOf(ground, place)?.services.some((one) => one.name === 'dhcp') === true,
    apply: (ground, place) =>
      place.host === undefined
        ? ground.impose({ kind: 'process-stopped', ...deviceOf(place), process: 'dhcpd' })
        : ground.impose({ kind: 'host-process-stopped', tenant: place.tenant, host: place.host, process: 'dhcpd' }),
  },
];
