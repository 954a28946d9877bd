/** What a follow-up takes over from the question before it. */
import { CONTINUES } from './lexicon.ts';
import type { Entity, NameIndex } from './name-index.ts';
import { lastPart } from './name-index.ts';

/** What is asked about, as opposed to who feels it and what with. */
export const isPlace = ({ kind }: Entity): boolean => kind !== 'application' && kind !== 'user';

/** Entities of the question before that still hold: all of them, or those of other kinds than what is named now. */
export function inherit(
  now: readonly Entity[],
  before: readonly Entity[],
  colors: readonly string[],
  index: NameIndex,
): readonly Entity[] {
  const replaced = now.some((one) => isPlace(one) && one.kind !== 'transport');
  const kept = before
    .filter((one) => (replaced ? !isPlace(one) : true))
    .filter(({ kind }) => !now.some((one) => one.kind === kind));
  const added = now.filter(({ kind }) => kind !== 'transport' || !kept.some(({ kind: other }) => other === 'site'));
  // "And the internet one?": the circuit of the same site in another colour.
  const here = kept.filter(({ kind }) => kind === 'site').map(({ name }) => lastPart(name));
  const circuits = here.flatMap((site) =>
    colors
      .filter((color) =>
        index.inventory.circuits.some(
          (one) => one.color === color && (index.sites.get(site) ?? []).includes(one.device),
        ),
      )
      .map((color): Entity => ({ kind: 'circuit', name: `circuit/${site}/${color}`, part: 'subject' })),
  );
  const rest = circuits.length > 0 ? kept.filter(({ kind }) => kind !== 'circuit') : kept;
  return [...added, ...rest, ...circuits];
}

/** True when the words add something to the question before instead of asking a new one. */
export function continues(words: readonly string[]): boolean {
  const text = `${words.join(' ')} `;
  return (
    CONTINUES.some((phrase) => text.startsWith(`${phrase} `)) ||
    words.at(-1) === 'too' ||
    (words.at(-1) === 'well' && words.at(-2) === 'as')
  );
}
