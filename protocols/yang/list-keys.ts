/** Keys of the lists and leaf-lists of our YANG modules, taken from their descriptions; for edits, canonical text and diffs. */
import type { ListKeys } from '../netconf/list-keys.ts';
import { CONFIG } from './config-schema.ts';
import type { Field } from './schema.ts';
import { STATE } from './state-schema.ts';

const TOP: readonly Field[] = [...Object.values(CONFIG), ...Object.values(STATE)];

function findField(path: readonly string[]): Field | undefined {
  let fields = TOP;
  let found: Field | undefined;
  for (const name of path) {
    found = fields.find((each) => each.name === name);
    if (found === undefined) return undefined;
    fields = found.inner;
  }
  return found;
}

/** Key leaf names of the list at a path of local names, `[]` for a leaf-list, undefined for anything else. */
export const listKeys: ListKeys = (path) => findField(path)?.keys;

/** Whether the order of the entries at a path means something (access-list entries). */
export const userOrdered = (path: readonly string[]): boolean => findField(path)?.userOrdered ?? false;
