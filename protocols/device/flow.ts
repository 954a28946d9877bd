/** What a device reports about the traffic that it forwarded: flow records (RFC 7011, RFC 5103 without the reverse part). */
import type { Color } from './config.ts';

/** One flow as its exporter saw it between `start` and `end`. */
export interface FlowRecord {
  /** Device that exported it: the first edge on the way. */
  readonly device: string;
  /** Epoch milliseconds of the first and the last packet. */
  readonly start: number;
  readonly end: number;
  readonly vrf: number;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** IP protocol number: 1 ICMP, 6 TCP, 17 UDP. */
  readonly protocol: number;
  readonly octets: number;
  readonly packets: number;
  /** Union of the TCP flags that were seen (RFC 9293 §3.1): 2 SYN, 16 ACK, 1 FIN, 4 RST; 0 when not TCP. */
  readonly tcpFlags: number;
  /** Differentiated services code point on arrival and on departure. */
  readonly dscpIn: number;
  readonly dscpOut: number;
  /** Application as the device classified it: `erp`, `voice`, `dns`, … */
  readonly application: string;
  /** Interface it left by: a tunnel interface, a WAN port of a local breakout, a LAN port; empty when it was dropped. */
  readonly egress: string;
  /** Colour of the transport it took; absent inside the site. */
  readonly color?: Color;
  /** Name asked for, on DNS flows. */
  readonly dnsName?: string;
}
