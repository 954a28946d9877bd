/** The part of a flow record that says who exported it and which way it went. */
import type { FlowRecord } from '../../../protocols/device/flow.ts';
import { passesEdge } from '../lan/edge-filter.ts';
import { hostState } from '../lan/host-state.ts';
import type { Host } from '../network.ts';
import { contact } from '../probes/contact.ts';
import { appPath } from '../traffic/app-path.ts';
import type { Application } from '../traffic/applications.ts';
import type { World } from '../world.ts';

export type FlowWay = Pick<
  FlowRecord,
  'device' | 'vrf' | 'source' | 'destination' | 'dscpIn' | 'dscpOut' | 'egress' | 'color'
> & {
  /** An answer comes back. */
  readonly answered: boolean;
};

const PROTOCOLS = { tcp: 6, udp: 17 } as const;
/** TCP flags (RFC 9293 §3.1): a handshake that got no answer, and a whole connection. */
const SYN = 2;
const WHOLE = 1 + 2 + 8 + 16;

/** From a host to an address; undefined while no edge serves the host. `answer`: what a service sends back; `admitted`: a
 * session for which there is room wherever room is needed. */
export function flowWay(
  world: World,
  host: Host,
  application: Application,
  destination: string,
  kind: 'session' | 'answer' | 'admitted' = 'session',
): FlowWay | undefined {
  const path = appPath(world, host, application, destination);
  const state = hostState(world, host);
  if (path.node === undefined || !state.online) return undefined;
  const { protocol, port, dscp } = application;
  const ask = {
    vrf: host.vrf,
    host,
    destination,
    packet: kind === 'answer' ? { protocol } : { protocol, port },
    dscp,
    count: 0,
  };
  // What its access list denies, the edge tells of as dropped.
  const passes = passesEdge(world, host, { ...ask.packet, destination });
  const answered = passes && contact(world, path.node, { ...ask, session: kind === 'session' }).result === 'ok';
  return {
    device: path.node.ref.device,
    vrf: host.vrf,
    source: state.address,
    destination,
    dscpIn: path.dscpIn,
    dscpOut: path.dscpOut,
    egress: passes ? path.egress : '',
    ...(path.color === undefined || !passes ? {} : { color: path.color }),
    answered,
  };
}

/** A record of the way: `bytes` and `packets` as far as anything was answered. */
export function flowRecord(
  { device, vrf, source, destination, dscpIn, dscpOut, egress, color, answered }: FlowWay,
  protocol: 'tcp' | 'udp',
  rest: Pick<FlowRecord, 'start' | 'end' | 'sourcePort' | 'destinationPort' | 'octets' | 'packets' | 'application'> & {
    readonly dnsName?: string;
  },
): FlowRecord {
  const volume = answered ? {} : { octets: 3 * HANDSHAKE_BYTES, packets: 3 };
  const tcpFlags = protocol === 'tcp' ? (answered ? WHOLE : SYN) : 0;
  const way = { device, vrf, source, destination, dscpIn, dscpOut, egress };
  // Assigned, not spread: tens of thousands are made an hour of a network, and it takes a fiftieth of the time.
  return Object.assign(
    way,
    color === undefined ? {} : { color },
    { protocol: PROTOCOLS[protocol], tcpFlags },
    rest,
    volume,
  );
}

const HANDSHAKE_BYTES = 60;
