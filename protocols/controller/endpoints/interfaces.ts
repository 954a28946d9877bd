/** Paths about ports: state, statistics, queues, neighbours, filters, modems. */
import { z } from 'zod';
import { lineUsePct } from '../../device/derive.ts';
import type { QueueState } from '../../device/state.ts';
import { ofDevice } from '../endpoint.ts';
import { color, count, figure, percent, row, text, time, upDown, vpn, word } from '../rows.ts';

export const interfaceRow = row.extend({
  ifname: word,
  ifindex: count,
  desc: text,
  'if-admin-status': upDown,
  'if-oper-status': upDown,
  /** Epoch milliseconds of the last change of the operational status. */
  'last-change': time,
  mtu: count,
  'speed-bps': figure,
  'vpn-id': vpn,
  'ip-address': z.ipv4().optional(),
  color: color.optional(),
});

export const interfaceStatisticsRow = row.extend({
  interface: word,
  rx_octets: count,
  tx_octets: count,
  rx_errors: count,
  tx_drops: count,
  rx_kbps: figure,
  tx_kbps: figure,
  down_capacity_percentage: percent,
  up_capacity_percentage: percent,
});

export const interfaceMtuRow = row.extend({ ifname: word, mtu: count });

/** Drops of the queues of an access circuit, by the classes of the per-hop behaviours (RFC 4594 §2.3). */
export const queueRow = row.extend({
  sitename: word,
  accckt: word,
  /** Expedited forwarding: voice. */
  eftxdrop: count,
  /** Assured forwarding: video, critical and bulk. */
  aftxdrop: count,
  betxdrop: count,
  /** Network control. */
  nctxdrop: count,
  /** The same by class. */
  class_drops: z.partialRecord(z.enum(['control', 'voice', 'video', 'critical', 'bulk', 'best-effort']), count),
});

export const neighborRow = row.extend({
  'if-name': word,
  ip: z.ipv4(),
  /** Absent while unresolved. */
  mac: z.mac().optional(),
  state: z.enum(['reachable', 'incomplete']),
});

export const accessListRow = row.extend({ name: word, 'counter-name': word, packets: count });

export const cellularRow = row.extend({
  'if-name': word,
  registration: z.enum(['registered', 'not-registered']),
  attachment: z.enum(['attached', 'detached']),
  rssi: z.number().min(-200).max(0),
  'month-bytes': count,
});

const dropsOf = (queues: readonly QueueState[], ...classes: readonly QueueState['class'][]): number =>
  queues.filter((queue) => classes.includes(queue.class)).reduce((sum, queue) => sum + queue.drops, 0);

export const INTERFACE_ENDPOINTS = [
  ofDevice('/dataservice/device/interface', interfaceRow, 'live', ['interfaces'], ({ state }) =>
    state.interfaces.map((port) => ({
      ifname: port.name,
      ifindex: port.index,
      desc: port.description,
      'if-admin-status': port.admin,
      'if-oper-status': port.oper,
      'last-change': port.lastChange,
      mtu: port.mtu,
      'speed-bps': port.speedBps,
      'vpn-id': port.vrf,
      ...(port.address === undefined ? {} : { 'ip-address': port.address }),
      ...(port.color === undefined ? {} : { color: port.color }),
    })),
  ),
  ofDevice('/dataservice/statistics/interface', interfaceStatisticsRow, 'statistics', ['interfaces'], ({ state }) =>
    state.interfaces.map((port) => ({
      interface: port.name,
      rx_octets: port.inOctets,
      tx_octets: port.outOctets,
      rx_errors: port.inErrors,
      tx_drops: port.outDiscards,
      rx_kbps: port.inBps / 1000,
      tx_kbps: port.outBps / 1000,
      down_capacity_percentage: lineUsePct(port.inBps, port.speedBps),
      up_capacity_percentage: lineUsePct(port.outBps, port.speedBps),
    })),
  ),
  ofDevice('/dataservice/data/device/state/CEdgeInterface', interfaceMtuRow, 'live', ['interfaces'], ({ state }) =>
    state.interfaces.map((port) => ({ ifname: port.name, mtu: port.mtu })),
  ),
  ofDevice('/dataservice/statistics/cos', queueRow, 'statistics', ['queues'], ({ state, config }) =>
    [...new Set(state.queues.map((queue) => queue.interface))].map((port) => {
      const queues = state.queues.filter((queue) => queue.interface === port);
      return {
        sitename: config.site,
        accckt: port,
        eftxdrop: dropsOf(queues, 'voice'),
        aftxdrop: dropsOf(queues, 'video', 'critical', 'bulk'),
        betxdrop: dropsOf(queues, 'best-effort'),
        nctxdrop: dropsOf(queues, 'control'),
        class_drops: Object.fromEntries(queues.map((queue) => [queue.class, queue.drops])),
      };
    }),
  ),
  ofDevice('/dataservice/device/arp', neighborRow, 'live', ['arp'], ({ state }) =>
    state.arp.map((one) => ({
      'if-name': one.interface,
      ip: one.address,
      ...(one.mac === '' ? { state: 'incomplete' as const } : { mac: one.mac, state: 'reachable' as const }),
    })),
  ),
  ofDevice('/dataservice/device/policy/accesslistcounters', accessListRow, 'live', ['accessLists'], ({ state }) =>
    state.accessLists.map((one) => ({ name: one.list, 'counter-name': one.entry, packets: one.hits })),
  ),
  ofDevice('/dataservice/device/cellular', cellularRow, 'live', ['cellular'], ({ state }) =>
    state.cellular.map((modem) => ({
      'if-name': modem.interface,
      registration: modem.registered ? ('registered' as const) : ('not-registered' as const),
      attachment: modem.attached ? ('attached' as const) : ('detached' as const),
      rssi: modem.signalDbm,
      'month-bytes': modem.monthBytes,
    })),
  ),
] as const;
