/** What of an audit a question asks for; everything when it names nothing. */

export const ASPECTS = ['drift', 'rules', 'actions', 'changes', 'clients'] as const;
export type Aspect = (typeof ASPECTS)[number];

const say = (text: string): readonly string[] => text.split('|');

/** Beginnings of words that ask for an aspect. */
const WORDS: { readonly [Name in Aspect]: readonly string[] } = {
  drift: say('drift|sync|intended|supposed|template|differ|diff|match|running|desired'),
  rules: say('rule|golden|standard|harden|baseline|deviat|violat|cis|best'),
  actions: say('agent|ai|denied|denial|approv|review|observe|emergency|glass|break-glass|rubber|permission|refus'),
  changes: say('change|changed|who|touched|commit|edited|modified|outside|login|logged|made|bypass|manual|unauthori'),
  clients: say('mcp|client|server'),
};
/** Questions about all of it. */
const WHOLE = say('nist|zero|posture|report|complian|comply|audit');

/** Aspects of a question. */
export function findAspects(question: string): ReadonlySet<Aspect> {
  const words: readonly string[] = question.toLowerCase().match(/[a-z-]+/g) ?? [];
  const names = (some: readonly string[]): boolean =>
    some.some((beginning) =>
      words.some((word) => word === beginning || (beginning.length > 3 && word.startsWith(beginning))),
    );
  const found = ASPECTS.filter((aspect) => names(WORDS[aspect]));
  return new Set(found.length === 0 || (names(WHOLE) && !words.includes('log')) ? ASPECTS : found);
}
