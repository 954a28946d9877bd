/** Turns an example into the words that a question with the same text has: forms spelt out, alternatives written out, applications named. Pure. */
import { SHORT_FORMS } from './lexicon.ts';
import { APPLICATIONS } from './lexicon-names.ts';

/** An application among the words of a question, with its name. */
export const appToken = (name: string): string => `{app:${name}}`;
/** The same without its name, as phrases have it. */
export const hideApp = (word: string): string => (word.startsWith('{app:') ? '{app}' : word);
/** The name again, of such a word. */
export const nameOfApp = (word: string): string | undefined => /^\{app:(.+)\}$/.exec(word)?.[1];

/** How many examples an idiom gives for each of the choices of its longest group. */
const TURNS = 2;

/**
 * `(who/anyone) (touched/edited) {device}` is four examples. Of an idiom with many groups not each combination is made: every
 * choice comes as often as every other, next to others each time.
 */
export function writeOut(idiom: string): readonly string[] {
  const pieces = idiom.split(/[()]/).map((piece, at) => (at % 2 === 0 ? [piece] : piece.split('/')));
  const all = pieces.reduce((product, { length }) => product * length, 1);
  const count = Math.min(all, TURNS * Math.max(...pieces.map(({ length }) => length)));
  const choose = (choices: readonly string[], at: number, turn: number): string =>
    choices[(turn + at * Math.floor(turn / choices.length)) % choices.length] ?? '';
  const texts = Array.from({ length: count }, (_, turn) =>
    pieces.map((choices, at) => choose(choices, at, turn)).join(''),
  );
  return [...new Set(texts.map((text) => text.replace(/\s+/g, ' ').trim()))];
}

const NAMED = Object.entries(APPLICATIONS)
  .flatMap(([name, phrases]) => phrases.map((phrase) => ({ name, parts: phrase.split(' ') })))
  .sort((a, b) => b.parts.length - a.parts.length);

/** The words of an example as those of a question are read. */
export function wordsOfExample(text: string): readonly string[] {
  const words = text
    // A name in a question comes without its article.
    .replace(/\b(?:the|our|my|a) \{/g, '{')
    .split(' ')
    .filter(Boolean)
    .flatMap((word) => (SHORT_FORMS[word] ?? word).split(' '));
  const found: string[] = [];
  for (let at = 0; at < words.length; ) {
    const here = NAMED.find(({ parts }) => parts.every((part, i) => words[at + i] === part));
    if (here !== undefined && /^(?:the|our|my|a)$/.test(found.at(-1) ?? '')) found.pop();
    found.push(here === undefined ? (words[at] ?? '') : appToken(here.name));
    at += here?.parts.length ?? 1;
  }
  return found;
}
