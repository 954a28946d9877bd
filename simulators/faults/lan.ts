/** Faults of a site's LAN: who gives addresses, who has which, and the radio. */
import { isDeepStrictEqual } from 'node:util';
import type { DeviceConfig, DhcpScope } from '../../protocols/device/config.ts';
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import type { DeviceRef } from '../model/network.ts';
import { deviceOf, slip } from './edit.ts';
import { gatewaysOf, highAddress, hostOf, isHost, lanPrefix, neighboursOf } from './surroundings.ts';

/** Addresses that nobody has, counted from the top of a subnet: of a wrong scope, a wrong host, a wrong server. */
const FROM_TOP = { scope: 1, host: 2, rogue: 5, helper: 5 } as const;

const CORP_VRF = 10;

/** A host on a LAN that is not a server. */
const isOnLan = isHost('pc', 'guest', 'camera', 'printer');

const scopeAt = (config: DeviceConfig): DhcpScope | undefined =>
  config.dhcp.find((one) => one.vrf === CORP_VRF) ?? config.dhcp[0];

/** Changes or removes one scope; undoing puts it back where it was, while it is still as it was left. */
function scopeSlip(ground: FaultGround, ref: DeviceRef, edit: (scope: DhcpScope) => DhcpScope | undefined): () => void {
  const before = ground.config(ref).dhcp;
  const good = scopeAt(ground.config(ref));
  const wrong = good && edit(good);
  const put = (running: DeviceConfig, scope: DhcpScope | undefined): DeviceConfig => {
    const others = running.dhcp.filter((one) => one.name !== good?.name);
    return {
      ...running,
      dhcp: others.toSpliced(good === undefined ? 0 : before.indexOf(good), 0, ...(scope ? [scope] : [])),
    };
  };
  return slip(
    ground,
    ref,
    (running) => put(running, wrong),
    (running) => {
      const now = running.dhcp.find((one) => one.name === good?.name);
      return isDeepStrictEqual(now, wrong) ? put(running, good) : undefined;
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
      const host = hostOf(place, ground);
      if (host === undefined) return () => undefined;
      const victims = neighboursOf(host, ground).map((one) => one.address);
      const addresses = [...gatewaysOf(host, ground), ...victims];
      return ground.impose({ kind: 'forged-arp', tenant: host.tenant, host: host.name, addresses });
    },
  },
  {
    type: 'duplicate_ip',
    kinds: ['host'],
    mechanism: 'A host uses the address of a neighbour, and both steal the traffic of the other.',
    fits: (place, ground) => {
      const host = hostOf(place, ground);
      return isOnLan(place, ground) && host !== undefined && neighboursOf(host, ground).length > 0;
    },
    apply(ground, place) {
      const host = hostOf(place, ground);
      const victim = host && neighboursOf(host, ground)[0];
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
      const host = hostOf(place, ground);
      if (host === undefined) return () => undefined;
      const gateway = highAddress(lanPrefix(host, ground) ?? '', FROM_TOP.host);
      return ground.impose({ kind: 'host-gateway', tenant: host.tenant, host: host.name, gateway });
    },
  },
  {
    type: 'rogue_dhcp',
    kinds: ['host'],
    mechanism: 'A host answers DHCP requests of its LAN and names a gateway that is not there.',
    fits(place, ground) {
      const host = hostOf(place, ground);
      const clients = host === undefined ? [] : neighboursOf(host, ground).filter((one) => !one.fixed);
      return isOnLan(place, ground) && clients.length > 0;
    },
    apply(ground, place) {
      const host = hostOf(place, ground);
      if (host === undefined) return () => undefined;
      const router = highAddress(lanPrefix(host, ground) ?? '', FROM_TOP.rogue);
      return ground.impose({ kind: 'rogue-dhcp', tenant: host.tenant, host: host.name, router });
    },
  },
  {
    type: 'lan_wifi_problem',
    kinds: ['host'],
    mechanism: 'The radio of an access point loses and delays frames before they reach the edge.',
    graded: true,
    fits: (place, ground) => {
      const host = hostOf(place, ground);
      return host?.kind === 'access-point' || host?.accessPoint !== undefined;
    },
    apply(ground, place, degree) {
      const host = hostOf(place, ground);
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
      scopeSlip(ground, deviceOf(place), (scope) => ({ ...scope, router: highAddress(scope.prefix, FROM_TOP.scope) })),
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
      const wrong = good.map((address) => highAddress(`${address}/24`, FROM_TOP.helper));
      return slip(
        ground,
        ref,
        (running) => withHelpers(running, port.name, wrong),
        (running) => {
          const now = running.interfaces.find((one) => one.name === port.name)?.dhcpHelpers;
          return isDeepStrictEqual(now, wrong) ? withHelpers(running, port.name, good) : undefined;
        },
      );
    },
  },
  {
    type: 'dhcp_service_down',
    kinds: ['node', 'host'],
    mechanism: 'The DHCP process is stopped, so that no scope of that server gives or renews addresses.',
    fits: (place, ground) =>
      hasScope(place, ground) || hostOf(place, ground)?.services.some((one) => one.name === 'dhcp') === true,
    apply: (ground, place) =>
      place.host === undefined
        ? ground.impose({ kind: 'process-stopped', ...deviceOf(place), process: 'dhcpd' })
        : ground.impose({ kind: 'host-process-stopped', tenant: place.tenant, host: place.host, process: 'dhcpd' }),
  },
];
