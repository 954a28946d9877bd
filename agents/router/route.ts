/** Routes a person's text: cuts it into questions, reads each in the light of the one before, and says who answers. Pure. */
import type { Inventory } from '../inventory.ts';
import { GUESSED } from './choose-wish.ts';
import { isPlace } from './follow-up.ts';
import { findForeign } from './foreign.ts';
import { EXAMPLE_WORDS } from './learn-wishes.ts';
import { ALL, ANY, FILLER, JOINTS, POLITE, STARTERS } from './lexicon.ts';
import {
  APPLICATIONS,
  BRANCH_WORDS,
  HOST_WORDS,
  HUB_PHRASES,
  HUB_WORDS,
  NUMBER_WORDS,
  ORDINALS,
} from './lexicon-names.ts';
import type { NameIndex } from './name-index.ts';
import { indexNames } from './name-index.ts';
import { readQuestion } from './read-question.ts';
import type { Reading } from './reading.ts';
import { isPhraseWord, PHRASE_WORDS } from './score-wishes.ts';
import type { Vocabulary } from './words.ts';
import { toWords } from './words.ts';

/** Longest text that is read; the chat takes no longer one either. */
export const MAX_TEXT = 4_000;
/** Questions of one text that are taken. */
const MAX_QUESTIONS = 5;

const TIME_WORDS =
  'monday|tuesday|wednesday|thursday|friday|saturday|sunday|yesterday|today|since|minutes|hours|weeks|months|morning|afternoon|evening'.split(
    '|',
  );
const NAMES = [
  ...BRANCH_WORDS,
  ...HUB_WORDS,
  ...HUB_PHRASES,
  ...Object.values(APPLICATIONS).flat(),
  ...Object.keys(HOST_WORDS),
  ...Object.keys(NUMBER_WORDS),
  ...Object.keys(ORDINALS),
].flatMap((phrase) => phrase.split(' '));
const KNOWN: ReadonlySet<string> = new Set([
  ...PHRASE_WORDS,
  ...EXAMPLE_WORDS,
  ...NAMES,
  ...TIME_WORDS,
  ...FILLER,
  ...POLITE,
  ...STARTERS,
  ...JOINTS,
  ...ALL,
  ...ANY,
]);

const PLACES: ReadonlySet<string> = new Set([...BRANCH_WORDS, ...HUB_WORDS]);

const vocabularyOf = (index: NameIndex): Vocabulary => ({
  known: new Set([...KNOWN, ...index.words]),
  places: PLACES,
  isKnown: (word) => KNOWN.has(word) || index.words.has(word) || isPhraseWord(word),
  isName: (key) => index.find(key).length > 0,
});

/** Words from which on a text is a letter. */
const LETTER = 40;

/** Cuts a text into questions, in order: at the ends of sentences, and where a new question follows a joining word. */
export function splitQuestions(text: string): readonly string[] {
  // A point after one or two letters ("v. slow") ends a short form; "2)" begins the next of a list.
  // A letter tells a story with one question in it; its sentences are read together.
  const isLetter = text.split(/\s+/).length > LETTER && (text.match(/\?/g) ?? []).length < 2;
  if (isLetter) return [text.replace(/[\s.!?;]+/g, ' ').trim()];
  // The mark stays: "br2 down?" asks, "br2 down" complains.
  const sentences = text.split(/(?<=\?)[?!.]*|[;\n]+|(?<!\b\p{L}{1,2})[.!]+(?=\s|$)|(?:^|\s)\d\)/u);
  return sentences
    .flatMap((sentence) => {
      const parts: string[][] = [[]];
      const words = sentence.trim().split(/\s+/).filter(Boolean);
      words.forEach((word, at) => {
        const bare = word.toLowerCase().replace(/,$/, '');
        const next = (words[at + 1] ?? '').toLowerCase();
        const before = (words[at - 1] ?? '').toLowerCase();
        const starts = STARTERS.has(next) || JOINTS.has(next);
        const joins = JOINTS.has(bare) && STARTERS.has(next);
        // The joint stays: what is joined goes on about the same place.
        if (joins && (parts.at(-1)?.length ?? 0) > 0) parts.push([word]);
        else if (word.endsWith(',') && starts && !JOINTS.has(next)) {
          parts.at(-1)?.push(word.slice(0, -1));
          parts.push([]);
        } else if (!(JOINTS.has(bare) && before.endsWith(','))) parts.at(-1)?.push(word);
      });
      return parts.map((part) => part.join(' '));
    })
    .filter((part) => /\p{L}{2}|\d/u.test(part))
    .slice(0, MAX_QUESTIONS);
}

const speak = (question: string, ask?: string): Reading => ({
  question,
  agent: 'router',
  wish: ask === undefined ? 'help' : 'unclear',
  entities: [],
  devices: [],
  all: false,
  service: '',
  ask,
  because: [],
});

/** True for a part that asks for nothing new: it only belongs to its neighbour. */
function isEmptyPart(reading: Reading): boolean {
  return reading.wish === 'unclear' && reading.entities.length === 0 && reading.ask === undefined;
}

/** "br1 down, br2 slow": clauses that each name a place and want something, not all of the same specialist, are questions of their own. */
function splitClauses(part: string, read: (text: string, before: undefined) => Reading): readonly string[] {
  // "Between br1 and br2" is one place.
  const joint = /\b(?:between|both)\b/i.test(part) ? /,\s+/ : /,\s+(?:and\s+|also\s+)?|\s+(?:and|also|but|\+)\s+/i;
  const clauses = part.split(joint).filter(Boolean);
  if (clauses.length < 2) return [part];
  const readings = clauses.map((one) => read(one, undefined));
  const isWhole = ({ wish, ask, entities, because }: Reading): boolean =>
    wish !== 'unclear' &&
    ask === undefined &&
    entities.some(isPlace) &&
    because.some((why) => /^\w+ [3-9]/.test(why) || /^as learnt: .* [89]\d %$/.test(why));
  // "… but MPLS is fine" tells of what works, to help to find what does not.
  if (clauses.slice(1).every((one) => SOUND.test(one))) return [part];
  return readings.every(isWhole) && new Set(readings.map(({ agent }) => agent)).size > 1 ? clauses : [part];
}

/** A clause that says that something works, and does not ask it. */
const SOUND =
  /^(?!is |are |how |what )(?:\S+ ){1,5}(?:is|are|looks?|seems?|works?) ?(?:fine|ok|okay|good|up|green|well|clean|normal)?$/i;

/** Only "check", "look at" and the like. */
const isUrging = ({ because }: Reading): boolean =>
  because.length > 0 && because.every((why) => why.startsWith(GUESSED) || /: (?:check~|look at|is|any)$/.test(why));
const NUDGE = 3;
/** "…, check", "please look": a part that only urges what was said before. */
const isNudge = (reading: Reading, before: Reading | undefined): boolean =>
  isUrging(reading) &&
  reading.question.split(/\s+/).length <= NUDGE &&
  reading.entities.every(({ name }) => before?.entities.some((one) => one.name === name) === true);

/** "Data leaving the building? Check br4": the second part only says where. */
function joinPlaces(parts: readonly string[], read: (text: string, before: undefined) => Reading): readonly string[] {
  const joined: string[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const here = read(part, undefined);
    const before = last === undefined ? undefined : read(last, undefined);
    const saysWhere = here.entities.some(isPlace) && (here.because.length === 0 || isUrging(here));
    const isOpen =
      before !== undefined && NEEDS_PLACE.has(before.wish) && !before.all && !before.entities.some(isPlace);
    if (saysWhere && isOpen && part.split(/\s+/).length <= NUDGE) joined.splice(-1, 1, `${last} ${part}`);
    else joined.push(part);
  }
  return joined;
}
const NEEDS_PLACE = new Set(['diagnose', 'repair', 'experience', 'security', 'compliance']);

/** "It is active, why": how it is was said, and is not asked. */
const isAnswered = (reading: Reading, next: Reading | undefined): boolean =>
  reading.wish === 'status' &&
  next?.wish === 'diagnose' &&
  next.question.split(/\s+/).length <= NUDGE &&
  reading.devices.length > 0 &&
  reading.devices.join() === next.devices.join();

/** "Which agents were denied, and why": the reason belongs to what the auditor or the watcher says. */
const isItsReason = (reading: Reading, before: Reading | undefined): boolean =>
  /^(?:and )?why$/i.test(reading.question) && (before?.wish === 'compliance' || before?.wish === 'security');

/** What the text asks, in order; never empty. `before` is the last reading of the conversation. */
export function routeText(
  text: string,
  inventory: Inventory,
  { before, now }: { readonly before?: Reading | undefined; readonly now: number },
): readonly Reading[] {
  if (text.length > MAX_TEXT)
    return [
      speak('', `That is too long for me: ${text.length} characters, and I read ${MAX_TEXT}. Ask in a few sentences.`),
    ];
  const foreign = findForeign(text, (word) => KNOWN.has(word));
  if (foreign !== undefined) return [{ ...speak(text, foreign), foreign: true }];
  const index = indexNames(inventory);
  const vocabulary = vocabularyOf(index);
  const parts = splitQuestions(text);
  if (parts.length === 0) return [speak(text)];
  const readings: Reading[] = [];
  let previous = before;
  const read = (part: string, reading: Reading | undefined): Reading =>
    readQuestion(part, toWords(part, vocabulary), index, { reading, now });
  const clauses = joinPlaces(
    parts.flatMap((one) => splitClauses(one, read)),
    read,
  );
  for (const part of clauses.slice(0, MAX_QUESTIONS)) {
    const reading = read(part, previous);
    readings.push(reading);
    if (!isEmptyPart(reading) && reading.wish !== 'help') previous = reading;
  }
  const useful = readings.filter(
    (reading, at) =>
      !isEmptyPart(reading) &&
      !(reading.wish === 'help' && readings.length > 1) &&
      !(at > 0 && (isNudge(reading, readings[at - 1]) || isItsReason(reading, readings[at - 1]))) &&
      !isAnswered(reading, readings[at + 1]),
  );
  const asked = useful.length > 0 ? useful : readings.slice(0, 1);
  return mergeRepeated(asked);
}

/** "br2 is down. Why?" and "it flaps, find the root cause" ask one thing: a part that says no more than one before it is left out. */
function mergeRepeated(readings: readonly Reading[]): readonly Reading[] {
  return readings.filter(
    (reading, at) =>
      !readings.slice(0, at).some(
        (other) =>
          other.agent === reading.agent &&
          other.ask === reading.ask &&
          // What names no place asks about the whole network, which is more than the places before.
          (reading.devices.length > 0 || other.devices.length === 0) &&
          reading.devices.every((device) => other.devices.includes(device)) &&
          !reading.all,
      ),
  );
}
