/** What active probes answer: whether they came back, and what they measured. */

/** What an active probe (RPC `ping` or `tcp-connect`) answers. */
export interface ProbeResult {
  readonly sent: number;
  readonly received: number;
  readonly rttMs: number;
  /** `ok`, `timeout`, `refused`, `unreachable`. */
  readonly result: 'ok' | 'timeout' | 'refused' | 'unreachable';
  readonly figures?: ProbeFigures;
}

/** What an active probe measures beside reachability; only what its kind measures is there. */
export interface ProbeFigures {
  readonly lossPct?: number;
  readonly jitterMs?: number;
  /** `df-size`: largest packet that passed, bytes. */
  readonly size?: number;
  /** `df-size`: next-hop MTU that a router answered (RFC 1191 §4); absent when it stayed silent. */
  readonly nextHopMtu?: number;
  /** `dns`: address that the name resolved to. */
  readonly answer?: string;
  /** `throughput`, megabits a second. */
  readonly mbps?: number;
  /** `voice`: mean opinion score (ITU-T G.107), 1–4.5. */
  readonly mos?: number;
  /** `traceroute`: devices on the way, as they name themselves; `*` for one that is silent. */
  readonly hops?: readonly string[];
}
