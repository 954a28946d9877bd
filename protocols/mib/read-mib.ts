/**
 * Reads the MIB tables of a device back from varbinds. The device is not trusted: a row without what makes it
 * recognisable is left out, a wrong value is left out of its row, and nothing throws.
 */
import type { BgpFsm } from '../device/state.ts';
import { APP_ROUTE, BFD, BFD_STATES, BGP, BGP_STATES, INTERFACES, PORT_STATES, wordOf } from './oids.ts';

/** What an SNMP manager makes of one variable: octet strings are text, or `0x…` when not printable. */
export interface MibValue {
  readonly oid: string;
  readonly type: string;
  readonly value: number | string;
}

export interface InterfaceRow {
  readonly name: string;
  readonly admin?: 'up' | 'down';
  readonly oper?: 'up' | 'down';
  /** Hundredths of a second after boot. */
  readonly lastChange?: number;
  readonly mtu?: number;
  readonly inErrors?: number;
  readonly outDiscards?: number;
  readonly description?: string;
}

export interface BgpPeerRow {
  readonly neighbor: string;
  readonly state?: BgpFsm;
  readonly lastErrorCode?: number;
  readonly lastErrorSubcode?: number;
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
}

const ADDRESS = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4}$/;

export function readInterfaces(varbinds: readonly MibValue[]): readonly InterfaceRow[] {
  return readTable(varbinds, INTERFACES).flatMap(({ index, cell }) => {
    const name = textOf(cell('name')) ?? textOf(cell('descr'));
    if (name === undefined || !/^\d+$/.test(index) || !/^[\w./-]{1,64}$/.test(name)) return [];
    return defined({
      name,
      admin: stateOf(PORT_STATES, cell('admin')),
      oper: stateOf(PORT_STATES, cell('oper')),
      lastChange: numberOf(cell('lastChange')),
      mtu: numberOf(cell('mtu')),
      inErrors: numberOf(cell('inErrors')),
      outDiscards: numberOf(cell('outDiscards')),
      description: textOf(cell('alias')),
    });
  });
}

export function readBgpPeers(varbinds: readonly MibValue[]): readonly BgpPeerRow[] {
  return readTable(varbinds, BGP).flatMap(({ index, cell }) => {
    if (!ADDRESS.test(index)) return [];
    const octets = octetsOf(cell('lastError'));
    return defined({
      neighbor: index,
      state: stateOf(BGP_STATES, cell('state')),
      lastErrorCode: octets?.[0],
      lastErrorSubcode: octets?.[1],
    });
  });
}

export function readOverlayTunnels(varbinds: readonly MibValue[]): readonly OverlayTunnelRow[] {
  const columns = {
    state: BFD.state,
    txInterval: BFD.txInterval,
    transitions: BFD.transitions,
    loss: APP_ROUTE.loss,
    latency: APP_ROUTE.latency,
    jitter: APP_ROUTE.jitter,
  };
  return readTable(varbinds, columns).flatMap(({ index, cell }) => {
    if (!ADDRESS.test(index)) return [];
    return defined({
      remoteAddress: index,
      bfd: stateOf(BFD_STATES, cell('state')),
      txIntervalMs: numberOf(cell('txInterval')),
      transitions: numberOf(cell('transitions')),
      lossPct: numberOf(cell('loss')),
      latencyMs: numberOf(cell('latency')),
      jitterMs: numberOf(cell('jitter')),
    });
  });
}

type Cell = MibValue['value'] | undefined;

/** Gathers cells by index; of a cell that is there twice the first counts. */
function readTable<Column extends string>(
  varbinds: readonly MibValue[],
  columns: Readonly<Record<Column, string>>,
): readonly { readonly index: string; readonly cell: (column: Column) => Cell }[] {
  const names = Object.values<string>(columns);
  const rows = new Map<string, Map<string, MibValue['value']>>();
  for (const { oid, value } of varbinds) {
    const column = names.find((each) => oid.startsWith(`${each}.`));
    if (column === undefined) continue;
    const index = oid.slice(column.length + 1);
    const row = rows.get(index) ?? new Map<string, MibValue['value']>();
    rows.set(index, row);
    if (!row.has(column)) row.set(column, value);
  }
  return [...rows].map(([index, row]) => ({ index, cell: (column) => row.get(columns[column]) }));
}

function numberOf(cell: Cell): number | undefined {
  return typeof cell === 'number' && Number.isSafeInteger(cell) && cell >= 0 ? cell : undefined;
}

/** Printable text of at most 255 octets (DisplayString, RFC 2579 §2). */
function textOf(cell: Cell): string | undefined {
  return typeof cell === 'string' && /^[^\p{Cc}]{0,255}$/u.test(cell) ? cell : undefined;
}

function stateOf<Word extends string>(states: Readonly<Record<Word, number>>, cell: Cell): Word | undefined {
  return typeof cell === 'number' ? wordOf(states, cell) : undefined;
}

/** Two octets, as text or in hexadecimal. */
function octetsOf(cell: Cell): readonly [number, number] | undefined {
  if (typeof cell !== 'string') return undefined;
  const hex = /^0x([0-9a-f]{2})([0-9a-f]{2})$/i.exec(cell);
  if (hex !== null) return [Number.parseInt(hex[1] ?? '', 16), Number.parseInt(hex[2] ?? '', 16)];
  return cell.length === 2 ? [cell.charCodeAt(0), cell.charCodeAt(1)] : undefined;
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without its undefined members, as a list of one. */
function defined<T extends object>(row: T): readonly Defined<T>[] {
  // Dropping the members that are undefined is what makes the type true.
  return [Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as Defined<T>];
}
