/** Reads ports, tunnels and SLA violations back from the varbinds of a device, which is not trusted (see `read-table.ts`). */
import type { Color, SlaClass } from '../device/config.ts';
import {
  APP_ROUTE,
  BFD,
  BFD_STATES,
  COLORS,
  INTERFACES,
  IPSEC,
  PORT_STATES,
  SLA,
  SLA_CLASSES,
  wordOf,
} from './oids.ts';
import { counter64Of, defined, isAddress, type MibValue, numberOf, readTable, stateOf, textOf } from './read-table.ts';

export interface InterfaceRow {
  /** ifIndex. */
  readonly index: number;
  readonly name: string;
  readonly admin?: 'up' | 'down';
  readonly oper?: 'up' | 'down';
  /** Hundredths of a second after boot. */
  readonly lastChange?: number;
  readonly mtu?: number;
  readonly inErrors?: number;
  readonly outDiscards?: number;
  readonly inOctets?: number;
  readonly outOctets?: number;
  /** Megabits a second. */
  readonly highSpeed?: number;
  readonly description?: string;
}

export interface OverlayTunnelRow {
  /** Overlay address of the far end. */
  readonly remoteAddress: string;
  readonly bfd?: 'up' | 'down';
  readonly txIntervalMs?: number;
  readonly transitions?: number;
  readonly lossPct?: number;
  readonly latencyMs?: number;
  readonly jitterMs?: number;
  readonly replayDrops?: number;
  readonly authDrops?: number;
  readonly noSaDrops?: number;
  readonly rekeys?: number;
  readonly disconnects?: number;
}

export interface SlaViolationRow {
  readonly application: string;
  readonly class: SlaClass;
  readonly color: Color;
  readonly violations?: number;
}

/** Name of a port in one word. */
const PORT = /^[\w./-]{1,64}$/;
const INDEX = /^\d{1,10}$/;

export function readInterfaces(varbinds: readonly MibValue[]): readonly InterfaceRow[] {
  return readTable(varbinds, INTERFACES).flatMap(({ index, cell }) => {
    const name = textOf(cell('name')) ?? textOf(cell('descr'));
    if (name === undefined || !INDEX.test(index) || !PORT.test(name)) return [];
    return defined({
      index: Number(index),
      name,
      admin: stateOf(PORT_STATES, cell('admin')),
      oper: stateOf(PORT_STATES, cell('oper')),
      lastChange: numberOf(cell('lastChange')),
      mtu: numberOf(cell('mtu')),
      inErrors: numberOf(cell('inErrors')),
      outDiscards: numberOf(cell('outDiscards')),
      inOctets: counter64Of(cell('inOctets')),
      outOctets: counter64Of(cell('outOctets')),
      highSpeed: numberOf(cell('highSpeed')),
      description: textOf(cell('alias')),
    });
  });
}

export function readOverlayTunnels(varbinds: readonly MibValue[]): readonly OverlayTunnelRow[] {
  return readTable(varbinds, { ...BFD, ...APP_ROUTE, ...IPSEC }).flatMap(({ index, cell }) => {
    if (!isAddress(index)) return [];
    return defined({
      remoteAddress: index,
      bfd: stateOf(BFD_STATES, cell('state')),
      txIntervalMs: numberOf(cell('txInterval')),
      transitions: numberOf(cell('transitions')),
      lossPct: numberOf(cell('loss')),
      latencyMs: numberOf(cell('latency')),
      jitterMs: numberOf(cell('jitter')),
      replayDrops: numberOf(cell('replayDrops')),
      authDrops: numberOf(cell('authDrops')),
      noSaDrops: numberOf(cell('noSaDrops')),
      rekeys: numberOf(cell('rekeys')),
      disconnects: numberOf(cell('disconnects')),
    });
  });
}

export function readSlaViolations(varbinds: readonly MibValue[]): readonly SlaViolationRow[] {
  return readTable(varbinds, SLA).flatMap(({ index, cell }) => {
    const [length = 0, ...rest] = index.split('.').map(Number);
    const application = String.fromCharCode(...rest.slice(0, length));
    const [kind = 0, transport = 0, ...more] = rest.slice(length);
    const [slaClass, color] = [wordOf(SLA_CLASSES, kind), wordOf(COLORS, transport)];
    if (!PORT.test(application) || slaClass === undefined || color === undefined || more.length > 0) return [];
    return defined({ application, class: slaClass, color, violations: numberOf(cell('violations')) });
  });
}
