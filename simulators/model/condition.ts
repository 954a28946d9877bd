/**
 * Physical conditions: what can be wrong with the world without any configuration saying so.
 *
 * Faults impose them, observers (a rehearsal) state them at the start; the layers read them and nothing else. Each is at
 * one place: a device, a port, a circuit (named by its port), a provider, a host, or a tenant.
 */
import type { ChangeTicket, KnownSource, MaintenanceWindow } from '../../protocols/device/records.ts';
import type { DeviceRef } from './network.ts';

/** A host of a tenant. */
export interface HostRef {
  readonly tenant: string;
  readonly host: string;
}
type PortRef = DeviceRef & { readonly interface: string };
/** A share of packets, 0–1. */
type Share = { readonly share: number };

type OnDevice =
  | { readonly kind: 'no-power' }
  | { readonly kind: 'process-stopped'; readonly process: string }
  | { readonly kind: 'clock-offset'; readonly offsetMs: number }
  | { readonly kind: 'certificate-expired' }
  | { readonly kind: 'controllers-cut' }
  /** A process of the device grows from `since` (epoch milliseconds) on. */
  | { readonly kind: 'memory-leak'; readonly process: string; readonly kbPerHour: number; readonly since: number }
  /** It runs other software than planned. */
  | { readonly kind: 'software'; readonly version: string }
  /** The director's last push to it stopped in the middle. */
  | { readonly kind: 'push-failed' }
  /** Somebody keeps failing to log in. */
  | { readonly kind: 'failed-logins'; readonly user: string; readonly source: string; readonly everySeconds: number }
  /** Every packet through it takes longer, for a reason outside the model. */
  | { readonly kind: 'slow-device'; readonly delayMs: number }
  /** A filter in front of it drops control connections without an answer. */
  | { readonly kind: 'filtered-in-front' };

type OnPort =
  | { readonly kind: 'no-carrier' }
  /** The hardware of the port is gone. */
  | { readonly kind: 'port-absent' }
  /** Frames arrive damaged and are counted as errors, in both directions. */
  | ({ readonly kind: 'corruption' } & Share)
  /** Packets that leave by the port vanish uncounted. */
  | ({ readonly kind: 'silent-loss' } & Share);

/** Of the access circuit behind a WAN port; `in` is towards the device. */
type OnCircuit =
  | ({ readonly kind: 'circuit-loss'; readonly direction: 'in' | 'out' | 'both' } & Share)
  | { readonly kind: 'circuit-delay'; readonly delayMs: number }
  /** `hours`: only between these hours of the local day, e.g. 9 and 18. */
  | { readonly kind: 'circuit-jitter'; readonly jitterMs: number; readonly hours?: readonly [number, number] }
  | { readonly kind: 'circuit-shaped'; readonly bps: number }
  /** A link inside the provider takes smaller packets; `silent`: its ICMP answers are lost. */
  | { readonly kind: 'circuit-mtu'; readonly mtu: number; readonly silent: boolean }
  | { readonly kind: 'overlay-blocked' }
  /** The address translation in the provider has given the device another public endpoint. */
  | { readonly kind: 'nat-moved'; readonly binding: number }
  | { readonly kind: 'lte-detached' }
  /** The plan's volume is used up: the operator lets the SIM have this much. */
  | { readonly kind: 'lte-quota-used'; readonly bps: number };

type OnHost =
  | { readonly kind: 'host-down' }
  | { readonly kind: 'host-process-stopped'; readonly process: string }
  /** Its service answers later. */
  | { readonly kind: 'host-delay'; readonly delayMs: number }
  /** Demand as a multiple of what it can serve. */
  | { readonly kind: 'host-overload'; readonly factor: number }
  /** TCP receive window. */
  | { readonly kind: 'host-window'; readonly bytes: number }
  | { readonly kind: 'host-gateway'; readonly gateway: string }
  /** A filter on the host itself drops a port. */
  | { readonly kind: 'host-filter'; readonly port: number }
  /** An access point whose radio loses and delays frames. */
  | ({ readonly kind: 'bad-radio'; readonly delayMs: number } & Share)
  /** A resolver answers a name with this address. */
  | { readonly kind: 'zone-record'; readonly name: string; readonly answer: string }
  /** It uses another host's address. */
  | { readonly kind: 'stolen-address'; readonly address: string }
  /** It answers ARP for these addresses with its own MAC. */
  | { readonly kind: 'forged-arp'; readonly addresses: readonly string[] }
  /** It answers DHCP requests of its LAN. */
  | { readonly kind: 'rogue-dhcp'; readonly router: string }
  | { readonly kind: 'host-sends'; readonly traffic: Traffic };

/** Traffic that a host adds to its ordinary demand, from `since` (epoch milliseconds) on. */
export type Traffic = { readonly since: number } & (
  | { readonly pattern: 'bulk'; readonly destination: string; readonly bps: number }
  | { readonly pattern: 'syn-flood'; readonly destination: string; readonly port: number; readonly perSecond: number }
  | {
      readonly pattern: 'beacon';
      readonly destination: string;
      readonly everySeconds: number;
      readonly dnsNames: 'random' | 'readable';
    }
  | { readonly pattern: 'scan'; readonly prefix: string; readonly ports: readonly number[]; readonly perSecond: number }
  | { readonly pattern: 'discovery'; readonly port: number; readonly perMinute: number }
  | { readonly pattern: 'download'; readonly destination: string; readonly bytes: number; readonly bps: number }
  | {
      readonly pattern: 'many-sessions';
      readonly destination: string;
      readonly port: number;
      readonly perSecond: number;
    }
);

/** Of a tenant: its monitoring, and what its people wrote down. */
type OnTenant =
  /** The poller at hub1 has lost its uplink. */
  | { readonly kind: 'poller-cut' }
  | { readonly kind: 'window'; readonly record: MaintenanceWindow }
  | { readonly kind: 'ticket'; readonly record: ChangeTicket }
  | { readonly kind: 'known-source'; readonly record: KnownSource };

type OnProvider =
  | { readonly kind: 'provider-outage' }
  | ({ readonly kind: 'provider-brownout'; readonly delayMs: number } & Share);

export type Condition =
  | (DeviceRef & OnDevice)
  | (PortRef & (OnPort | OnCircuit))
  | (HostRef & OnHost)
  | ({ readonly tenant: string } & OnTenant)
  | ({ readonly provider: string } & OnProvider);

export type ConditionKind = Condition['kind'];
export type ConditionOf<Kind extends ConditionKind> = Extract<Condition, { readonly kind: Kind }>;

/** Place of a condition: `tenant/device`, `tenant/device|port`, `tenant/host`, `tenant` or the provider. */
export function placeOf(condition: Condition): string {
  if ('provider' in condition) return condition.provider;
  if ('host' in condition) return `${condition.tenant}/${condition.host}`;
  if ('interface' in condition) return `${condition.tenant}/${condition.device}|${condition.interface}`;
  return 'device' in condition ? `${condition.tenant}/${condition.device}` : condition.tenant;
}

/** Identity of a condition: two of the same key are one, held twice. */
export const conditionKey = (condition: Condition): string => `${placeOf(condition)}|${JSON.stringify(condition)}`;
