/** What a device says about itself now: the cells read, the counters computed. */

import { tunnelId } from '../../protocols/device/names.ts';
import type { DeviceState, InterfaceState, SystemState, TunnelState } from '../../protocols/device/state.ts';
import { readHits, readOctets } from './counters.ts';
import { interfaceOf } from './layers/port.ts';
import { SESSION_STATES } from './layers/session.ts';
import { bfdDiagnostic, ipsecState, tunnelDelay } from './layers/tunnel.ts';
import { prefixesReceived, routesOf } from './rib.ts';
import { noise } from './seeded-noise.ts';
import {
  clockOffset,
  type DeviceNode,
  type EndCell,
  holds,
  type PortCell,
  powered,
  processRuns,
  type World,
} from './world.ts';

const LAN_SPEED_BPS = 1_000_000_000;

/** The whole operational state of one device at the present virtual time. */
export function readState(world: World, node: DeviceNode): DeviceState {
  return {
    hostname: node.config.hostname,
    system: readSystem(world, node),
    interfaces: [...node.ports.values()].map((port) => readInterface(world, port)),
    tunnels: [...node.ends.values()].filter((end) => end.value !== 'dormant').map((end) => readTunnel(world, end)),
    bgp: [...node.sessions.values()]
      .filter((session) => session.value !== 'dormant')
      .map((session) => {
        const { state, code, subcode } = SESSION_STATES[session.value];
        return {
          neighbor: session.neighbor.address,
          peer: session.neighbor.peer,
          localAs: node.config.bgp?.localAs ?? 0,
          remoteAs: session.neighbor.remoteAs,
          state,
          lastErrorCode: code,
          lastErrorSubcode: subcode,
          prefixesReceived: prefixesReceived(world, session),
          since: session.since,
        };
      }),
    routes: routesOf(world, node).map(({ parsed: _, originVrf: __, ...route }) => route),
    accessLists: readHits(world, node),
    vrrp: [...node.vrrp.values()].map(({ group, value, since }) => ({
      interface: group.interface,
      group: group.group,
      virtualAddress: group.virtualAddress,
      state: value,
      since,
    })),
    cellular: node.config.interfaces
      .filter((port) => port.color === 'lte')
      .map((port) => {
        const provider = node.circuits.get(port.name)?.provider ?? '';
        const registered = node.ports.get(port.name)?.value === 'up' && !holds(world, 'provider-outage', provider);
        const signalDbm = registered ? -68 - Math.floor(8 * noise(world.seed, 'signal', node.key)) : -120;
        return { interface: port.name, registered, attached: registered, signalDbm };
      }),
    control: [...node.controls.values()]
      .filter((control) => control.value !== 'dormant')
      .map(({ controller, color, value, since }) => ({
        controller,
        color,
        state: value === 'up' ? 'up' : 'down',
        reason: value === 'up' ? 'none' : value,
        since,
      })),
    commits: [...node.commits],
  };
}

function readSystem(world: World, node: DeviceNode): SystemState {
  const days = 120 + 200 * noise(world.seed, 'certificate', node.key);
  const aged = Math.max(0, world.now - node.bootedAt) / 86_400_000;
  const full = holds(world, 'session-table-full', node.key);
  return {
    uptimeMs: powered(world, node) ? Math.max(0, world.now - node.bootedAt) : 0,
    cpuPct:
      6 + Math.floor(10 * noise(world.seed, 'cpu', node.key) + 4 * noise(world.seed, 'load', node.key, minute(world))),
    memoryPct: 35 + Math.floor(20 * noise(world.seed, 'memory', node.key)),
    clockOffsetMs: clockOffset(world, node) || Math.floor(21 * noise(world.seed, 'clock', node.key)) - 10,
    certificateDays: holds(world, 'certificate-expired', node.key) ? -1 : Math.max(1, Math.floor(days - (aged % 90))),
    processes: ['bgpd', 'bfdd', 'netconfd', 'snmpd'].map((name) => ({ name, running: processRuns(world, node, name) })),
    firewallSessionPct: full ? 100 : 5 + Math.floor(20 * noise(world.seed, 'sessions', node.key)),
  };
}

/** Noise changes once a minute, so that two readings in a row agree. */
const minute = (world: World): number => Math.floor(world.now / 60_000);

function readInterface(world: World, port: PortCell): InterfaceState {
  const config = interfaceOf(port);
  const speedBps = port.node.circuits.get(port.name)?.capacityBps ?? LAN_SPEED_BPS;
  return {
    name: port.name,
    index: port.index,
    description: config?.description ?? '',
    admin: config?.enabled === true ? 'up' : 'down',
    oper: port.value,
    lastChange: port.since,
    mtu: config?.mtu ?? 1500,
    speedBps,
    inOctets: readOctets(world, port, speedBps, 'in'),
    outOctets: readOctets(world, port, speedBps, 'out'),
    inErrors: 0,
    outDiscards: 0,
    ...(config?.ipv4 === undefined ? {} : { address: config.ipv4.address }),
    vrf: config?.vrf ?? 0,
    ...(config?.color === undefined ? {} : { color: config.color }),
  };
}

function readTunnel(world: World, end: EndCell): TunnelState {
  const { color, peer, peerColor } = end.tunnel;
  const { device } = end.node.ref;
  const bfd = end.node.config.bfd.find((one) => one.color === color);
  const port = end.node.config.interfaces.find((one) => one.color === color);
  const up = end.value === 'up';
  const wobble = (what: string): number => noise(world.seed, what, end.link.key, minute(world));
  return {
    tunnel: tunnelId(device, color, peer, peerColor),
    interface: port?.name ?? '',
    color,
    peer,
    peerColor,
    bfd: up ? 'up' : 'down',
    bfdDiagnostic: bfdDiagnostic(world, end),
    bfdTransitions: end.transitions,
    bfdSince: end.since,
    txIntervalMs: bfd?.txIntervalMs ?? 0,
    multiplier: bfd?.multiplier ?? 0,
    ipsec: ipsecState(world, end),
    lossPct: up ? Math.floor(10 * wobble('loss')) / 100 : 100,
    latencyMs: up ? 2 * tunnelDelay(end) + Math.round(20 * wobble('latency')) / 10 : 0,
    jitterMs: up ? Math.round(5 + 20 * wobble('jitter')) / 10 : 0,
  };
}
