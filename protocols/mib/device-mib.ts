/**
 * The MIB of a device as an SNMP agent walks it. Tables are built when a walk comes to them, so that reading one row of
 * one table costs that table only.
 */
import { createMibTable, type MibRow, type MibView } from '../snmp/mib.ts';
import { compareOids } from '../snmp/oid.ts';
import { DEVICE_TABLES } from './device-tables.ts';
import { OVERLAY_TABLES } from './overlay-tables.ts';
import { PORT_TABLES } from './port-tables.ts';
import { ROUTING_TABLES } from './routing-tables.ts';
import { type MibSource, parseOid } from './table.ts';

/** In the order of their names. */
const TABLES = [...DEVICE_TABLES, ...PORT_TABLES, ...ROUTING_TABLES, ...OVERLAY_TABLES]
  .map((table) => ({ ...table, root: parseOid(table.root) }))
  .sort((a, b) => compareOids(a.root, b.root));

const isWithin = (oid: readonly number[], root: readonly number[]): boolean =>
  root.every((part, at) => oid[at] === part);

/** A view of one moment: a table that was built once stays as it was. */
export function deviceMib(source: MibSource): MibView {
  const built = new Map<(typeof TABLES)[number], MibView>();
  const build = (table: (typeof TABLES)[number]): MibView => {
    const view = built.get(table) ?? createMibTable(table.rows(source));
    built.set(table, view);
    return view;
  };
  return {
    get(oid) {
      const table = TABLES.find(({ root }) => isWithin(oid, root));
      return table && build(table).get(oid);
    },
    next(oid) {
      for (const table of TABLES) {
        // A table that lies wholly before the name has nothing after it.
        if (compareOids(table.root, oid) < 0 && !isWithin(oid, table.root)) continue;
        const row = build(table).next(oid);
        if (row !== undefined) return row;
      }
      return undefined;
    },
  };
}

/** Rows of the tables that have something at or below one of the names, sorted; without names all. */
export function mibRows(source: MibSource, names: readonly (readonly number[])[] = [[]]): readonly MibRow[] {
  return TABLES.filter(({ root }) => names.some((name) => isWithin(root, name) || isWithin(name, root))).flatMap(
    (table) => [...table.rows(source)].sort((a, b) => compareOids(a.oid, b.oid)),
  );
}
