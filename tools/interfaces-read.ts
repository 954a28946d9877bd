/** `interfaces.read`: state and counters of all ports, from IF-MIB. */
import { z } from 'zod';
import { interfaceName, isTunnelPort } from '../protocols/device/names.ts';
import { INTERFACES } from '../protocols/mib/oids.ts';
import { readInterfaces } from '../protocols/mib/read-mib.ts';
import { defineTool } from './define-tool.ts';
import { snmpWalk } from './operations.ts';
import { deviceOf, observeAll, varbindsOf } from './replies.ts';

const { name, admin, oper, lastChange, mtu, inErrors, outDiscards, alias } = INTERFACES;
export const INTERFACE_COLUMNS: readonly string[] = [mtu, admin, oper, lastChange, inErrors, outDiscards, name, alias];

/** Whether the ports that stand for tunnels are told of; a hub has some for every site. */
export const withTunnels = z.boolean().exactOptional().describe('false: without the ports that stand for tunnels');

export const interfacesRead = defineTool({
  name: 'interfaces.read',
  domain: 'diagnostics',
  effect: 'read',
  description:
    'Reads administrative and operational state, last change, errors, drops, MTU and description of all ports.',
  targets: 'many',
  input: z.strictObject({ tunnels: withTunnels }),
  plan: (_input, { devices }) => devices.map((device) => snmpWalk(device, INTERFACE_COLUMNS)),
  read: (replies, _context, input) =>
    replies.flatMap((reply) =>
      readInterfaces(varbindsOf(reply)).flatMap((port) =>
        input?.tunnels === false && isTunnelPort(port.name)
          ? []
          : observeAll(reply, interfaceName(deviceOf(reply), port.name), {
              'if.oper': port.oper,
              'if.admin': port.admin,
              'if.last_change': port.lastChange,
              'if.in_errors': port.inErrors,
              'if.out_drops': port.outDiscards,
              'if.mtu': port.mtu,
              'if.description': port.description,
            }),
      ),
    ),
});
