/** Finds the parameters of a proposal that text of others flowed into, and in which records that text stands. */
import type { Json, Taint } from '../contract.ts';
import type { UntrustedTexts } from './untrusted-texts.ts';

/** Numbers below say little: a VLAN or an entry number is in every log. */
const LEAST_NUMBER = 1000;

/**
 * By parameter. `identifiers` are the names and addresses of the tenant's own inventory, in lower case: they are checked
 * there, and are no taint by themselves, wherever else they stand.
 */
export function findTaint(
  texts: UntrustedTexts,
  tenant: string,
  input: { readonly [key: string]: Json },
  identifiers: ReadonlySet<string>,
): readonly Taint[] {
  return Object.entries(input).flatMap(([parameter, value]) => {
    const evidence = new Set(
      leavesOf(value)
        .map((leaf) => withoutIdentifiers(leaf, identifiers))
        .flatMap((leaf) => texts.find(tenant, leaf)),
    );
    return evidence.size === 0 ? [] : [{ parameter, evidence: [...evidence].slice(0, 5) }];
  });
}

/** Texts and large numbers, at any depth; names of keys are the schema's. */
function leavesOf(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return Math.abs(value) >= LEAST_NUMBER ? [String(value)] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((one: Json) => leavesOf(one));
}

/** Only whole words are taken out: a name inside a sentence does not launder the sentence. */
const withoutIdentifiers = (text: string, identifiers: ReadonlySet<string>): string =>
  text
    .split(/\s+/u)
    .filter((word) => !identifiers.has(word.toLowerCase()))
    .join(' ');
