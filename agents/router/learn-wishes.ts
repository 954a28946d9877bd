/**
 * Learns from the examples which wish a text has: logistic regression over words, pairs of words and parts of words.
 * Deterministic: the examples go through in one order, and nothing is drawn. Learning takes some tenths of a second, once.
 */
import { hideApp, nameOfApp, wordsOfExample, writeOut } from './example-words.ts';
import { EXAMPLES } from './examples.ts';
import { IDIOMS } from './idioms.ts';
import { JARGON } from './jargon.ts';
import type { Wish } from './lexicon.ts';
import { FILLER, PHRASES, WISHES } from './lexicon.ts';
import { SLANG } from './slang.ts';

const CLASSES = [...WISHES, 'unclear'] as const;
type Class = (typeof CLASSES)[number];
export type Likelihood = { readonly [Name in Wish | 'unclear']: number };

const COUNT = CLASSES.length;

const ROUNDS = 14;
/** Step of AdaGrad (Duchi et al., JMLR 12, 2011), and how much a weight is drawn back to zero. */
const STEP = 0.3;
const DECAY = 1e-4;
/** Endings that change a word's form and not what is wanted; the longest first. */
const ENDINGS = [
  'ations',
  'ation',
  'ments',
  'ment',
  'ings',
  'ing',
  'ies',
  'ied',
  'ers',
  'ed',
  'es',
  'er',
  'ly',
  's',
  'y',
  'e',
];
const SHORTEST_STEM = 3;
const PART = 3;
/** A wish with so many examples has each of them count as one. */
const EVEN = 300;

export function stem(word: string): string {
  const ending = ENDINGS.find((one) => word.endsWith(one) && word.length - one.length >= SHORTEST_STEM);
  return ending === undefined ? word : word.slice(0, -ending.length);
}

/** Words by their stems, neighbours, and the threes of letters in longer words: a slip leaves most of them as they are. */
export function featuresOf(words: readonly string[]): readonly string[] {
  const spoken = words.filter((word) => word !== ',');
  const stems = spoken.map((word) => (word.startsWith('{') ? hideApp(word) : stem(word)));
  const found: string[] = [];
  stems.forEach((one, at) => {
    found.push(one, `${stems[at - 1] ?? '^'} ${one}`);
    // A mail that is slow and an address that is missing are both about an application: which one says more.
    const app = nameOfApp(spoken[at] ?? '');
    if (app !== undefined) found.push(`@${app}`, `${stems[at - 1] ?? '^'} @${app}`, `@${app} ${stems[at + 1] ?? '$'}`);
    if (one.startsWith('{') || one.length <= PART) return;
    const edged = `^${one}`;
    for (let from = 0; from + PART <= edged.length; from += 1) found.push(`*${edged.slice(from, from + PART)}`);
  });
  return [...new Set(found)];
}

interface Example {
  readonly wish: Class;
  readonly features: readonly string[];
  readonly weight: number;
}

const examplesOf = (wish: Class): readonly string[] => [
  ...EXAMPLES[wish],
  ...SLANG[wish],
  ...IDIOMS[wish].flatMap(writeOut),
];

/** Phrases of the lexicon teach as well, by their weight; those of weight 1 are hints, and no examples. */
function readExamples(): readonly Example[] {
  const whole = CLASSES.flatMap((wish) =>
    examplesOf(wish).map((text): Example => ({ wish, features: featuresOf(wordsOfExample(text)), weight: 1 })),
  );
  const phrases = WISHES.flatMap((wish) =>
    [PHRASES[wish], JARGON[wish]].flatMap((table) =>
      Object.entries(table).flatMap(([weight, all]) =>
        Number(weight) < 2
          ? []
          : all.map(
              (text): Example => ({
                wish,
                features: featuresOf(wordsOfExample(text.replaceAll('~', ''))),
                weight: Number(weight) / 10,
              }),
            ),
      ),
    ),
  );
  const count = (wish: Class): number => whole.filter((one) => one.wish === wish).length;
  // Some wishes have more ways to be said: that makes them no likelier.
  const even = (one: Example): Example => ({ ...one, weight: one.weight * Math.sqrt(EVEN / count(one.wish)) });
  // One of each wish after the other, so that no wish has the last word.
  const queues = CLASSES.map((wish) => [...whole, ...phrases].filter((one) => one.wish === wish).map(even));
  const longest = Math.max(...queues.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => queues.flatMap((queue) => queue[at] ?? [])).flat();
}

/** One row of weights, a number a wish, for each feature that was seen. */
interface Weights {
  readonly rows: ReadonlyMap<string, number>;
  readonly values: Float64Array;
}

/** Shares of the wishes for the rows of a text, written into `shares`. */
function weigh(values: Float64Array, rows: readonly number[], shares: Float64Array): void {
  shares.fill(0);
  const scale = 1 / Math.sqrt(Math.max(1, rows.length));
  for (const row of rows)
    for (let at = 0; at < COUNT; at += 1) shares[at] = (shares[at] ?? 0) + (values[row * COUNT + at] ?? 0) * scale;
  const most = Math.max(...shares);
  let total = 0;
  for (let at = 0; at < COUNT; at += 1) {
    shares[at] = Math.exp((shares[at] ?? 0) - most);
    total += shares[at] ?? 0;
  }
  for (let at = 0; at < COUNT; at += 1) shares[at] = (shares[at] ?? 0) / total;
}

function learn(): Weights {
  const rows = new Map<string, number>();
  const rowOf = (feature: string): number => {
    const row = rows.get(feature) ?? rows.size;
    rows.set(feature, row);
    return row;
  };
  const examples = readExamples().map((one) => ({
    right: CLASSES.indexOf(one.wish),
    rows: one.features.map(rowOf),
    scale: one.weight / Math.sqrt(one.features.length),
  }));
  const values = new Float64Array(rows.size * COUNT);
  const squares = new Float64Array(rows.size * COUNT).fill(1e-2);
  const shares = new Float64Array(COUNT);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { right, rows: own, scale } of examples) {
      weigh(values, own, shares);
      for (const row of own) {
        for (let at = 0; at < COUNT; at += 1) {
          const place = row * COUNT + at;
          const before = values[place] ?? 0;
          const slope = ((shares[at] ?? 0) - (at === right ? 1 : 0)) * scale + DECAY * before;
          const square = (squares[place] ?? 0) + slope * slope;
          squares[place] = square;
          values[place] = before - (STEP * slope) / Math.sqrt(square);
        }
      }
    }
  }
  return { rows, values };
}

let learnt: Weights | undefined;

/** Words that examples and phrases are made of. */
export const EXAMPLE_WORDS: ReadonlySet<string> = new Set(
  CLASSES.flatMap((wish) => examplesOf(wish).flatMap((text) => text.split(' '))).filter((word) =>
    /^[a-z]+$/.test(word),
  ),
);
const STEMS: ReadonlySet<string> = new Set([...EXAMPLE_WORDS].map(stem));

/** Nothing is guessed of a text in which no word with a meaning is known. */
const NOTHING = Object.fromEntries(CLASSES.map((wish) => [wish, 0])) as Likelihood;

/** How likely each wish is for the words of a question, 0 to 1, in sum 1; names stand among them as `{site}` and so on. */
export function guessWish(words: readonly string[]): Likelihood {
  const isKnown = words.some((word) => /^[a-z]{3,}$/.test(word) && !FILLER.has(word) && STEMS.has(stem(word)));
  if (!isKnown) return NOTHING;
  learnt ??= learn();
  const { rows, values } = learnt;
  const shares = new Float64Array(COUNT);
  weigh(
    values,
    featuresOf(words).flatMap((feature) => rows.get(feature) ?? []),
    shares,
  );
  const of = (wish: Class): number => shares[CLASSES.indexOf(wish)] ?? 0;
  return Object.fromEntries(CLASSES.map((wish) => [wish, of(wish)])) as Likelihood;
}
