/** What a device says about itself now: the cells read, the counters computed; one file a family of readings. */
import type { DeviceState } from '../../protocols/device/state.ts';
import { readHits } from './counters.ts';
import { readApplications } from './state/application-state.ts';
import { readCellular } from './state/cellular-state.ts';
import { readInterfaces, readQueues } from './state/interface-state.ts';
import { readBgp, readOspf, readRoutes, readVrrp } from './state/routing-state.ts';
import { readArp, readDhcp, readFirewall, readNat } from './state/site-state.ts';
import { readControl, readOmp, readSystem } from './state/system-state.ts';
import { readSlaFailures, readTunnels } from './state/tunnel-state.ts';
import type { DeviceNode, World } from './world.ts';

type Sections = Required<DeviceState>;

const SECTIONS: { readonly [Key in keyof Sections]: (world: World, node: DeviceNode) => DeviceState[Key] } = {
  hostname: (_world, node) => node.config.hostname,
  system: readSystem,
  interfaces: readInterfaces,
  tunnels: readTunnels,
  bgp: readBgp,
  routes: readRoutes,
  accessLists: readHits,
  vrrp: (_world, node) => readVrrp(node),
  cellular: readCellular,
  control: (_world, node) => readControl(node),
  commits: (_world, node) => [...node.commits],
  omp: readOmp,
  ospf: readOspf,
  queues: readQueues,
  nat: readNat,
  firewall: readFirewall,
  dhcp: readDhcp,
  arp: readArp,
  logins: (_world, node) => [...node.logins],
  slaFailures: readSlaFailures,
  applications: readApplications,
};

/** One section of the operational state at the present virtual time; the others are not computed. */
export const readSection = <Key extends keyof DeviceState>(
  world: World,
  node: DeviceNode,
  key: Key,
): DeviceState[Key] => SECTIONS[key](world, node);

/** The whole operational state of one device at the present virtual time. */
export function readState(world: World, node: DeviceNode): DeviceState {
  const sections = Object.entries(SECTIONS).map(([key, read]) => [key, read(world, node)] as const);
  // Each section is read by the reader of its own type; a section that the device does not have is not there.
  return Object.fromEntries(sections.filter(([, value]) => value !== undefined)) as unknown as DeviceState;
}
