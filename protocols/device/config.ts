/**
 * What a device is configured to do, as types: the intended and the running configuration of an SD-WAN edge, hub or
 * controller. `protocols/yang` maps it to and from the XML of the YANG modules; the network model runs on it.
 */

/** Transport colours of an access circuit. */
export type Color = 'mpls' | 'biz-internet' | 'lte';

/** Classes of traffic: one queue each on a WAN port. `control` carries BFD, BGP and management (CS6, RFC 4594 §3.1). */
export type TrafficClass = 'control' | 'voice' | 'video' | 'critical' | 'bulk' | 'best-effort';

/** Classes that an SLA is stated for. */
export type SlaClass = 'voice' | 'video' | 'critical' | 'bulk';

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
  /** UDP port of control connections: where a controller listens, where an edge or hub sends to. */
  readonly controlPort: number;
  /** Which VRFs import routes of another one here. */
  readonly vrfLeaks: readonly VrfLeak[];
  /** LAN ports that speak OSPF (RFC 2328), and in which area. */
  readonly ospf: readonly OspfInterface[];
  readonly qos: readonly QosPolicy[];
  readonly nat: readonly NatPool[];
  /** Traffic that leaves for the internet at this site instead of through a hub. */
  readonly breakouts: readonly Breakout[];
  /** Absent on controllers. */
  readonly firewall?: FirewallConfig;
  readonly dhcp: readonly DhcpScope[];
  readonly ntpServers: readonly string[];
  /** Application-aware routing, held by the director for all edges. */
  readonly appRoutes: readonly AppRoute[];
  /** SLA classes, held by the director for all edges. */
  readonly slaClasses: readonly SlaThreshold[];
  /** How edges measure tunnels, held by the director for all edges. */
  readonly appRoutePoll?: AppRoutePoll;
  /** Local accounts, without their secrets. */
  readonly accounts: readonly Account[];
}

export interface VrfLeak {
  /** Policy name, e.g. `vrf-leak-corp-server`. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface OspfInterface {
  readonly interface: string;
  /** Dotted quad, as RFC 2328 writes it. */
  readonly area: string;
}

export interface QosPolicy {
  /** e.g. `qos-wan`. */
  readonly name: string;
  readonly classes: readonly QosClass[];
}

export interface QosClass {
  readonly class: TrafficClass;
  /** Code points that are put into this class. */
  readonly dscp: readonly number[];
  /** Percent of the port that the class is sure of. */
  readonly bandwidthPct: number;
  /** Served before all others, up to its bandwidth. */
  readonly priority: boolean;
}

/** A pool of source ports for translated flows. */
export interface NatPool {
  readonly name: string;
  readonly addresses: number;
  /** Source ports of each address: flows to one destination address and port at a time (RFC 4787 §4.1). */
  readonly portsPerAddress: number;
}

export interface Breakout {
  readonly name: string;
  readonly vrf: number;
  /** Only this application; absent: everything of the VRF that is not for another site. */
  readonly application?: string;
  readonly color: Color;
  /** Name of the pool that translates it. */
  readonly nat: string;
}

export interface FirewallConfig {
  readonly maxSessions: number;
  /** Half-open sessions from which the device raises an alarm. */
  readonly halfOpenLimit: number;
  readonly idleSeconds: number;
  /** Patterns that every packet of new sessions is matched against. */
  readonly inspection: readonly InspectionRule[];
}

export interface InspectionRule {
  readonly name: string;
  /** Regular expression; nested quantifiers cost time that grows with the packet (CWE-1333). */
  readonly pattern: string;
}

export interface DhcpScope {
  /** e.g. `corp`. */
  readonly name: string;
  readonly vrf: number;
  readonly prefix: string;
  /** Option 3 (RFC 2132 §3.5). */
  readonly router: string;
  /** Option 6, in the order in which clients ask. */
  readonly resolvers: readonly string[];
  readonly leaseSeconds: number;
}

export interface AppRoute {
  /** Policy name without its prefix: `policy/director/approute-<name>`. */
  readonly name: string;
  readonly application: string;
  readonly slaClass: SlaClass;
  /** Preferred first. */
  readonly colors: readonly Color[];
  /** True: these colours and no other, whether they meet the SLA or not. */
  readonly strict: boolean;
}

export interface SlaThreshold {
  readonly name: SlaClass;
  readonly lossPct: number;
  /** Round-trip time. */
  readonly latencyMs: number;
  /** Absent: any. */
  readonly jitterMs?: number;
}

export interface AppRoutePoll {
  /** A poll is the mean over this time; an SLA is judged on the mean of `multiplier` polls. */
  readonly intervalSeconds: number;
  readonly multiplier: number;
}

export interface Account {
  readonly name: string;
  readonly role: 'admin' | 'operator' | 'monitor';
  /** True: nobody logs in by it, and it keeps its secret; absent: it is good. */
  readonly disabled?: boolean;
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
  /** QoS policy of packets leaving here. */
  readonly qosPolicy?: string;
  /** DHCP servers elsewhere that requests entering here are relayed to (RFC 3046 §2.0); empty when served here. */
  readonly dhcpHelpers: readonly string[];
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
  /** ICMP type and code (RFC 792), only with protocol `icmp`. */
  readonly icmpType?: number;
  readonly icmpCode?: number;
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
  /** Destination prefixes that may enter the tunnel (RFC 7296 §2.9); empty: all. */
  readonly selectors: readonly string[];
  /** IKE proposal, the same at both ends. */
  readonly proposal: string;
  /** Lifetime of the child SA in seconds; each rekey is due before it ends (RFC 7296 §2.8). */
  readonly lifetimeSeconds: number;
  /** Anti-replay window in packets (RFC 4303 §3.4.3). */
  readonly replayWindow: number;
  /** Code point written into packets that leave by this tunnel; absent: kept. */
  readonly dscpRewrite?: number;
  /** Parity packets beside calls and video that leave by this tunnel: at any time, or only while it loses; absent: none. */
  readonly fec?: 'adaptive' | 'always';
}

export interface IpsecConfig {
  /** Public identity key of this device (base64, 32 bytes), as peers must know it. Public keys are no secrets. */
  readonly identityKey: string;
  /** Keys this device expects of its peers. */
  readonly peers: readonly { readonly peer: string; readonly key: string }[];
  /** Lifetime of the IKE SA, which authenticates again at its end. */
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
  /** What it tells a neighbour beside its own prefixes: `own` nothing, `all` whatever it heard from others. */
  readonly exports: 'own' | 'all';
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
