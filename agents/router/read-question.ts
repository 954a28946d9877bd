/** Reads one question, or what to ask back. Pure. */

import { type Best, choose, ENOUGH, SURE, tellGuess, weighGuess } from './choose-wish.ts';
import { continues, inherit, isPlace } from './follow-up.ts';
import { guessWish } from './learn-wishes.ts';
import type { Wish } from './lexicon.ts';
import { ACKNOWLEDGING, FILLER, POINTERS, POLITE } from './lexicon.ts';
import type { NameIndex } from './name-index.ts';
import { lastPart } from './name-index.ts';
import { isOnlyPlumbing, presume, readChoice } from './presume.ts';
import { readTime } from './read-time.ts';
import type { Reading } from './reading.ts';
import { AGENT_OF, devicesOf } from './reading.ts';
import type { Entities } from './resolve-entities.ts';
import { resolveEntities } from './resolve-entities.ts';
import type { Found } from './score-wishes.ts';
import { findPhrases, scoreWishes } from './score-wishes.ts';

const ORDER = 2;
/** "Br2 down?" asks how it is; a longer text that ends so tells of something. */
const SHORT = 4;
const WHICH = /^(?:why|what|who|how|where|when|which|reason|cause|anyone|idea)$/;
/** Likelihood from which words that point back ("there") ask something new all the same. */
const CERTAIN = 0.9;
const VAGUE = new Set<string>([
  'check~',
  'look at',
  'any',
  'anything',
  'is',
  'are',
  'all',
  'what',
  'give me',
  'tell me',
  'show',
  'which',
  'not',
  'no',
  'users',
  '{app}',
  '{user}',
  '{link}',
  '{port}',
  'good',
  'the network',
]);

/** What the specialists are for, in the words of a question back. */
const PURPOSE: { readonly [Name in Wish]: string } = {
  diagnose: 'find the cause of a fault',
  repair: 'propose a repair',
  change: 'propose a change',
  status: 'tell how healthy it is',
  experience: 'look at how well applications run for people',
  compliance: 'check it against the rules and the audit log',
  security: 'look for attacks',
  list: 'list what there is',
  incidents: 'list incidents',
  help: 'tell what I can do',
};

/** A question back, when a name is unknown or could be several; undefined when there is nothing to ask. */
function askAbout({ unknown, ambiguous }: Entities, { sites }: NameIndex): string | undefined {
  const [unclear] = ambiguous;
  const list = (names: readonly string[]): string =>
    names.length > MAX_NAMES
      ? `${names.slice(0, MAX_NAMES).join(', ')} and ${names.length - MAX_NAMES} more`
      : names.join(', ');
  if (unclear) return `Which one do you mean by "${unclear.word}": ${list(unclear.options)}?`;
  if (unknown.length === 0) return undefined;
  return `I do not know ${list(unknown)} here. The sites I know are ${list([...sites.keys()])}; "list devices" shows all devices.`;
}
const MAX_NAMES = 20;

export interface Before {
  /** The question before, in this text or in the conversation. */
  readonly reading?: Reading | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Reads the words of one question. */
export function readQuestion(
  text: string,
  words: readonly string[],
  index: NameIndex,
  { reading: before, now }: Before,
): Reading {
  const question = text.replace(/[\s?]+$/, '');
  const time = readTime(words, now);
  const said = time ? [...words.slice(0, time.at), ...words.slice(time.at + time.words)] : words;
  // "Ok, and the voice there?": what was said to the answer before is no part of the question.
  const starts = said.findIndex((word) => !ACKNOWLEDGING.has(word) && word !== ',');
  const timeless = starts > 0 ? said.slice(starts) : said;
  const resolved = resolveEntities(timeless, index);
  const { entities: own, all, colors } = resolved;
  const isPolite = timeless.length > 0 && timeless.every((word) => POLITE.has(word));
  const isDone = timeless.length > 0 && timeless.every((word) => ACKNOWLEDGING.has(word));
  const phrases: readonly Found[] = findPhrases(resolved.words);
  let scores = scoreWishes(phrases);
  // "Is it DNS again": a service that nobody feels is no matter of how well it runs for people.
  if (isOnlyPlumbing(own) && phrases.every(({ wish, phrase }) => wish !== 'experience' || phrase === '{app}'))
    scores = { ...scores, diagnose: scores.diagnose + scores.experience, experience: 0 };
  // "Roll back the last change": a sentence that begins with what to do asks for that.
  const first = resolved.words.findIndex((word) => !FILLER.has(word));
  const order = phrases.find(
    ({ wish: name, from }) => (name === 'repair' || name === 'change') && from === first,
  )?.wish;
  if (order !== undefined) scores = { ...scores, [order]: scores[order] + ORDER };
  // "Is br2 down?" wants to know how it is; "br2 is down" wants to know why.
  const asksWhether =
    /^(?:is|are|did|has|have)$/.test(timeless[0] ?? '') ||
    (text.endsWith('?') &&
      timeless.length <= SHORT &&
      !timeless.some((word) => WHICH.test(word)) &&
      phrases.some(({ phrase }) => STATES.has(phrase))) ||
    timeless.slice(0, 2).join(' ') === 'how many' ||
    timeless.at(-1) === 'right';
  if (
    asksWhether &&
    scores.diagnose > 0 &&
    phrases.every(({ wish, phrase }) => wish !== 'diagnose' || STATES.has(phrase))
  )
    scores = { ...scores, status: scores.status + scores.diagnose };
  // "Which sites have poor voice" wants the voice: a list is what is wanted when nothing else is.
  if (Math.max(scores.diagnose, scores.experience, scores.compliance, scores.security, scores.status) > LISTED)
    scores = {
      ...scores,
      list: phrases.some(({ phrase }) => EXPLICIT.has(phrase)) ? scores.list : Math.min(scores.list, LISTED),
    };
  const plain = choose(isPolite ? scores : { ...scores, help: scores.help >= 4 ? scores.help : 0 });
  const likely = guessWish(resolved.named);
  const isState = asksWhether && phrases.every(({ wish, phrase }) => wish !== 'diagnose' || STATES.has(phrase));
  const guess = isState ? { ...likely, status: likely.status + likely.diagnose, diagnose: 0 } : likely;
  const best = isPolite ? plain : weighGuess(plain, scores, guess);
  const bare =
    timeless.filter((word) => !FILLER.has(word)).length === 0 || phrases.every(({ phrase }) => VAGUE.has(phrase));
  const goesOn = continues(timeless);
  // "The 2nd", after a question back, and "same for 3".
  const mayChoose = before !== undefined && (before.ask !== undefined || goesOn) && !own.some(isPlace);
  const chosen = mayChoose ? readChoice(timeless, index) : undefined;
  const hasPlace = own.some(isPlace) || all || resolved.unknown.length > 0;
  // "Still broken?", "up yet?" ask about what was spoken of, like "is it up".
  const points = timeless.some((word) => POINTERS.has(word)) || timeless[0] === 'still' || timeless.at(-1) === 'yet';

  let wish: Best['wish'] = isDone ? 'help' : best.wish;
  let entities = chosen === undefined ? own : [...own, chosen];
  let ambiguous = resolved.ambiguous;
  let range = time?.range;
  if (chosen !== undefined && before !== undefined) {
    wish = before.wish;
  } else if (before !== undefined && !isPolite && !isDone && before.wish !== 'help') {
    const isGuessed = Object.entries(guess).some(
      ([name, share]) => share >= (points ? CERTAIN : SURE) && !(points && name === 'status' && !asksWhether),
    );
    const weak = !isGuessed && (plain.wish === 'unclear' || (bare && plain.score < 4));
    const short =
      timeless.every((word) => FILLER.has(word) || word === ',') || (own.length > 0 && plain.score < ENOUGH);
    if (
      weak &&
      (ELLIPTIC.has(timeless.join(' ')) ||
        goesOn ||
        short ||
        (points && !all) ||
        (time !== undefined && own.length === 0))
    ) {
      // After "is br2 healthy", "and the voice?" asks how it runs for people.
      const isOfService = before.wish === 'status' && own.some(({ kind }) => kind === 'application');
      wish = isOfService ? 'experience' : before.wish;
      if (!all) entities = inherit(own, before.entities, colors, index);
      range ??= before.time;
    } else if (
      !hasPlace &&
      !weak &&
      (points ||
        timeless.length === 1 ||
        wish === 'diagnose' ||
        wish === 'repair' ||
        ambiguous.length > 0 ||
        ELLIPTIC.has(timeless.join(' ')) ||
        (goesOn && !all)) &&
      wish !== 'list' &&
      wish !== 'incidents'
    ) {
      entities = [...own, ...before.entities.filter((one) => isPlace(one) && one.kind !== 'record')];
    }
    if (
      entities.some(isPlace) &&
      resolved.ambiguous.every(({ word }) => !own.some(({ name }) => lastPart(name) === word))
    )
      ambiguous = own.some(isPlace) ? resolved.ambiguous : [];
  }
  if (wish === 'unclear' && own.some(isPlace)) wish = presume(own, resolved.words);
  const silent = wish === 'help' || wish === 'unclear' || wish === 'list' || wish === 'incidents';
  const rest = timeless.filter((word) => !FILLER.has(word) && word !== ',' && word !== 'why');
  const isNothing =
    before === undefined &&
    own.length === 0 &&
    !all &&
    (ELLIPTIC.has(timeless.join(' ')) ||
      (rest.length === 1 && BARE.has(rest[0] ?? '') && resolved.ambiguous.length === 0));
  const back = isNothing
    ? 'About what? Name a site, a device or an application.'
    : silent
      ? undefined
      : askAbout({ ...resolved, ambiguous: chosen === undefined ? ambiguous : [] }, index);
  const rival = best.rival;
  const either =
    rival !== undefined && wish === best.wish && wish !== 'unclear'
      ? `Shall I ${PURPOSE[wish]}, or ${PURPOSE[rival]}?`
      : undefined;
  const ask = back ?? either;
  return {
    question,
    agent: ask === undefined ? AGENT_OF[wish] : 'router',
    wish,
    entities,
    devices: devicesOf(entities, index),
    all,
    service: lastPart(entities.find(({ kind }) => kind === 'application')?.name ?? ''),
    time: range,
    ask,
    because: [...phrases.map(({ phrase, wish: name, weight }) => `${name} ${weight}: ${phrase}`), ...tellGuess(guess)],
  };
}

/** States that somebody may ask about without knowing of a fault. */
const STATES = new Set([
  'down',
  'offline',
  'dead',
  'unreachable',
  'dark',
  'flap~',
  'bounc~',
  'broken',
  'not',
  '{link}',
  '{port}',
  'tunnel~',
  'bgp',
  'bfd',
  'ospf',
  'ipsec',
  'vrrp',
  'not up',
  'route~',
  'gone',
]);
/** Score of a list that only goes along with another wish, and the words that want one in any case. */
const LISTED = 2;
const EXPLICIT = new Set([
  'list',
  'enumerate',
  'how many',
  'list all',
  'inventory',
  'show devices',
  'show sites',
  'show hosts',
  'show circuits',
  'show applications',
  'show providers',
  'names of',
]);

/** Complaints that make no sense without a place. */
const BARE = new Set('down|slow|dead|offline|broken|unreachable|bad|choppy|laggy|flapping'.split('|'));
/** Questions that make no sense alone. */
const ELLIPTIC = new Set([
  'why',
  'why is that',
  'how come',
  'what happened',
  'since when',
  'what is wrong',
  'fix it',
  'repair it',
  'do it',
  'go ahead',
  'details',
  'more',
  'still',
  'still there',
  'still so',
  'since when',
  'how long',
  'how bad',
  'how bad is it',
  'any news',
  'any update',
  'any luck',
  'and now',
  'really',
  'again',
]);
