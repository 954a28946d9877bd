/** How tables of a MIB are described: what they are made of, and the values of their columns by SMI type. */
import type { DeviceConfig } from '../device/config.ts';
import type { DeviceState } from '../device/state.ts';
import type { MibRow, MibValue } from '../snmp/mib.ts';

/** A device as its agent sees it; sections that no table asks for are not computed. */
export interface MibSource {
  readonly config: DeviceConfig;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly section: <Key extends keyof DeviceState>(key: Key) => DeviceState[Key];
}

/** Rows below one object identifier; tables do not overlap. */
export interface MibTable {
  readonly root: string;
  /** In any order. */
  rows(source: MibSource): readonly MibRow[];
}

const MAX_32 = 0xffff_ffff;

export const parseOid = (dotted: string): readonly number[] => dotted.split('.').map(Number);

export const text = (value: string): MibValue => ({ type: 'string', value });
export const octets = (...bytes: readonly number[]): MibValue => ({ type: 'string', value: Uint8Array.from(bytes) });
export const integer = (value: number): MibValue => ({ type: 'integer', value: Math.round(value) });
export const address = (value: string): MibValue => ({ type: 'ip', value });
export const identifier = (value: string): MibValue => ({ type: 'oid', value: parseOid(value) });
/** Gauges latch at their greatest value (RFC 2578 §7.1.7). */
export const gauge = (value: number): MibValue => ({
  type: 'gauge32',
  value: Math.min(MAX_32, Math.max(0, Math.round(value))),
});
/** Counters wrap (RFC 2578 §7.1.6). */
export const counter32 = (value: number): MibValue => ({ type: 'counter32', value: Math.floor(value) % (MAX_32 + 1) });
export const counter64 = (value: number): MibValue => ({ type: 'counter64', value: BigInt(Math.floor(value)) });
/** Hundredths of a second, wrapping after 497 days (RFC 2578 §7.1.8). */
export const ticks = (ms: number): MibValue => ({
  type: 'timeticks',
  value: Math.floor(Math.max(0, ms) / 10) % (MAX_32 + 1),
});

/** One row of a table: the value of each column that is given, at the index. */
export function row<Column extends string>(
  columns: Readonly<Record<Column, string>>,
  index: readonly number[],
  values: { readonly [Name in NoInfer<Column>]?: MibValue | undefined },
): readonly MibRow[] {
  return (Object.keys(values) as Column[]).flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [{ oid: [...parseOid(columns[name]), ...index], value }];
  });
}
