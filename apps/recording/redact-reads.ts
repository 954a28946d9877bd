/**
 * Takes out of a recording what nobody needs to find a cause: secrets (as the audit log does), keys of a configuration,
 * and who people are. The same secret or person has the same mark throughout. Addresses and names of devices stay.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createRedaction, type Redact } from '../../broker/audit/redact.ts';
import type { RecordedRead } from '../../scenarios/recording/recording.ts';

/** Accounts of programs: that it was one of them is part of what happened. */
const PROGRAMS: ReadonlySet<string> = new Set(['broker', 'wayleave', 'director', 'root', 'admin']);
/** Who a value speaks of: `commit 3 by anna`, `ok anna from 10.1.10.5`, a ticket's implementer. */
const SPEAKS_OF = [
  /\bby ([\w.@-]{2,64})\b/g,
  /^(?:ok|failed) ([\w.@-]{2,64}) from /g,
  /"(?:implementer|user|owner)":"([^"]{2,64})"/g,
];
/** `ipsec/identity-key: running x, intended y`: values of a leaf that holds a key. */
const KEY_LEAF = /^(\S*(?:key|secret|password|community)\S*: )running (.+), intended (.+)$/s;

export function redactReads(reads: readonly RecordedRead[]): readonly RecordedRead[] {
  const redact = createRedaction(generateKeyPairSync('ed25519').privateKey);
  const people = findPeople(reads);
  const hide = (text: string): string => {
    const [, path, running = '', intended = ''] = KEY_LEAF.exec(text) ?? [];
    const open = path === undefined ? text : `${path}running ${mark(running)}, intended ${mark(intended)}`;
    return take(redact, 'text', open).replace(/[\w.@-]{2,64}/g, (word) => people.get(word) ?? word);
  };
  const mark = (value: string): string => (value === 'absent' ? value : take(redact, 'secret', value));
  return reads.map((one) => ({
    ...one,
    ...(one.evidence === undefined
      ? {}
      : {
          evidence: one.evidence.map((each) => ({
            ...each,
            value: typeof each.value === 'string' ? hide(each.value) : each.value,
          })),
        }),
    ...(one.refused === undefined ? {} : { refused: { ...one.refused, message: hide(one.refused.message) } }),
  }));
}

/** What becomes of a text that stands under the name. */
function take(redact: Redact, name: string, text: string): string {
  const taken = redact({ [name]: text })[name];
  return typeof taken === 'string' ? taken : '';
}

/** A mark for each person, in the order in which they appear. */
function findPeople(reads: readonly RecordedRead[]): ReadonlyMap<string, string> {
  const people = new Map<string, string>();
  for (const { evidence = [] } of reads) {
    for (const { value } of evidence) {
      for (const pattern of typeof value === 'string' ? SPEAKS_OF : []) {
        for (const [, name = ''] of String(value).matchAll(pattern))
          if (!PROGRAMS.has(name) && !people.has(name)) people.set(name, `person-${people.size + 1}`);
      }
    }
  }
  return people;
}
