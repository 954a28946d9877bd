/** What is meant where the words themselves do not say it: a bare place, a complaint in words that are not ours, a choice by its number. */
import type { Wish } from './lexicon.ts';
import { FILLER } from './lexicon.ts';
import type { Entity, NameIndex } from './name-index.ts';
import { readNumber, readOrdinal } from './name-index.ts';

/** What is meant by a place and words that mean nothing to us. */
export function presume(own: readonly Entity[], words: readonly string[]): Wish {
  if (own.some(({ kind }) => kind === 'address')) return 'security';
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
