/** What a device says about itself now: the cells read, the counters computed; one file a family of readings. */
import type { DeviceState } from '../../protocols/device/state.ts';
import { readHits } from './counters.ts';
import { readInterfaces, readQueues } from './state/interface-state.ts';
import { readBgp, readOspf, readRoutes, readVrrp } from './state/routing-state.ts';
import { readApplications, readArp, readDhcp, readFirewall, readNat } from './state/site-state.ts';
import { readCellular, readControl, readOmp, readSystem } from './state/system-state.ts';
import { readSlaFailures, readTunnels } from './state/tunnel-state.ts';
import type { DeviceNode, World } from './world.ts';

/** The whole operational state of one device at the present virtual time. */
export function readState(world: World, node: DeviceNode): DeviceState {
  const firewall = readFirewall(world, node);
  return {
    hostname: node.config.hostname,
    system: readSystem(world, node),
    interfaces: readInterfaces(world, node),
    tunnels: readTunnels(world, node),
    bgp: readBgp(world, node),
    routes: readRoutes(world, node),
    accessLists: readHits(world, node),
    vrrp: readVrrp(node),
    cellular: readCellular(world, node),
    control: readControl(node),
    commits: [...node.commits],
    omp: readOmp(node),
    ospf: readOspf(world, node),
    queues: readQueues(world, node),
    nat: readNat(world, node),
    ...(firewall === undefined ? {} : { firewall }),
    dhcp: readDhcp(world, node),
    arp: readArp(world, node),
    logins: [...node.logins],
    slaFailures: readSlaFailures(world, node),
    applications: readApplications(world, node),
  };
}
