/** Cuts a question into words: lower case, short forms spelt out, small typing slips put right, names kept whole. */
import { findNearest } from './edit-distance.ts';
import { SHORT_FORMS } from './lexicon.ts';

/** What the words are read against. */
export interface Vocabulary {
  /** Words that the lexicon or the inventory knows; slips are corrected to them. */
  readonly known: ReadonlySet<string>;
  /** Words for places: of several that are equally near they are meant. */
  readonly places: ReadonlySet<string>;
  /** True for a known word, inflections that the lexicon covers included. */
  readonly isKnown: (word: string) => boolean;
  /** True for the name of something in the inventory, in `toKey` form. */
  readonly isName: (key: string) => boolean;
}

/** A name without what people leave out or add: `BR-02_edge` and `br2edge` are the same. */
export function toKey(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/(^|\D)0+(?=\d)/g, '$1');
}

/** Shortest word whose slips are corrected, and the shortest where two slips still leave no other word. */
const SHORTEST = 5;
const LONG = 9;

/** Kept in one piece: `ge0/0`, `10.2.3.4`, `bob@acme`, `09:40`, `br2_edge`, `tunnel/a:mpls--b:mpls`, `inc_x`. */
const WHOLE = /[_@:]|^\d+(?:\.\d+){3}$|^[a-z]+-?\d+\/\d/;

const CONTRACTIONS: readonly (readonly [ending: string, becomes: string])[] = [
  ["can't", 'cannot'],
  ["won't", 'wont'],
  ["n't", ' not'],
  ["what's", 'what is'],
  ["how's", 'how is'],
  ["who's", 'who is'],
  ["where's", 'where is'],
  ["it's", 'it is'],
  ["that's", 'that is'],
  ["there's", 'there is'],
  ["'s", ''],
  ["'re", ''],
  ["'ve", ''],
  ["'ll", ''],
  ["'m", ''],
  ["'d", ''],
];

/** "shouldnt", "wasnt": the mark is often left out. Those with a meaning of their own ("wont") stand in `SHORT_FORMS`. */
const NOT_WITHOUT_MARK = /^(should|would|could|has|have|had|was|were|did|does|do|is|are|need)nt$/;

function spellOut(word: string): string {
  const bare = NOT_WITHOUT_MARK.exec(word)?.[1];
  if (bare !== undefined) return `${bare} not`;
  for (const [ending, becomes] of CONTRACTIONS) {
    if (word.endsWith(ending)) return `${word.slice(0, -ending.length)}${becomes}`;
  }
  return word;
}

const sortLetters = (word: string): string => word.split('').sort().join('');

/** Numbers of tickets, changes and orders in other people's systems: they name nothing here. */
const REFERENCE = /^(?:inc|chg|req|ritm|prb|task|sr|cr|rfc|case|tkt|ticket|wo|crq)-?\d{3,}$/;
/** Without its vowels, the first letter apart: `down` and `dwn` are the same. */
const skeleton = (word: string): string => word.slice(0, 1) + word.slice(1).replace(/[aeiou]/g, '');

/** A word that was written without vowels: the shortest known one with these consonants. */
function addVowels(word: string, { known, isKnown }: Vocabulary): string {
  if (!/^[b-df-hj-np-tv-z]{3,8}$/.test(word) || isKnown(word)) return word;
  const found = [...known].filter((other) => other.length > word.length && skeleton(other) === word);
  return found.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0] ?? word;
}

function correct(given: string, vocabulary: Vocabulary): string {
  const { known, places, isKnown, isName } = vocabulary;
  const word = addVowels(given, vocabulary);
  if (word !== given) return word;
  if (/[^a-z]/.test(word) || isKnown(word) || isName(word)) return word;
  // A key that was held: "fixx", "downn".
  const once = word.replace(/(.)\1+/g, '$1');
  if (once !== word && known.has(once)) return once;
  // "Goin", "gettin".
  if (word.endsWith('in') && isKnown(`${word}g`)) return `${word}g`;
  if (word.length < SHORTEST - 1) return word;
  for (const ending of ['s', 'es', 'ed', 'ing', 'd', 'ly']) {
    if (word.endsWith(ending) && known.has(word.slice(0, -ending.length))) return word;
  }
  const near = [...known].filter((other) => other.length >= SHORTEST && other[0] === word[0]);
  const found = findNearest(word, near, word.length >= LONG ? 2 : 1);
  // In four letters only one is missing.
  if (word.length < SHORTEST) return found.length === 1 && isLonger(found[0], word) ? (found[0] ?? word) : word;
  // In a short word only two letters that changed places: another letter makes another word.
  const sure =
    word.length > SHORTEST
      ? found
      : found.filter((other) => places.has(other) || sortLetters(other) === sortLetters(word));
  const [only, second] = sure;
  if (only === undefined || second === undefined) return only ?? word;
  return sure.find((other) => places.has(other)) ?? word;
}

const isLonger = (found: string | undefined, word: string): boolean => (found?.length ?? 0) > word.length;

/** The words of one question, in order; commas stay, as words of their own. */
export function toWords(text: string, vocabulary: Vocabulary): readonly string[] {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[‘’`]/g, "'")
    .replace(/\bw\/(?=\s)/g, 'with')
    // "Died b4 that" is before, "check b4" the fourth branch.
    .replace(
      /(?<=(?:^|\s)(?!(?:at|in|of|for|to|from|and|or|on|is|are|about|why|me|show|check|ping|reach|status|how|hows|with)\s)\S*[^\s,]\s)b4\b|\bb4(?=\s+(?:it|that|this|i|we|they|u|you|he|she)\b)/g,
      'before',
    )
    .replace(/(^|\s)@(?=\s)/g, ' at ')
    .replace(/[,&]/g, (mark) => (mark === ',' ? ' , ' : ' and '))
    .replace(/[#?!;()[\]{}"“”…<>=*]/g, ' ');
  return plain.split(/\s+/).flatMap((chunk) => {
    const bare = chunk.replace(/^[^\p{L}\p{N},]+|[^\p{L}\p{N},]+$/gu, '');
    if (bare === '') return [];
    const spelt = spellOut(bare.replace(/^(?:node|host|site|device|controller)[/:](?=\w)/, ''))
      .split(' ')
      .filter(Boolean);
    return spelt.flatMap((written) => {
      if (REFERENCE.test(written)) return [];
      const owned = written.replace(/s$/, '');
      const isOwned = !vocabulary.isName(toKey(written)) && /\d$/.test(owned) && vocabulary.isName(toKey(owned));
      const word = isOwned ? owned : written;
      if (WHOLE.test(word) || vocabulary.isName(toKey(word))) return [word];
      return word
        .split(/[^\p{L}\p{N},]+/u)
        .filter(Boolean)
        .flatMap((part) => (SHORT_FORMS[part] ?? correct(part, vocabulary)).split(' '));
    });
  });
}
