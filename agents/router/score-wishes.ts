/** How well each wish fits the words of a question: the sum of its phrases, longer phrases barring the shorter ones inside. */
import { JARGON } from './jargon.ts';
import type { Wish } from './lexicon.ts';
import { PHRASES, WISHES } from './lexicon.ts';

interface Pattern {
  readonly wish: Wish;
  readonly weight: number;
  readonly words: readonly string[];
}

/** By first word; those that begin with `word~` or `{kind}` stand under the empty one. */
const PATTERNS: ReadonlyMap<string, readonly Pattern[]> = (() => {
  const all = WISHES.flatMap((wish) =>
    [PHRASES[wish], JARGON[wish]].flatMap((table) =>
      Object.entries(table).flatMap(([weight, phrases]) =>
        phrases.map((phrase): Pattern => ({ wish, weight: Number(weight), words: phrase.split(' ') })),
      ),
    ),
  );
  const table = new Map<string, Pattern[]>();
  for (const pattern of all) {
    const first = pattern.words[0] ?? '';
    const key = first.endsWith('~') ? '' : first;
    table.set(key, [...(table.get(key) ?? []), pattern]);
  }
  return table;
})();

const fits = (want: string, word: string): boolean =>
  want.endsWith('~') ? word.startsWith(want.slice(0, -1)) : want === word;

export interface Found {
  readonly wish: Wish;
  readonly phrase: string;
  readonly weight: number;
  /** Place of its first word. */
  readonly from: number;
}

/** Phrases found in the words; entities stand among them as `{site}`, `{app}` and so on. */
export function findPhrases(words: readonly string[]): readonly Found[] {
  const hits: (Found & { readonly to: number })[] = [];
  words.forEach((word, from) => {
    for (const pattern of [...(PATTERNS.get(word) ?? []), ...(PATTERNS.get('') ?? [])]) {
      const to = from + pattern.words.length;
      if (to > words.length || !pattern.words.every((want, at) => fits(want, words[from + at] ?? ''))) continue;
      hits.push({ wish: pattern.wish, phrase: pattern.words.join(' '), weight: pattern.weight, from, to });
    }
  });
  const inside = (a: (typeof hits)[number], b: (typeof hits)[number]): boolean =>
    b.from <= a.from && a.to <= b.to && b.to - b.from > a.to - a.from;
  const seen = new Set<string>();
  return hits.filter((hit) => {
    const key = `${hit.wish} ${hit.phrase}`;
    if (seen.has(key) || hits.some((other) => inside(hit, other))) return false;
    seen.add(key);
    return true;
  });
}

export type Scores = { readonly [Name in Wish]: number };

/** Sums per wish. */
export function scoreWishes(found: readonly Found[]): Scores {
  const sum = (wish: Wish): number => found.reduce((total, one) => (one.wish === wish ? total + one.weight : total), 0);
  return {
    diagnose: sum('diagnose'),
    repair: sum('repair'),
    change: sum('change'),
    status: sum('status'),
    experience: sum('experience'),
    compliance: sum('compliance'),
    security: sum('security'),
    list: sum('list'),
    incidents: sum('incidents'),
    help: sum('help'),
  };
}

const PARTS: readonly string[] = [
  ...new Set(
    WISHES.flatMap((wish) =>
      [...Object.values(PHRASES[wish]), ...Object.values(JARGON[wish])].flatMap((all) =>
        all.flatMap((one) => one.split(' ')),
      ),
    ),
  ),
];
const PREFIXES = PARTS.filter((word) => word.endsWith('~')).map((word) => word.slice(0, -1));

/** Words that phrases are made of, for spelling. */
export const PHRASE_WORDS: ReadonlySet<string> = new Set(PARTS.map((word) => word.replace('~', '')));

/** True for words that some phrase covers. */
export const isPhraseWord = (word: string): boolean =>
  PHRASE_WORDS.has(word) || PREFIXES.some((prefix) => word.startsWith(prefix));
