/** What is meant where the words themselves do not say it: a bare place, a complaint in words that are not ours, a choice by its number. */
import type { Wish } from './lexicon.ts';
import { FILLER } from './lexicon.ts';
import type { Entity, NameIndex } from './name-index.ts';
import { lastPart, readNumber, readOrdinal } from './name-index.ts';

/** Services that nobody feels: people notice what does not work without them. */
const PLUMBING = new Set(['dhcp', 'dns', 'ntp']);
const isPlumbing = ({ kind, name }: Entity): boolean => kind === 'application' && PLUMBING.has(lastPart(name));
/** True when services are named, and all are such that nobody feels. */
export const isOnlyPlumbing = (own: readonly Entity[]): boolean =>
  own.some(isPlumbing) && own.every((one) => one.kind !== 'application' || isPlumbing(one));

/** What is meant by a place and words that mean nothing to us. */
export function presume(own: readonly Entity[], words: readonly string[]): Wish {
  if (own.some(({ kind }) => kind === 'address')) return 'security';
  if (isComplaint(words) && own.some(isPlumbing)) return 'diagnose';
  if (own.some(({ kind }) => kind === 'application')) return 'experience';
  return isComplaint(words) ? 'diagnose' : 'status';
}

/** Words with which people begin when they want to know how it is. */
const ASKING = /^(?:is|are|was|were|how|check|show|what|which|does|do|did|has|have|can|status|any)$/;
/** A place with words that mean nothing to us, and no question: somebody tells of something that goes wrong. */
const isComplaint = (words: readonly string[]): boolean =>
  !ASKING.test(words[0] ?? '') &&
  words.filter((word) => !FILLER.has(word) && !word.startsWith('{') && /^[a-z]{3,}$/.test(word)).length >= 1;

/** "The 2nd one", "3": the answer to a question back about places that differ by their number. */
export function readChoice(words: readonly string[], index: NameIndex): Entity | undefined {
  const rest = words.filter((word) => !FILLER.has(word) && word !== 'one');
  const number = rest.length === 1 ? (readNumber(rest[0] ?? '') ?? readOrdinal(rest[0] ?? '')) : undefined;
  const [only, second] = number === undefined ? [] : index.find(`branch${number}`);
  return second === undefined ? only : undefined;
}
