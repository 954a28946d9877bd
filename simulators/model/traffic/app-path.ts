/** The way that one host's traffic to a destination takes now: first edge, transport, exit, and the code points it carries. */
import type { Color } from '../../../protocols/device/config.ts';
import type { Host } from '../network.ts';
import { type DeviceNode, type EndCell, tenantOf, type World } from '../world.ts';
import { APPLICATIONS, type Application } from './applications.ts';
import { servingPort } from './demand.ts';
import { type Journey, travel } from './path.ts';
import { externalByName, hostOfService } from './site-hosts.ts';

export interface AppPath {
  /** The edge that serves the host; undefined while none does. */
  readonly node?: DeviceNode;
  /** Tunnel interface, WAN port of a breakout, LAN port; empty when the packets go nowhere. */
  readonly egress: string;
  readonly color?: Color;
  readonly end?: EndCell;
  /** Code point on arrival at the first edge and on departure from it. */
  readonly dscpIn: number;
  readonly dscpOut: number;
  readonly journey?: Journey;
}

/** The edge whose port serves the host's LAN now. */
export function servingNode(world: World, host: Host): DeviceNode | undefined {
  const members = tenantOf(world, host.tenant).sites.get(host.site) ?? [];
  return members.find((node) => servingPort(world, node, host.vrf) !== undefined);
}

/** Address of an application's service; undefined when nobody in this network offers it. */
export function addressOf(world: World, tenant: string, { destination }: Application): string | undefined {
  return 'external' in destination
    ? externalByName(world, destination.external)?.address
    : hostOfService(tenantOf(world, tenant), destination.service)?.address;
}

/** The application that a device takes packets to or from this address and port for. */
export function classify(
  world: World,
  tenant: string,
  address: string,
  port: number | undefined,
): Application | undefined {
  const fitting = APPLICATIONS.filter((one) => addressOf(world, tenant, one) === address);
  return fitting.find((one) => one.port === port) ?? (world.externals.has(address) ? fitting[0] : undefined);
}

/** Where packets of `application` from a host to `destination` (an address; the application's own service when absent) go. */
export function appPath(world: World, host: Host, application: Application, destination?: string): AppPath {
  const { dscp, name } = application;
  const node = servingNode(world, host);
  const goal = destination ?? addressOf(world, host.tenant, application);
  if (node === undefined || goal === undefined) return { egress: '', dscpIn: dscp, dscpOut: dscp };
  const journey = travel(world, node, host.vrf, goal, { application: name, dscp });
  const { egress } = journey;
  const gone = journey.end === 'lost' || journey.end === 'unreachable';
  if (egress === undefined) {
    return {
      node,
      egress: gone ? '' : (servingPort(world, node, host.vrf)?.name ?? ''),
      dscpIn: dscp,
      dscpOut: dscp,
      journey,
    };
  }
  const color = node.config.interfaces.find((one) => one.name === egress.port)?.color;
  return {
    node,
    egress: egress.name,
    ...(color === undefined ? {} : { color }),
    ...(egress.end === undefined ? {} : { end: egress.end }),
    dscpIn: dscp,
    dscpOut: egress.end?.tunnel.dscpRewrite ?? dscp,
    journey,
  };
}
