/** Chooses the wish of a question: what its phrases say together with what was learnt from the examples. Pure. */
import type { Likelihood } from './learn-wishes.ts';
import type { Wish } from './lexicon.ts';
import { AGENT_OF } from './reading.ts';
import type { Scores } from './score-wishes.ts';

/** When two wishes fit equally well, the more specific one comes first. */
const PREFERENCE: readonly Wish[] = [
  'repair',
  'change',
  'security',
  'compliance',
  'experience',
  'diagnose',
  'incidents',
  'status',
  'list',
  'help',
];
/** Least score of a wish that was meant; below it the words are noise, or go on with the question before. */
export const ENOUGH = 2;
/** Two different specialists that fit about equally well, and clearly: the person is asked. */
const CLEAR = 5;
const CLOSE = 0;
export interface Best {
  readonly wish: Wish | 'unclear';
  readonly rival?: Wish | undefined;
  readonly score: number;
}

/** The wish with the greatest sum of phrases. */
export function choose(scores: Scores): Best {
  const ranked = PREFERENCE.map((wish) => ({ wish, score: scores[wish] })).sort((a, b) => b.score - a.score);
  const [first, second] = ranked;
  if (!first || first.score < ENOUGH) return { wish: 'unclear', score: first?.score ?? 0 };
  const isClose = second !== undefined && second.score >= CLEAR && first.score - second.score <= CLOSE;
  const rival = isClose && AGENT_OF[first.wish] !== AGENT_OF[second.wish] ? second.wish : undefined;
  return { wish: first.wish, score: first.score, rival };
}

/** What the examples make as likely as can be counts as much as a phrase that decides nearly alone. */
const GUESS = 6;
/** A guess below this says nothing, and one from here on decides between two wishes that the phrases make equal. */
const UNSURE = 0.25;
export const SURE = 0.6;

/** The phrases and what was learnt from the examples together. */
export function weighGuess(plain: Best, scores: Scores, guess: Likelihood): Best {
  const likely = (wish: Wish): number => (guess[wish] >= UNSURE ? GUESS * guess[wish] : 0);
  const both = choose({
    diagnose: scores.diagnose + likely('diagnose'),
    repair: scores.repair + likely('repair'),
    change: scores.change + likely('change'),
    status: scores.status + likely('status'),
    experience: scores.experience + likely('experience'),
    compliance: scores.compliance + likely('compliance'),
    security: scores.security + likely('security'),
    list: scores.list + likely('list'),
    incidents: scores.incidents + likely('incidents'),
    help: (scores.help >= 4 ? scores.help : 0) + likely('help'),
  });
  // What has no meaning here, in spite of a word that could have one.
  if (both.score < GUESS * guess.unclear) return { wish: 'unclear', score: 0 };
  const rivals = plain.rival === undefined || plain.wish === 'unclear' ? [] : [plain.wish, plain.rival];
  const isOpen = rivals.length > 0 && rivals.every((wish) => guess[wish] < SURE);
  return isOpen ? plain : both;
}

/** Begins what a reading says of the guess. */
export const GUESSED = 'as learnt';
/** A guess in words, for whoever asks why. */
export const tellGuess = (guess: Likelihood): readonly string[] =>
  Object.entries(guess).flatMap(([wish, share]) =>
    share >= UNSURE ? [`${GUESSED}: ${wish} ${Math.round(100 * share)} %`] : [],
  );
