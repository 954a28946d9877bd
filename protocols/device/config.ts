/**
 * What a device is configured to do, as types: the intended and the running configuration of an SD-WAN edge, hub or
 * controller. `protocols/yang` maps it to and from the XML of the YANG modules; the network model runs on it.
 */

/** Transport colours of an access circuit. */
export type Color = 'mpls' | 'biz-internet' | 'lte';

export interface DeviceConfig {
  readonly hostname: string;
  readonly role: 'edge' | 'hub' | 'controller';
  /** Site number (refnet: branch N is N, hubs are 100 and 200). */
  readonly siteId: number;
  /** Site name as people say it: `br2`, `hub1`. */
  readonly site: string;
  /** Router id, also the SNMP/overlay identity; dotted quad. */
  readonly systemIp: string;
  readonly interfaces: readonly InterfaceConfig[];
  readonly accessLists: readonly AccessList[];
  /** Name of the access list that filters packets addressed to the device itself. */
  readonly controlPlaneAcl?: string;
  readonly tunnels: readonly TunnelConfig[];
  readonly ipsec: IpsecConfig;
  readonly bfd: readonly BfdConfig[];
  readonly bgp?: BgpConfig;
  readonly staticRoutes: readonly StaticRoute[];
  readonly vrrp: readonly VrrpConfig[];
  /** Controllers the device keeps control connections to, by device name. */
  readonly controllers: readonly string[];
}

export interface InterfaceConfig {
  readonly name: string;
  readonly description?: string;
  readonly enabled: boolean;
  readonly mtu: number;
  /** `address` dotted quad, absent on an unnumbered port. */
  readonly ipv4?: { readonly address: string; readonly prefixLength: number };
  /** 0 = transport, 10 corp, 20 server, 30 iot, 40 guest. */
  readonly vrf: number;
  /** Set on WAN ports only. */
  readonly color?: Color;
  /** Access list applied to packets entering here. */
  readonly accessListIn?: string;
}

export interface AccessList {
  readonly name: string;
  /** First match wins; the end is an implicit permit. Entry names are unique in the list. */
  readonly entries: readonly AccessListEntry[];
}

export interface AccessListEntry {
  readonly name: string;
  readonly action: 'permit' | 'deny';
  /** `bfd` is UDP 3784 inside the tunnel, `ospf` is IP protocol 89. */
  readonly protocol: 'any' | 'tcp' | 'udp' | 'icmp' | 'ospf';
  readonly source?: string;
  readonly destination?: string;
  readonly destinationPort?: number;
}

/** One overlay tunnel end. `name` is local: `tun-<colour>-<peer>`. */
export interface TunnelConfig {
  readonly name: string;
  readonly color: Color;
  readonly peer: string;
  readonly peerColor: Color;
  /** Overlay point-to-point addresses out of 172.30.0.0/16. */
  readonly localAddress: string;
  readonly remoteAddress: string;
}

export interface IpsecConfig {
  /** Public identity key of this device (base64, 32 bytes), as peers must know it. Public keys are no secrets. */
  readonly identityKey: string;
  /** Keys this device expects of its peers. */
  readonly peers: readonly { readonly peer: string; readonly key: string }[];
  readonly rekeySeconds: number;
}

export interface BfdConfig {
  readonly color: Color;
  readonly txIntervalMs: number;
  readonly multiplier: number;
}

export interface BgpConfig {
  readonly localAs: number;
  /** Prefixes originated here. */
  readonly networks: readonly string[];
  readonly neighbors: readonly BgpNeighbor[];
}

export interface BgpNeighbor {
  /** Overlay address of the peer (a tunnel's `remoteAddress`). */
  readonly address: string;
  readonly peer: string;
  readonly remoteAs: number;
  readonly maxPrefixes: number;
  /** Higher wins (primary hub 200, backup hub 100). */
  readonly localPreference: number;
}

export interface StaticRoute {
  readonly vrf: number;
  readonly prefix: string;
  /** `discard` is a blackhole. */
  readonly nextHop: string;
}

export interface VrrpConfig {
  readonly interface: string;
  readonly group: number;
  readonly virtualAddress: string;
  readonly priority: number;
}
