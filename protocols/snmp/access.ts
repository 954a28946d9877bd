/** Which part of the MIB a user may read (RFC 3415, View-based Access Control Model): families of subtrees, all included. */
import type { Oid } from './ber.ts';
import type { MibRow, MibView } from './mib.ts';
import { compareOids } from './oid.ts';

/** A view of the MIB and which names it covers, whether something is there or not. */
export interface Access {
  readonly mib: MibView;
  covers(oid: Oid): boolean;
}

/** The groups that everybody may know of a device: SNMPv2-MIB system and IF-MIB interfaces and ifXTable. */
export const SYSTEM_AND_INTERFACES: readonly Oid[] = [
  [1, 3, 6, 1, 2, 1, 1],
  [1, 3, 6, 1, 2, 1, 2],
  [1, 3, 6, 1, 2, 1, 31],
];

const isWithin = (oid: Oid, root: Oid): boolean => root.every((part, at) => oid[at] === part);

export const wholeMib = (mib: MibView): Access => ({ mib, covers: () => true });

/** The rows of `mib` at or below one of the subtrees, which must not contain one another. */
export function restrictMib(mib: MibView, subtrees: readonly Oid[]): Access {
  const roots = [...subtrees].sort(compareOids);
  const covers = (oid: Oid): boolean => roots.some((root) => isWithin(oid, root));
  return {
    covers,
    mib: {
      get: (oid) => (covers(oid) ? mib.get(oid) : undefined),
      next(oid): MibRow | undefined {
        for (const root of roots) {
          const inside = isWithin(oid, root);
          if (!inside && compareOids(root, oid) < 0) continue;
          const row = mib.next(inside ? oid : root);
          if (row !== undefined && isWithin(row.oid, root)) return row;
        }
        return undefined;
      },
    },
  };
}
