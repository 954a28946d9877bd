/** MIB tables about ports, physical and tunnel, and about the neighbours on them. */
import { isTunnelPort } from '../device/names.ts';
import type { InterfaceState } from '../device/state.ts';
import { IF_TABLE, IF_X_TABLE, NEIGHBOR_STATES, NEIGHBORS, PORT_STATES, PORT_TYPES } from './oids.ts';
import { counter32, counter64, gauge, integer, type MibTable, octets, parseOid, row, text, ticks } from './table.ts';

const typeOf = ({ name, color }: InterfaceState): number =>
  isTunnelPort(name) ? PORT_TYPES.tunnel : color === 'lte' ? PORT_TYPES.cellular : PORT_TYPES.ethernet;

export const PORT_TABLES: readonly MibTable[] = [
  {
    root: '1.3.6.1.2.1.2.2',
    rows: ({ now, section }) => {
      const bootedAt = now - section('system').uptimeMs;
      return section('interfaces').flatMap((port) =>
        row(IF_TABLE, [port.index], {
          index: integer(port.index),
          descr: text(port.name),
          type: integer(typeOf(port)),
          mtu: integer(port.mtu),
          speed: gauge(port.speedBps),
          admin: integer(PORT_STATES[port.admin]),
          oper: integer(PORT_STATES[port.oper]),
          // 0 when the last change was before the device booted (RFC 2863 §6).
          lastChange: ticks(port.lastChange - bootedAt),
          inOctets32: counter32(port.inOctets),
          inErrors: counter32(port.inErrors),
          outOctets32: counter32(port.outOctets),
          outDiscards: counter32(port.outDiscards),
        }),
      );
    },
  },
  {
    root: '1.3.6.1.2.1.4.35',
    rows: ({ section }) => {
      const index = new Map(section('interfaces').map((port) => [port.name, port.index]));
      // One row an address: where two hosts claim it, the table shows the one that was heard last.
      const entries = new Map(section('arp').map((entry) => [`${entry.interface} ${entry.address}`, entry]));
      return [...entries.values()].flatMap(({ interface: port, address, mac }) =>
        row(NEIGHBORS, [index.get(port) ?? 0, 1, 4, ...parseOid(address)], {
          physical: octets(...(mac === '' ? [] : mac.split(':').map((octet) => Number.parseInt(octet, 16)))),
          state: integer(NEIGHBOR_STATES[mac === '' ? 'incomplete' : 'reachable']),
        }),
      );
    },
  },
  {
    root: '1.3.6.1.2.1.31.1.1',
    rows: ({ section }) =>
      section('interfaces').flatMap((port) =>
        row(IF_X_TABLE, [port.index], {
          name: text(port.name),
          inOctets: counter64(port.inOctets),
          outOctets: counter64(port.outOctets),
          highSpeed: gauge(port.speedBps / 1e6),
          alias: text(port.description),
        }),
      ),
  },
];
