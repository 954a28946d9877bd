/** The information elements of a flow record, in the order in which our exporters send them (IANA registry "ipfix", RFC 7012). */

/** `size` in octets; 65,535 is variable (RFC 7011 §7). */
export interface FieldSpec {
  readonly id: number;
  readonly size: number;
  /** Private enterprise number of an element that is not IANA's. */
  readonly enterprise?: number;
}

export const VARIABLE = 65_535;
/** 32473 is the enterprise number of examples (RFC 5612): colour and name asked for have no element at IANA. */
const EXAMPLE = 32_473;

export const FLOW_FIELDS = {
  start: { id: 152, size: 8 }, // flowStartMilliseconds
  end: { id: 153, size: 8 }, // flowEndMilliseconds
  vrf: { id: 234, size: 4 }, // ingressVRFID
  source: { id: 8, size: 4 }, // sourceIPv4Address
  destination: { id: 12, size: 4 }, // destinationIPv4Address
  sourcePort: { id: 7, size: 2 }, // sourceTransportPort
  destinationPort: { id: 11, size: 2 }, // destinationTransportPort
  protocol: { id: 4, size: 1 }, // protocolIdentifier
  octets: { id: 1, size: 8 }, // octetDeltaCount
  packets: { id: 2, size: 8 }, // packetDeltaCount
  tcpFlags: { id: 6, size: 2 }, // tcpControlBits
  dscpIn: { id: 5, size: 1 }, // ipClassOfService: the code point is its upper six bits
  dscpOut: { id: 55, size: 1 }, // postIpClassOfService
  application: { id: 96, size: VARIABLE }, // applicationName
  egress: { id: 82, size: VARIABLE }, // interfaceName
  color: { id: 1, size: VARIABLE, enterprise: EXAMPLE },
  dnsName: { id: 2, size: VARIABLE, enterprise: EXAMPLE },
} as const satisfies Readonly<Record<string, FieldSpec>>;

export type FlowField = keyof typeof FLOW_FIELDS;
export const FLOW_FIELD_NAMES = Object.keys(FLOW_FIELDS) as readonly FlowField[];

/** One key for an element, whoever owns it. */
export const fieldKey = ({ id, enterprise = 0 }: Pick<FieldSpec, 'id' | 'enterprise'>): string => `${enterprise}/${id}`;
