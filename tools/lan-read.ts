/** `lan.read`: the LAN side of devices: leases, neighbours, translations, half-open sessions, OSPF, VRRP. */
import { z } from 'zod';
import { poolUsePct } from '../protocols/device/derive.ts';
import { interfaceName, nodeName, policyName } from '../protocols/device/names.ts';
import { CONFIG } from '../protocols/yang/config-schema.ts';
import { readConfigSection, readSection } from '../protocols/yang/state-from-xml.ts';
import { STATE } from '../protocols/yang/state-schema.ts';
import { defineTool } from './define-tool.ts';
import { netconfGet, selectAll } from './operations.ts';
import { deviceOf, observe, xmlOf } from './replies.ts';

const WANTED = selectAll(STATE.dhcp, STATE.arp, STATE.nat, STATE.firewall, STATE.ospf, STATE.vrrp, CONFIG.ospf);

export const lanRead = defineTool({
  name: 'lan.read',
  domain: 'diagnostics',
  effect: 'read',
  description:
    'Reads DHCP leases and messages, ARP entries, use of NAT pools, half-open sessions, OSPF neighbours and VRRP state of devices.',
  targets: 'many',
  input: z.strictObject({}),
  plan: (_input, { devices }) => devices.map((device) => netconfGet(device, WANTED)),
  read: (replies) =>
    replies.flatMap((reply) => {
      const device = deviceOf(reply);
      const xml = xmlOf(reply);
      const neighbors = readSection(xml, 'ospf') ?? [];
      const firewall = readSection(xml, 'firewall');
      return [
        ...(readSection(xml, 'dhcp') ?? []).flatMap((one) => [
          observe(reply, policyName(device, `dhcp-${one.scope}`), 'dhcp.leases', one.leases),
          observe(reply, policyName(device, `dhcp-${one.scope}`), 'dhcp.offers', `${one.offers}/${one.discovers}`),
        ]),
        ...(readSection(xml, 'arp') ?? []).map((one) =>
          observe(
            reply,
            interfaceName(device, one.interface),
            'arp.entry',
            `${one.address} ${one.mac === '' ? 'unresolved' : one.mac}`,
          ),
        ),
        ...(readSection(xml, 'nat') ?? []).map((one) =>
          observe(reply, policyName(device, `nat-${one.pool}`), 'nat.port_use_pct', poolUsePct(one)),
        ),
        ...(firewall === undefined ? [] : [observe(reply, nodeName(device), 'flow.halfopen', firewall.halfOpen)]),
        ...(readSection(xml, 'vrrp') ?? []).map((one) =>
          observe(reply, interfaceName(device, one.interface), 'vrrp.state', one.state),
        ),
        ...neighbors.map((one) => observe(reply, interfaceName(device, one.interface), 'ospf.neighbor', one.state)),
        // A neighbour whose dead interval ran out is not listed; the configuration says where one belongs.
        ...(readConfigSection(xml, 'ospf') ?? [])
          .filter((port) => neighbors.every((one) => one.interface !== port.interface))
          .map((port) => observe(reply, interfaceName(device, port.interface), 'ospf.neighbor', 'none')),
      ];
    }),
});
