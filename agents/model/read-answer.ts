/** Reads what a language model answered, and believes as little of it as possible. Pure. */
import type { z } from 'zod';
import { AnswerRefused } from './consult.ts';

/** Longest text that is taken. */
const MAX_TEXT = 4_000;
/** Links, markup that hides, and words by which a report would be turned into its opposite or into an order. */
const LINK = /\w+:\/\/|\bwww\./i;
const HIDDEN = /[^\P{C}\n]/u;
const TURNING =
  /\b(?:healthy|no fault|nothing (?:is )?wrong|false alarm|ignore|disregard|approved?|permitted|authori[sz]ed|resolved|fixed|planned|safe to|you (?:must|should)|please run|execute)\b/gi;

/** The one JSON object of the answer, in the form given. Throws `AnswerRefused`. */
export function readJsonAnswer<Value>(text: string, form: z.ZodType<Value>): Value {
  const bare = text
    .trim()
    .replace(/^```(?:json)?\s*/i, '')
    .replace(/\s*```$/, '');
  if (bare.length > MAX_TEXT) throw new AnswerRefused('it said more than was asked for');
  try {
    return form.parse(JSON.parse(bare));
  } catch {
    throw new AnswerRefused('it did not answer in the form asked for');
  }
}

const idsOf = (text: string): ReadonlySet<string> => new Set(text.match(/evd_[A-Za-z0-9]+/g));
/** Names have a joint in them: `br2_edge`, `node/br2_edge`, `bgp_asn_mismatch`, `ge0/0`. */
const namesOf = (text: string): readonly string[] =>
  (text.match(/[\p{L}\p{N}]+(?:[_/:@-]+[\p{L}\p{N}.]+)*[_/:@][\p{L}\p{N}._/:@-]+/gu) ?? []).map((name) =>
    name.replace(/[.:,-]+$/, ''),
  );
/** Figures, and words with figures in them (`hub1`); those of evidence ids are no figures. */
const figuresOf = (text: string): readonly string[] =>
  text.replace(/evd_[A-Za-z0-9]+/g, '').match(/[A-Za-z]*\d+(?:\.\d+)?/g) ?? [];

/**
 * A report in other words. Throws `AnswerRefused` unless it cites exactly the evidence of the report, keeps every word of
 * `keep`, and brings no name, figure or link of its own, nor a word that turns the report round.
 */
export function readPhrased(text: string, report: string, keep: readonly string[]): string {
  const plain = text.trim();
  const refuse = (why: string): never => {
    throw new AnswerRefused(why);
  };
  if (plain === '' || plain.length > MAX_TEXT) refuse('what it said is empty or too long');
  if (LINK.test(plain) || HIDDEN.test(plain)) refuse('it brought in a link or hidden text');
  const wanted = idsOf(report);
  const given = idsOf(plain);
  if (wanted.size !== given.size || [...wanted].some((id) => !given.has(id))) refuse('it did not keep the evidence');
  if (keep.some((word) => !plain.includes(word))) refuse('it left out a cause');
  const names = new Set(namesOf(report).flatMap((name) => [name, ...name.split(/[/:]|--/)]));
  if (namesOf(plain).some((name) => !names.has(name))) refuse('it named something that is not in the report');
  const figures = new Set(figuresOf(report));
  if (figuresOf(plain).some((figure) => !figures.has(figure))) refuse('it gave a figure that is not in the report');
  const lower = report.toLowerCase();
  if ((plain.toLowerCase().match(TURNING) ?? []).some((word) => !lower.includes(word)))
    refuse('it drew a conclusion of its own');
  return plain;
}
