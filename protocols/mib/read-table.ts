/**
 * Gathers varbinds into rows of a table and reads their cells. The device is not trusted: what is no value of its type is
 * left out, and nothing throws.
 */
import type { Varbind } from '../snmp/varbind.ts';
import { wordOf } from './oids.ts';

export type MibValue = Varbind;

export type Cell = MibValue['value'] | undefined;

/** Gathers cells by index; of a cell that is there twice the first counts. */
export function readTable<Column extends string>(
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

/** Whole number, not negative. */
export function numberOf(cell: Cell): number | undefined {
  return typeof cell === 'number' && Number.isSafeInteger(cell) && cell >= 0 ? cell : undefined;
}

/** A 64-bit counter, as far as a double counts exactly. */
export function counter64Of(cell: Cell): number | undefined {
  return numberOf(typeof cell === 'string' && /^\d{1,16}$/.test(cell) ? Number(cell) : cell);
}

/** Dotted IPv4 address. */
export const isAddress = (text: string): boolean => /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4}$/.test(text);

/** Printable text of at most 255 octets (DisplayString, RFC 2579 §2). */
export function textOf(cell: Cell): string | undefined {
  return typeof cell === 'string' && /^[^\p{Cc}]{0,255}$/u.test(cell) ? cell : undefined;
}

export function stateOf<Word extends string>(states: Readonly<Record<Word, number>>, cell: Cell): Word | undefined {
  return typeof cell === 'number' ? wordOf(states, cell) : undefined;
}

/** Octets of a string, given as text or in hexadecimal. */
export function octetsOf(cell: Cell): readonly number[] | undefined {
  if (typeof cell !== 'string') return undefined;
  const hex = /^0x((?:[0-9a-f]{2}){0,64})$/i.exec(cell)?.[1];
  return hex === undefined ? [...Buffer.from(cell)] : [...Buffer.from(hex, 'hex')];
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without its undefined members, as a list of one. */
export function defined<T extends object>(row: T): readonly Defined<T>[] {
  // Dropping the members that are undefined is what makes the type true.
  return [Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as Defined<T>];
}
