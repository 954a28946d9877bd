/** `routes.read`: the routing table of one VRF. */
import { z } from 'zod';
import { nodeName } from '../protocols/device/names.ts';
import { el, renderXml } from '../protocols/netconf/xml.ts';
import { SDWAN_NS } from '../protocols/yang/namespaces.ts';
import { readRib } from '../protocols/yang/state-from-xml.ts';
import { STATE } from '../protocols/yang/state-schema.ts';
import { defineTool } from './define-tool.ts';
import { netconfGet } from './operations.ts';
import { deviceOf, observe, xmlOf } from './replies.ts';

const filterOf = (vrf: number): string =>
  renderXml(el(SDWAN_NS, STATE.routes.name, [el(SDWAN_NS, 'route', [el(SDWAN_NS, 'vrf', String(vrf))])]));

export const routesRead = defineTool({
  name: 'routes.read',
  domain: 'diagnostics',
  effect: 'read',
  description: 'Reads the routes of one VRF of devices with protocol, next hop and outgoing interface.',
  targets: 'many',
  input: z.strictObject({
    vrf: z.int().min(0).max(65_535).describe('VRF number: 0 transport, 10 corp, 20 server, 30 iot, 40 guest'),
  }),
  plan: ({ vrf }, { devices }) => devices.map((device) => netconfGet(device, filterOf(vrf))),
  read: (replies) =>
    replies.flatMap((reply) =>
      readRib(xmlOf(reply)).map(({ vrf, prefix, protocol, nextHop, interface: port }) =>
        observe(
          reply,
          nodeName(deviceOf(reply)),
          'rib.route',
          `vrf ${vrf} ${prefix} ${protocol} via ${nextHop} ${port}`,
        ),
      ),
    ),
});
