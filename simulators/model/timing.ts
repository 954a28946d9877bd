/** The clockwork of the network: every delay between a cause and what a device notices, in milliseconds. */

/** Two handshakes and three hellos after the path is back (RFC 5880 §6.8.6). */
export const BFD_UP_MS = 3_000;
/** Reconnection once nothing stands in the way; far below ConnectRetryTime (RFC 4271 §10), as implementations do. */
export const BGP_UP_MS = 2_000;
/** A refused OPEN or a Cease is answered within a round trip and a retry. */
export const BGP_NOTIFICATION_MS = 1_000;
/** Hold time where BFD is not the trigger (3 keepalives of 3 s, RFC 4271 §4.2). */
export const BGP_HOLD_MS = 9_000;
/** Control connections: hello tolerance, and the period after which the peer is authenticated again. */
export const CONTROL_DOWN_MS = 60_000;
export const CONTROL_UP_MS = 5_000;
/** A closed port is answered within a few attempts. */
export const CONTROL_REFUSED_MS = 5_000;
/** A device whose authentication failed tries again. */
export const AUTHENTICATION_RETRY_MS = 600_000;
/** Without controllers a device goes on with what it knew for so long (graceful restart of the control plane). */
export const CONTROL_GRACE_MS = 43_200_000;
/** A clock further off than this lets no certificate check pass. */
export const CLOCK_TOLERANCE_MS = 3_600_000;
/** Router dead interval (RFC 2328 appendix C.3, four hellos of 10 s), and a hello with an exchange of the database. */
export const OSPF_DEAD_MS = 40_000;
export const OSPF_UP_MS = 12_000;
/** Advertisement interval of VRRP (RFC 9568 §5.2.7). */
export const VRRP_ADVERTISEMENT_MS = 1_000;
/** Attempts and keepalives on BGP's port, a second and neighbour. */
export const BGP_PACKETS_PER_SECOND = 0.4;
/** From a new public endpoint until peers have learned it: the next registration with a controller, and its news. */
export const RELEARN_MS = 15_000;
/** A control connection that answers nobody any more is set up anew by its client, which misses three answers. */
export const CONTROL_RETRY_MS = 3_000;
/** Delay variation beyond this is rare on a healthy path; a BFD that waits less declares it dead at times. */
export const NORMAL_DELAY_VARIATION_MS = 300;
/** Between two such bursts: a quarter of a minute to a minute, and how long one lasts. */
export const BURST_GAP_MS = [15_000, 60_000] as const;
export const BURST_MS = 500;
/** A refused proposal, retransmissions and the exchange that succeeds (RFC 7296 §2.1, §2.7). */
export const REKEY_RETRY_MS = 10_000;
