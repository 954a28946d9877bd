/** Remembers what was worked out for names of fields: they are the same few in every record. */

/** Strangers can choose some names, so that only so many, and no long ones, are remembered. */
const REMEMBERED = 1000;
const LONGEST = 40;

/** `work` must be pure; what is not remembered is worked out again. */
export function rememberByName<T>(work: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const fresh = work(name);
    if (name.length <= LONGEST && known.size < REMEMBERED) known.set(name, fresh);
    return fresh;
  };
}
